/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMS.xml: the Agents, and how this one reaches the others.  The Agent that has no id
 * is the one whose file it is.  What may stand in a Failover element is not documented:
 * it is not looked at.
 */
#include <string.h>
#include <strings.h>

#include "model/importer_xml.h"
#include "model/site_value.h"

static void
dms_read_dma(struct dmp_import_reader *r, const struct dmp_xml_element *element)
{
	const char *id = dmp_import_attribute(element, "id");
	struct dmp_import_endpoint at;
	struct dmp_import_dma *dma;
	uint64_t number = 0;

	if (id && *id && !dmp_text_number(id, 1, INT32_MAX, &number)) {
		dmp_import_problem(r, element->line, "expected a number as id");
		return;
	}
	if (!dmp_import_take_endpoint(
	        r, element, dmp_import_attribute(element, "ip"), &at))
		return;
	dma =
	    dmp_import_grow(r->import, &r->agent->dmas, &r->agent->n_dmas, sizeof *dma);
	if (!dma)
		return;
	dmp_text_copy(dma->address, sizeof dma->address, at.address);
	dma->id = (uint32_t)number;
}

/* An address, perhaps with * and ? in it. */
static bool
dms_is_pattern(const char *text)
{
	char probe[DMP_IMPORT_ADDRESS];
	size_t n = strlen(text);

	if (n == 0 || n >= sizeof probe)
		return false;
	for (size_t i = 0; i <= n; i++)
		probe[i] = text[i] == '*' || text[i] == '?' ? '1' : text[i];
	return text[strspn(text, "0123456789.*?")] == '\0' ||
	       dmp_site_is_address(probe);
}

/* auto://nodetect[/], auto://HOST[:PORT][/WHAT]: the port is that of the detection, and
 * what is spoken in the end is .NET Remoting. */
static bool
via_read_auto(const char *rest, struct dmp_import_redirect *redirect)
{
	if (strcasecmp(rest, "nodetect") == 0 || strcasecmp(rest, "nodetect/") == 0) {
		redirect->via = DMP_IMPORT_VIA_REMOTING;
		return true;
	}
	redirect->via = DMP_IMPORT_VIA_DETECT;
	if (*rest == '/')
		return true;
	if (!dmp_import_parse_endpoint(rest, &redirect->at))
		return false;
	redirect->at.port = 0;
	return true;
}

/* The path of a URL, without its query and a slash at its end. */
static void
via_path(const char *via, char *path, size_t size)
{
	const char *start = strstr(via, "://");
	size_t n;

	start = start ? strchr(start + 3, '/') : NULL;
	n = start ? strcspn(start, "?# ") : 0;
	while (n > 0 && start[n - 1] == '/')
		n--;
	if (n >= size)
		n = size - 1;
	if (n > 0)
		memcpy(path, start, n);
	path[n] = '\0';
}

/* False when the form is not known. */
static bool
via_read(const char *via, struct dmp_import_redirect *redirect)
{
	char path[32];

	if (strncasecmp(via, "auto://", 7) == 0)
		return via_read_auto(via + 7, redirect);
	via_path(via, path, sizeof path);
	if (!dmp_import_parse_endpoint(via, &redirect->at))
		return false;
	if (strncasecmp(via, "https://", 8) == 0) {
		redirect->via = DMP_IMPORT_VIA_GRPC;
		return strcasecmp(path, "/APIGateway") == 0;
	}
	if (strncasecmp(via, "http://", 7) != 0)
		return false;
	if (strcasecmp(path, "/SLNetService") == 0) {
		redirect->via = DMP_IMPORT_VIA_REMOTING;
		return true;
	}
	redirect->via = DMP_IMPORT_VIA_DETECT;
	redirect->at.port = 0;
	return path[0] == '\0';
}

static void
dms_read_redirect(struct dmp_import_reader *r, const struct dmp_xml_element *element)
{
	const char *to = dmp_import_attribute(element, "to");
	const char *via = dmp_import_attribute(element, "via");
	struct dmp_import_redirect redirect = {.at.port = 0};
	struct dmp_import_redirect *slot;
	char trimmed[DMP_IMPORT_ITEM];

	if (!to || !dms_is_pattern(to)) {
		dmp_import_problem(r, element->line,
		    "to of a Redirect is no address, with or without wildcards");
		return;
	}
	/* Without via there are only credentials in it. */
	if (!via || !dmp_import_trim(via, strlen(via), trimmed, sizeof trimmed) ||
	    trimmed[0] == '\0')
		return;
	if (!via_read(trimmed, &redirect)) {
		dmp_import_problem(r, element->line,
		    "via of a Redirect has a form that is not known, it is left out");
		return;
	}
	dmp_text_copy(redirect.to, sizeof redirect.to, to);
	slot = dmp_import_grow(
	    r->import, &r->agent->redirects, &r->agent->n_redirects, sizeof redirect);
	if (slot)
		*slot = redirect;
}

/* Letters, digits, '.', '_' and '-' stay, all else becomes '-'. */
static void
dms_read_cluster(struct dmp_import_reader *r, const struct dmp_xml_element *cluster)
{
	static const char GOOD[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789._-";
	const char *name = dmp_import_attribute(cluster, "name");
	char *out = r->agent->cluster;

	if (!name ||
	    !dmp_import_trim(name, strlen(name), out, sizeof r->agent->cluster)) {
		if (name)
			dmp_import_problem(r, cluster->line,
			    "the name of the cluster has more than 63 characters");
		return;
	}
	for (; *out; out++) {
		if (!strchr(GOOD, *out))
			*out = '-';
	}
}

void
dmp_import_read_dms(struct dmp_import_reader *r)
{
	struct dmp_xml *xml = dmp_import_xml(r, "DMS");
	const struct dmp_xml_element *e;

	if (!xml)
		return;
	dms_read_cluster(r, dmp_import_only(r, xml->root, "Cluster"));
	for (e = dmp_import_child(xml->root, "DMA"); e; e = dmp_import_next(e))
		dms_read_dma(r, e);
	e = dmp_import_only(r, xml->root, "Redirects");
	for (e = dmp_import_child(e, "Redirect"); e; e = dmp_import_next(e))
		dms_read_redirect(r, e);
	if (dmp_import_child(xml->root, "Failover"))
		dmp_import_note(r->import, DMP_IMPORT_UNKNOWN,
		    "%s: what the Failover element of DMS.xml says is not documented: "
		    "it was not read",
		    r->agent->label);
	dmp_xml_free(xml);
}
