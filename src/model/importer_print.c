/* SPDX-License-Identifier: BSD-2-Clause */
/* The site file of what was found: readable, every value with its source. */
#include <string.h>

#include "model/importer.h"

/* A comment must not have two hyphens in a row, nor end with one (XML 1.0, 2.5). */
static void
print_comment_text(struct dmp_text *out, const char *text)
{
	char last = '\0';

	for (; *text; text++) {
		if (*text == '-' && last == '-')
			dmp_text_append(out, " ");
		dmp_text_append_bytes(out, text, 1);
		last = *text;
	}
	if (last == '-')
		dmp_text_append(out, " ");
}

static void
print_source(struct dmp_text *out, const char *indent, const char *source)
{
	dmp_text_printf(out, "%s<!-- ", indent);
	print_comment_text(out, source);
	dmp_text_append(out, " -->\n");
}

static void
print_attribute(struct dmp_text *out, const char *name, const char *value)
{
	dmp_text_printf(out, " %s=\"", name);
	for (; *value; value++) {
		if (*value == '&')
			dmp_text_append(out, "&amp;");
		else if (*value == '<')
			dmp_text_append(out, "&lt;");
		else if (*value == '"')
			dmp_text_append(out, "&quot;");
		else
			dmp_text_append_bytes(out, value, 1);
	}
	dmp_text_append(out, "\"");
}

static void
print_port_number(struct dmp_text *out, uint16_t port)
{
	if (port)
		dmp_text_printf(out, " port=\"%u\"", port);
}

/* "name: where it comes from", one line each. */
static void
print_value_sources(struct dmp_text *out, const char *indent,
    const struct dmp_import_value *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		dmp_text_printf(out, "%s<!-- %s: ", indent, values[i].name);
		print_comment_text(out, values[i].source);
		dmp_text_append(out, " -->\n");
	}
}

static void
print_features(const struct dmp_import_findings *f, struct dmp_text *out)
{
	if (f->n_features == 0)
		return;
	dmp_text_append(out, "\n");
	print_value_sources(out, "  ", f->features, f->n_features);
	dmp_text_append(out, "  <features");
	for (size_t i = 0; i < f->n_features; i++)
		print_attribute(out, f->features[i].name, f->features[i].value);
	dmp_text_append(out, "/>\n");
}

/* A pair without its address would be no valid element: what is missing is said in a
 * comment, and its members do not name it. */
static void
print_failovers(const struct dmp_import_findings *f, struct dmp_text *out)
{
	for (size_t i = 0; i < f->n_failovers; i++) {
		const struct dmp_import_failover *failover = &f->failovers[i];

		dmp_text_append(out, "\n");
		if (failover->address[0]) {
			print_source(out, "  ", failover->source);
			dmp_text_append(out, "  <failover");
			print_attribute(out, "name", failover->name);
			print_attribute(out, "address", failover->address);
			dmp_text_append(out, "/>\n");
			continue;
		}
		dmp_text_printf(out,
		    "  <!-- The virtual address is in none of the files. Put it in, "
		    "and member-of=\"%s\" into the two hosts:\n"
		    "  <failover name=\"%s\" address=\"\"/> -->\n",
		    failover->name, failover->name);
	}
}

static void
print_port(const struct dmp_import_port *port, struct dmp_text *out)
{
	static const char *const TLS[] = {"", " tls=\"no\"", " tls=\"yes\""};

	print_source(out, "    ", port->source);
	dmp_text_append(out, "    <port");
	print_attribute(out, "requirement", port->requirement);
	print_port_number(out, port->port);
	if (port->level == DMP_LEVEL_NONE)
		print_attribute(out, "level", "none");
	dmp_text_append(out, TLS[port->tls]);
	if (port->connect)
		print_attribute(out, "depth", "connect");
	dmp_text_append(out, "/>\n");
}

static bool
failover_is_printed(const struct dmp_import_findings *f, const char *name)
{
	for (size_t i = 0; i < f->n_failovers; i++) {
		if (strcmp(f->failovers[i].name, name) == 0)
			return f->failovers[i].address[0] != '\0';
	}
	return false;
}

static void
print_host(const struct dmp_import_findings *f, const struct dmp_import_host *host,
    struct dmp_text *out)
{
	struct dmp_text addresses = {0};
	char roles[DMP_ROLES_TEXT];

	for (size_t i = 0; i < host->n_addresses; i++)
		dmp_text_printf(&addresses, "%s%s", i ? " " : "", host->addresses[i]);
	dmp_roles_text(host->roles, roles);
	dmp_text_append(out, "\n");
	print_source(out, "  ", host->source);
	dmp_text_append(out, "  <host");
	print_attribute(out, "name", host->name);
	print_attribute(out, "address", dmp_text_get(&addresses));
	print_attribute(out, "roles", roles);
	if (failover_is_printed(f, host->member_of))
		print_attribute(out, "member-of", host->member_of);
	dmp_text_append(out, host->n_ports ? ">\n" : "/>\n");
	for (size_t i = 0; i < host->n_ports; i++)
		print_port(&host->ports[i], out);
	if (host->n_ports)
		dmp_text_append(out, "  </host>\n");
	if (addresses.status != DMP_OK)
		out->status = addresses.status;
	dmp_text_done(&addresses);
}

static void
print_link(const struct dmp_import_findings *f, const struct dmp_import_link *link,
    struct dmp_text *out)
{
	print_source(out, "  ", link->source);
	dmp_text_append(out, "  <link");
	print_attribute(out, "from", f->hosts[link->from].name);
	print_attribute(out, "to", f->hosts[link->to].name);
	print_attribute(out, "transport",
	    link->transport == DMP_REMOTING_GRPC ? "grpc" : "remoting");
	print_port_number(out, link->port);
	dmp_text_append(out, "/>\n");
}

void
dmp_import_print(const struct dmp_import_findings *findings, struct dmp_text *out)
{
	dmp_text_append(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<!-- Made by \"dmports import\" of copies of DataMiner's own files. A "
	    "comment says where the value below it\n"
	    "     comes from. What no file tells is not here, and what depends on it "
	    "is "
	    "assumed. -->\n");
	print_value_sources(out, "", findings->site, findings->n_site);
	dmp_text_append(out, "<site xmlns=\"urn:dmports:site:1\"");
	for (size_t i = 0; i < findings->n_site; i++)
		print_attribute(out, findings->site[i].name, findings->site[i].value);
	dmp_text_append(out, ">\n");
	print_features(findings, out);
	print_failovers(findings, out);
	for (size_t i = 0; i < findings->n_hosts; i++)
		print_host(findings, &findings->hosts[i], out);
	if (findings->n_links)
		dmp_text_append(out, "\n");
	for (size_t i = 0; i < findings->n_links; i++)
		print_link(findings, &findings->links[i], out);
	dmp_text_append(out, "</site>\n");
}
