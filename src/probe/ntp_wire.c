/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/ntp_wire.h"

#include <string.h>

#include "base/text.h"

enum {
	VERSION = 4,
	MODE_CLIENT = 3,
	MODE_SERVER = 4,
	LEAP_UNKNOWN = 3,
	AT_STRATUM = 1,
	AT_REFERENCE = 12,
	AT_ORIGINATE = 24,
	AT_TRANSMIT = 40,
	STRATUM_PRIMARY = 1, /* up to this the reference is text */
	STRATUM_LAST = 16
};

static void
ntp_put(uint8_t out[8], uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		out[i] = (uint8_t)(value >> (56 - 8 * i));
}

void
dmp_ntp_request(uint64_t nonce, uint8_t out[DMP_NTP_SIZE])
{
	memset(out, 0, DMP_NTP_SIZE);
	out[0] = VERSION << 3 | MODE_CLIENT;
	ntp_put(out + AT_TRANSMIT, nonce);
}

/* RFC 5905 7.3: four characters at stratum 0 and 1, else an IPv4 address, or the digest
 * of an IPv6 one in the same form. */
static void
ntp_reference(const uint8_t id[4], unsigned stratum, char field[16])
{
	size_t n = 4;

	while (n > 0 && (id[n - 1] == 0 || id[n - 1] == ' '))
		n--;
	if (stratum <= STRATUM_PRIMARY)
		dmp_text_printable(field, 16, id, n);
	else
		dmp_text_format(field, 16, "%u.%u.%u.%u", id[0], id[1], id[2], id[3]);
}

enum dmp_ntp_reply
dmp_ntp_parse(
    const uint8_t *data, size_t size, uint64_t nonce, struct dmp_ntp_server *ret_server)
{
	struct dmp_ntp_server server = {.version = 0};
	uint8_t originate[8];

	if (size < DMP_NTP_SIZE)
		return DMP_NTP_GARBAGE;
	server.version = data[0] >> 3 & 7;
	server.stratum = data[AT_STRATUM];
	if (server.version < 1 || server.version > VERSION ||
	    server.stratum > STRATUM_LAST)
		return DMP_NTP_GARBAGE;
	ntp_put(originate, nonce);
	if ((data[0] & 7) != MODE_SERVER ||
	    memcmp(data + AT_ORIGINATE, originate, sizeof originate) != 0)
		return DMP_NTP_STRAY;
	server.unsynchronised =
	    data[0] >> 6 == LEAP_UNKNOWN || server.stratum == DMP_NTP_LOST;
	ntp_reference(data + AT_REFERENCE, server.stratum, server.reference);
	*ret_server = server;
	return DMP_NTP_ANSWER;
}
