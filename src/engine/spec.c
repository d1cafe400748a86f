/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/spec.h"

#include <sys/socket.h>

/* How long a service may take to answer: room for three datagrams (0, 0.6 and 1.4 s)
 * and for the reply to the last. */
enum { DATAGRAM_REPLY_MS = 2500 };

bool
dmp_spec_is_connect(const struct dmp_plan_port *port)
{
	return port->transport == DMP_TRANSPORT_TCP &&
	       (port->policy.depth == DMP_DEPTH_CONNECT ||
	           !dmp_probe_can_identify(port->probe));
}

struct dmp_probe_spec
dmp_spec_of(const struct dmp_plan *plan, const struct dmp_plan_port *port)
{
	static const enum dmp_probe_depth DEPTHS[] = {
	    [DMP_DEPTH_CONNECT] = DMP_PROBE_IDENTIFY, /* a datagram: always asked */
	    [DMP_DEPTH_IDENTIFY] = DMP_PROBE_IDENTIFY,
	    [DMP_DEPTH_DEEP] = DMP_PROBE_DEEP,
	};
	static const enum dmp_probe_tls TLS[] = {
	    [DMP_UNSET] = DMP_PROBE_TLS_AUTO,
	    [DMP_NO] = DMP_PROBE_TLS_NO,
	    [DMP_YES] = DMP_PROBE_TLS_YES,
	};
	const struct dmp_plan_host *host = &plan->hosts[port->host];
	bool connect = dmp_spec_is_connect(port);

	return (struct dmp_probe_spec){
	    .kind = port->probe,
	    .depth = connect ? DMP_PROBE_CONNECT_ONLY : DEPTHS[port->policy.depth],
	    .transport = port->transport,
	    .port = port->number,
	    .host = host->n_addresses > 0 ? host->addresses[0] : "",
	    .connect_timeout_ms = port->policy.timeout_ms,
	    .reply_timeout_ms =
	        port->transport == DMP_TRANSPORT_UDP ? DATAGRAM_REPLY_MS : 0,
	    .close = port->policy.close == DMP_CLOSE_FIN ? DMP_PROBE_CLOSE_FIN
	                                                 : DMP_PROBE_CLOSE_RST,
	    .path = port->path,
	    .expect = port->expect,
	    .ca_file = port->ca_file,
	    .hint = port->hint,
	    .exchange = port->exchange,
	    .community = port->community,
	    .inform = port->inform,
	    .tls = TLS[port->tls],
	};
}

static bool
spec_family_fits(enum dmp_family family, const struct dmp_address *address)
{
	if (family == DMP_FAMILY_4)
		return address->family == AF_INET;
	if (family == DMP_FAMILY_6)
		return address->family == AF_INET6;
	return true;
}

void
dmp_spec_add_addresses(struct dmp_probe_spec *spec, const struct dmp_plan_port *port,
    const struct dmp_address *addresses, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (spec->n_addresses < DMP_PROBE_ADDRESSES &&
		    spec_family_fits(port->family, &addresses[i]))
			spec->addresses[spec->n_addresses++] = addresses[i];
	}
}
