/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/rmi_wire.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define PROTOCOL_ACK           0x4e
#define PROTOCOL_NOT_SUPPORTED 0x4f
#define PING_ACK               0x53
#define HOST_MAX               255u
#define HEAD_SIZE              3u /* the ack, and the size of the host */
#define PORT_SIZE              4u

void
dmp_rmi_request(uint8_t out[DMP_RMI_REQUEST_SIZE])
{
	static const uint8_t REQUEST[DMP_RMI_REQUEST_SIZE] = {
	    0x4a, 0x52, 0x4d, 0x49,             /* "JRMI" */
	    0x00, 0x02, 0x4b,                   /* version 2, stream protocol */
	    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* no host, port 0 */
	    0x52,                               /* ping */
	};

	memcpy(out, REQUEST, sizeof REQUEST);
}

/* The host is an address or a name: anything unprintable in it is not RMI. */
static bool
rmi_is_text(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~')
			return false;
	return n > 0;
}

static enum dmp_rmi_reply
rmi_ack(const uint8_t *data, size_t size, struct dmp_rmi_peer *ret_peer)
{
	size_t host_size;
	const uint8_t *port;
	size_t rest;

	if (size < HEAD_SIZE)
		return DMP_RMI_MORE;
	host_size = (size_t)data[1] << 8 | data[2];
	if (host_size == 0 || host_size > HOST_MAX)
		return DMP_RMI_GARBAGE;
	rest = size - HEAD_SIZE;
	if (!rmi_is_text(data + HEAD_SIZE, rest < host_size ? rest : host_size))
		return rest == 0 ? DMP_RMI_MORE : DMP_RMI_GARBAGE;
	if (rest < host_size + PORT_SIZE)
		return DMP_RMI_MORE;
	port = data + HEAD_SIZE + host_size;
	rest -= host_size + PORT_SIZE;
	if (port[0] != 0 || port[1] != 0)
		return DMP_RMI_GARBAGE;
	if (rest > 0 && port[PORT_SIZE] != PING_ACK)
		return DMP_RMI_GARBAGE;
	dmp_text_printable(
	    ret_peer->host, sizeof ret_peer->host, data + HEAD_SIZE, host_size);
	ret_peer->port = (uint16_t)(port[2] << 8 | port[3]);
	return rest > 0 ? DMP_RMI_PINGED : DMP_RMI_ACK;
}

enum dmp_rmi_reply
dmp_rmi_parse(const uint8_t *data, size_t size, struct dmp_rmi_peer *ret_peer)
{
	if (size == 0)
		return DMP_RMI_MORE;
	if (data[0] == PROTOCOL_NOT_SUPPORTED && size == 1)
		return DMP_RMI_NOT_SUPPORTED;
	return data[0] == PROTOCOL_ACK ? rmi_ack(data, size, ret_peer)
	                               : DMP_RMI_GARBAGE;
}
