/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_snmpd.c - does snmpd's configuration let managers see our subtree? */
#include <string.h>

#include "base/file.h"
#include "cli/doctor.h"
#include "cli/snmpd_conf.h"

static void
snmpd_master(struct dmp_doctor *d, const struct dmp_snmpd_conf *conf)
{
	if (conf->is_master)
		dmp_doctor_say(d, DMP_VERDICT_OK, "snmpd.conf: master", NULL,
		    "snmpd is an AgentX master");
	else
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "snmpd.conf: master",
		    "master agentx",
		    "snmpd is no AgentX master; add to %s, and restart snmpd",
		    d->snmpd_conf);
}

/* snmpd and the daemon must mean the same socket. */
static void
snmpd_socket(struct dmp_doctor *d, const struct dmp_snmpd_conf *conf)
{
	const char *theirs =
	    *conf->agentx_socket ? conf->agentx_socket : DMP_SNMPD_AGENTX;
	const char *their_path = dmp_doctor_unix_path(theirs);
	const char *our_path = dmp_doctor_unix_path(d->agentx);
	char mend[DMP_SNMPD_WORD + 32];

	if (strcmp(their_path ? their_path : theirs, our_path ? our_path : d->agentx) ==
	    0) {
		dmp_doctor_say(d, DMP_VERDICT_OK, "snmpd.conf: agentXSocket", NULL,
		    "snmpd and dmportsd both use %s", theirs);
		return;
	}
	dmp_text_format(mend, sizeof(mend), "agentXSocket %s", d->agentx);
	dmp_doctor_say(d, DMP_VERDICT_FAIL, "snmpd.conf: agentXSocket", mend,
	    "snmpd listens on %s, dmportsd connects to %s; add to %s, and restart "
	    "snmpd (or change agentx= in the site file)",
	    theirs, d->agentx, d->snmpd_conf);
}

/* Has an earlier reader the same view? */
static bool
snmpd_is_told(const struct dmp_snmpd_conf *conf, size_t reader)
{
	for (size_t i = 0; i < reader; i++) {
		if (strcmp(conf->readers[i].view, conf->readers[reader].view) == 0 &&
		    *conf->readers[i].view)
			return true;
	}
	return false;
}

static void
snmpd_reader(struct dmp_doctor *d, const struct dmp_snmpd_conf *conf,
    const struct dmp_snmpd_reader *reader)
{
	struct dmp_text root = {0};
	char mend[512];

	for (size_t i = 0; i < d->root_len; i++)
		dmp_text_printf(&root, ".%u", d->root[i]);
	dmp_text_format(mend, sizeof(mend), "view %s included %s",
	    *reader->view ? reader->view : "dmports", dmp_text_get(&root));
	switch (dmp_snmpd_conf_sees(conf, reader, d->root, d->root_len)) {
	case DMP_SIGHT_VISIBLE:
		dmp_doctor_say(d, DMP_VERDICT_OK, "snmpd.conf: view", NULL,
		    "%s%s shows our subtree", *reader->view ? "view " : "everything",
		    reader->view);
		break;
	case DMP_SIGHT_UNKNOWN:
		dmp_doctor_say(d, DMP_VERDICT_WARN, "snmpd.conf: view", mend,
		    "cannot tell whether view %s shows our subtree: it is written "
		    "with names; to be sure, add",
		    reader->view);
		break;
	case DMP_SIGHT_UNDEFINED:
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "snmpd.conf: view", mend,
		    "view %s is used, but defined nowhere; add to %s, and restart "
		    "snmpd",
		    reader->view, d->snmpd_conf);
		break;
	case DMP_SIGHT_HIDDEN:
		if (*reader->view)
			dmp_doctor_say(d, DMP_VERDICT_FAIL, "snmpd.conf: view", mend,
			    "view %s hides our subtree: walks of it come back empty; "
			    "add to %s, and restart snmpd",
			    reader->view, d->snmpd_conf);
		else
			dmp_doctor_say(d, DMP_VERDICT_FAIL, "snmpd.conf: view", mend,
			    "a community or user is restricted to a subtree without "
			    "ours; give it a view instead (-V dmports) in %s",
			    d->snmpd_conf);
		break;
	}
	dmp_text_done(&root);
}

