/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * site_secret.c - the communities that ports are asked with: read when a plan is
 * loaded, wiped when the site goes.  They are in no message and no output.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "model/site_load.h"

enum { COMMUNITY_MAX = 128 };

static void
secret_wipe(char *secret)
{
	/* volatile: writes to memory that is freed next would be left out. */
	for (volatile char *p = secret; *p; p++)
		*p = '\0';
}

static void
secret_complain(const struct dmp_site_port *port, const char *what,
    const char *expected, struct dmp_text *errors)
{
	if (errors)
		dmp_text_printf(errors,
		    "%s:%u: port: community-file: %s, got \"%s\", expected %s\n",
		    port->place.file, port->place.line, what, port->community_file,
		    expected);
}

static enum dmp_status
secret_read(struct dmp_site_port *port, struct dmp_text *errors)
{
	static const char MODE[] = "a file that only its owner, and its group for "
	                           "reading, may touch";
	enum dmp_status status =
	    dmp_file_read_secret(port->community_file, &port->community);
	size_t size;

	if (status == DMP_ENOMEM)
		return status;
	if (status != DMP_OK) {
		secret_complain(port, dmp_status_text(status), MODE, errors);
		return DMP_EINVAL;
	}
	size = strlen(port->community);
	if (size >= 1 && size <= COMMUNITY_MAX)
		return DMP_OK;
	secret_complain(port, size == 0 ? "empty" : "too long",
	    "a community of 1 to 128 characters in its first line", errors);
	return DMP_EINVAL;
}

enum dmp_status
dmp_site_read_secrets(struct dmp_site *site, struct dmp_text *errors)
{
	enum dmp_status result = DMP_OK;

	for (size_t i = 0; i < site->n_hosts; i++) {
		for (size_t k = 0; k < site->hosts[i].n_ports; k++) {
			struct dmp_site_port *port = &site->hosts[i].ports[k];
			enum dmp_status status = DMP_OK;

			if (port->community_file && !port->community)
				status = secret_read(port, errors);
			if (status == DMP_ENOMEM)
				return status;
			if (status != DMP_OK)
				result = status;
		}
	}
	return result;
}

void
dmp_site_forget_secrets(struct dmp_site *site)
{
	for (size_t i = 0; i < site->n_hosts; i++) {
		for (size_t k = 0; k < site->hosts[i].n_ports; k++) {
			struct dmp_site_port *port = &site->hosts[i].ports[k];

			if (port->community)
				secret_wipe(port->community);
			free(port->community);
			port->community = NULL;
		}
	}
}
