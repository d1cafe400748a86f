/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/rmi_wire.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define PROTOCOL_ACK           0x4e
#define PROTOCOL_NOT_SUPPORTED 0x4f
#define PING_ACK               0x53
#define NORMAL_RETURN          0x01
#define EXCEPTIONAL_RETURN     0x02
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

void
dmp_rmi_list_request(uint8_t out[DMP_RMI_LIST_SIZE])
{
	static const uint8_t REQUEST[DMP_RMI_LIST_SIZE] = {
	    0x4a, 0x52, 0x4d, 0x49,                         /* "JRMI" */
	    0x00, 0x02, 0x4b,                               /* version 2, stream */
	    0x00, 0x00, 0x00, 0x00, 0x00, 0x00,             /* no host, port 0 */
	    0x50, 0xac, 0xed, 0x00, 0x05, 0x77, 0x22,       /* call, a block of 34 */
	    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* object 0: registry */
	    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* of no space */
	    0x00, 0x00, 0x00, 0x00, 0x00, 0x00,             /* of its own */
	    0x00, 0x00, 0x00, 0x01,                         /* operation 1: list */
	    0x44, 0x15, 0x4d, 0xc9, 0xd4, 0xe6, 0x3b, 0xdf, /* of this interface */
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

/* The acknowledgement.  *ret_used, its size, is written with ACK only. */
static enum dmp_rmi_reply
rmi_ack(
    const uint8_t *data, size_t size, struct dmp_rmi_peer *ret_peer, size_t *ret_used)
{
	size_t host_size;
	const uint8_t *port;
	size_t rest;

	if (size == 0)
		return DMP_RMI_MORE;
	if (data[0] == PROTOCOL_NOT_SUPPORTED && size == 1)
		return DMP_RMI_NOT_SUPPORTED;
	if (data[0] != PROTOCOL_ACK)
		return DMP_RMI_GARBAGE;
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
	if (port[0] != 0 || port[1] != 0)
		return DMP_RMI_GARBAGE;
	dmp_text_printable(
	    ret_peer->host, sizeof ret_peer->host, data + HEAD_SIZE, host_size);
	ret_peer->port = (uint16_t)(port[2] << 8 | port[3]);
	*ret_used = HEAD_SIZE + host_size + PORT_SIZE;
	return DMP_RMI_ACK;
}

enum dmp_rmi_reply
dmp_rmi_parse(const uint8_t *data, size_t size, struct dmp_rmi_peer *ret_peer)
{
	struct dmp_rmi_peer peer;
	size_t used = 0;
	enum dmp_rmi_reply reply = rmi_ack(data, size, &peer, &used);

	if (reply != DMP_RMI_ACK)
		return reply;
	if (used < size && data[used] != PING_ACK)
		return DMP_RMI_GARBAGE;
	*ret_peer = peer;
	return used < size ? DMP_RMI_PINGED : DMP_RMI_ACK;
}

static bool
rmi_contains(const uint8_t *data, size_t size, const uint8_t *text, size_t text_size)
{
	for (size_t i = 0; i + text_size <= size; i++)
		if (memcmp(data + i, text, text_size) == 0)
			return true;
	return false;
}

/* What a call returns: a stream whose first block tells how the call went, and names
 * the return with 14 bytes. */
static enum dmp_rmi_reply
rmi_return(const uint8_t *data, size_t size)
{
	static const uint8_t START[] = {0x51, 0xac, 0xed, 0x00, 0x05, 0x77, 0x0f};
	static const uint8_t JMXRMI[] = {
	    0x74, 0x00, 0x06, 'j', 'm', 'x', 'r', 'm', 'i'};
	uint8_t how;

	if (memcmp(data, START, size < sizeof START ? size : sizeof START) != 0)
		return DMP_RMI_GARBAGE;
	if (size <= sizeof START)
		return DMP_RMI_ACK;
	how = data[sizeof START];
	if (how == EXCEPTIONAL_RETURN)
		return DMP_RMI_EXCEPTION;
	if (how != NORMAL_RETURN)
		return DMP_RMI_GARBAGE;
	if (rmi_contains(data, size < DMP_RMI_RETURN_MAX ? size : DMP_RMI_RETURN_MAX,
	        JMXRMI, sizeof JMXRMI))
		return DMP_RMI_LISTED;
	return size < DMP_RMI_RETURN_MAX ? DMP_RMI_RETURNED : DMP_RMI_UNLISTED;
}

enum dmp_rmi_reply
dmp_rmi_list_parse(const uint8_t *data, size_t size, struct dmp_rmi_peer *ret_peer)
{
	struct dmp_rmi_peer peer;
	size_t used = 0;
	enum dmp_rmi_reply reply = rmi_ack(data, size, &peer, &used);

	if (reply == DMP_RMI_ACK)
		reply = rmi_return(data + used, size - used);
	if (reply >= DMP_RMI_ACK)
		*ret_peer = peer;
	return reply;
}