static void
snmpd_views(struct dmp_doctor *d, const struct dmp_snmpd_conf *conf)
{
	for (size_t i = 0; i < conf->n_readers; i++) {
		if (!snmpd_is_told(conf, i))
			snmpd_reader(d, conf, &conf->readers[i]);
	}
	if (conf->n_readers == 0)
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "snmpd.conf: access",
		    "rouser USER authpriv -V dmports",
		    "no community and no user may read anything; add to %s (and "
		    "create the user: net-snmp-create-v3-user)",
		    d->snmpd_conf);
}

/* Does the site file list receivers of this kind: the master, or direct ones, which
 * make snmpd's sinks needless? */
static bool
snmpd_has_receiver(const struct dmp_doctor *d, bool is_agentx)
{
	const struct dmp_site *site = d->plan ? d->plan->site : NULL;

	for (size_t i = 0; site && i < site->n_receivers; i++) {
		if ((site->receivers[i].type == DMP_RECEIVER_AGENTX) == is_agentx)
			return true;
	}
	return false;
}

static void
snmpd_sinks(struct dmp_doctor *d, const struct dmp_snmpd_conf *conf)
{
	if (conf->n_sinks > 0)
		dmp_doctor_say(d, DMP_VERDICT_OK, "snmpd.conf: sinks", NULL,
		    "snmpd forwards notifications to %zu receivers", conf->n_sinks);
	else if (snmpd_has_receiver(d, false) && !snmpd_has_receiver(d, true))
		dmp_doctor_say(d, DMP_VERDICT_OK, "snmpd.conf: sinks", NULL,
		    "none, and none needed: the site file lists receivers");
	else if (snmpd_has_receiver(d, false))
		dmp_doctor_say(d, DMP_VERDICT_WARN, "snmpd.conf: sinks",
		    "trap2sink 192.0.2.11 COMMUNITY",
		    "no trapsink, trap2sink, informsink or trapsess: only the direct "
		    "receivers of the site file are told; add to %s one with your "
		    "manager's address, or take the receiver with type=\"agentx\" out "
		    "of the site file",
		    d->snmpd_conf);
	else
		dmp_doctor_say(d, DMP_VERDICT_WARN, "snmpd.conf: sinks",
		    "trap2sink 192.0.2.11 COMMUNITY",
		    "no trapsink, trap2sink, informsink or trapsess: nobody is told "
		    "of anything; add to %s one with your manager's address, or a "
		    "<receiver> to the site file",
		    d->snmpd_conf);
}

void
dmp_doctor_snmpd(struct dmp_doctor *d)
{
	struct dmp_snmpd_conf conf = {.is_master = false};
	enum dmp_status status = dmp_snmpd_conf_read(d->snmpd_conf, &conf);

	if (status == DMP_EPERM) {
		dmp_doctor_say(d, DMP_VERDICT_WARN, "snmpd.conf",
		    "run dmports doctor as root", "not permitted to read %s",
		    d->snmpd_conf);
	} else if (status != DMP_OK) {
		dmp_doctor_say(d, DMP_VERDICT_FAIL, "snmpd.conf",
		    "apt install snmpd, or give --snmpd-conf", "%s: %s", d->snmpd_conf,
		    dmp_file_text(status));
	} else {
		if (conf.problems.size > 0)
			dmp_doctor_say(d, DMP_VERDICT_WARN, "snmpd.conf",
			    "run dmports doctor as root", "not everything was read: %s",
			    dmp_text_get(&conf.problems));
		snmpd_master(d, &conf);
		snmpd_socket(d, &conf);
		snmpd_views(d, &conf);
		snmpd_sinks(d, &conf);
	}
	dmp_snmpd_conf_done(&conf);
}
