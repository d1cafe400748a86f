/* SPDX-License-Identifier: BSD-2-Clause */
/* site_receiver.c - what the attributes of a receiver mean together, and beside others.
 */
#include <string.h>
#include <strings.h>

#include "model/site_load.h"

static void
receiver_complain(struct dmp_xml_report *report, const struct dmp_site_receiver *r,
    const char *what, const char *got, const char *expected)
{
	dmp_site_complain(report, &r->place,
	    &(struct dmp_site_complaint){"receiver", what, got, expected});
}

static void
receiver_check_direct(const struct dmp_site_receiver *r, struct dmp_xml_report *report)
{
	bool v3 = r->version == 3;

	if (!r->address)
		receiver_complain(
		    report, r, "address is missing", "", "an IP address or a DNS name");
	if (v3 && !r->user)
		receiver_complain(
		    report, r, "user is missing", "", "a user name with version=\"3\"");
	if (!v3 && !r->community_file)
		receiver_complain(report, r, "community-file is missing", "",
		    "a file with version=\"2c\"");
	if (v3 && r->community_file)
		receiver_complain(report, r, "community-file", r->community_file,
		    "none with version=\"3\"");
	if (!v3 && (r->user || r->auth || r->priv || r->engine_id))
		receiver_complain(report, r,
		    "user, auth, priv and engine-id with version", "2c", "version 3");
	if (!r->auth != !r->auth_file)
		receiver_complain(report, r, "auth without auth-file or reverse",
		    r->auth ? r->auth : "", "both");
	if (!r->priv != !r->priv_file)
		receiver_complain(report, r, "priv without priv-file or reverse",
		    r->priv ? r->priv : "", "both");
	if (r->priv && !r->auth)
		receiver_complain(report, r, "priv without auth", r->priv,
		    "an auth protocol as well");
}

static bool
receiver_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Are the users of both those of one SNMP engine?  Those of traps are of our own, those
 * of informs of the engine that takes them: of one address and port, or told. */
static bool
receiver_same_engine(
    const struct dmp_site_receiver *a, const struct dmp_site_receiver *b)
{
	if (a->type != b->type || a->version != 3 || b->version != 3)
		return false;
	if (a->type == DMP_RECEIVER_TRAP)
		return true;
	if (a->type != DMP_RECEIVER_INFORM)
		return false;
	if (a->engine_id && b->engine_id)
		return strcasecmp(a->engine_id, b->engine_id) == 0;
	return a->address && b->address && strcasecmp(a->address, b->address) == 0 &&
	       a->port == b->port;
}

static bool
receiver_same_keys(const struct dmp_site_receiver *a, const struct dmp_site_receiver *b)
{
	return receiver_same_text(a->auth, b->auth) &&
	       receiver_same_text(a->auth_file, b->auth_file) &&
	       receiver_same_text(a->priv, b->priv) &&
	       receiver_same_text(a->priv_file, b->priv_file);
}

/* In one engine a name has one set of keys (RFC 3414 2.1): those of the first. */
static void
receiver_check_keys(
    const struct dmp_site *site, size_t index, struct dmp_xml_report *report)
{
	const struct dmp_site_receiver *r = &site->receivers[index];
	const struct dmp_site_receiver *first = site->receivers;
	struct dmp_text what = {0};

	while (first < r && (!receiver_same_text(r->user, first->user) ||
	                        !receiver_same_engine(r, first)))
		first++;
	if (!r->user || first == r || receiver_same_keys(r, first))
		return;
	dmp_text_printf(&what,
	    "user of the same SNMP engine with other keys than in %s:%u",
	    first->place.file, first->place.line);
	receiver_complain(report, r, dmp_text_get(&what), r->user,
	    "the same auth and priv, with the same files, or another name");
	dmp_text_done(&what);
}

void
dmp_site_check_receiver(
    const struct dmp_site *site, size_t index, struct dmp_xml_report *report)
{
	const struct dmp_site_receiver *r = &site->receivers[index];

	receiver_check_keys(site, index, report);
	if (r->type == DMP_RECEIVER_TRAP || r->type == DMP_RECEIVER_INFORM)
		receiver_check_direct(r, report);
	else if (r->type == DMP_RECEIVER_AGENTX && r->address)
		receiver_complain(
		    report, r, "address with type agentx", r->address, "none");
}
