/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/path.h"

#include <string.h>

#include "probe/ber.h"

enum {
	PATH_VERSION_3 = 3,
	PATH_DISCOVERY_MAX = 255, /* a discovery is some 60 bytes long */
	PATH_MSG_ID_AT = 9,
	PATH_ENGINE_AT = 30,
	PATH_ENGINE_SIZE = 19,
	PATH_REQUEST_ID_AT = 90
};

/* RFC 3411 5: Net-SNMP's enterprise number (the project has none), octets of our own.
 */
#define PATH_ENGINE                                                                    \
	0x80, 0x00, 0x1f, 0x88, 0x80, 'd', 'm', 'p', 'o', 'r', 't', 's', '-', 'l',     \
	    'i', 's', 't', 'e', 'n'

static const uint8_t PATH_REPORT[] = {0x30, 0x75, /* */
    /* version 3; msgID, size 65507, no flags, USM */
    0x02, 0x01, 0x03, 0x30, 0x11, 0x02, 0x04, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x00,
    0xff, 0xe3, 0x04, 0x01, 0x00, 0x02, 0x01, 0x03,
    /* engineID, boots 1, time 1, no user, no authentication, no privacy */
    0x04, 0x23, 0x30, 0x21, 0x04, PATH_ENGINE_SIZE, PATH_ENGINE, 0x02, 0x01, 0x01, 0x02,
    0x01, 0x01, 0x04, 0x00, 0x04, 0x00, 0x04, 0x00,
    /* contextEngineID, no context, Report, request-id, no error */
    0x30, 0x38, 0x04, PATH_ENGINE_SIZE, PATH_ENGINE, 0x04, 0x00, 0xa8, 0x1f, 0x02, 0x04,
    0x00, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00,
    /* usmStatsUnknownEngineIDs.0 = Counter32 1 */
    0x30, 0x11, 0x30, 0x0f, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x06, 0x03, 0x0f, 0x01, 0x01,
    0x04, 0x00, 0x41, 0x01, 0x01};
_Static_assert(sizeof PATH_REPORT <= DMP_PATH_REPORT_MAX, "the buffer is large enough");

bool
dmp_path_is_greeting(const uint8_t *data, size_t size)
{
	static const char GREETING[] = DMP_PATH_GREETING;

	return size >= sizeof GREETING - 1 &&
	       memcmp(data, GREETING, sizeof GREETING - 1) == 0;
}

bool
dmp_path_is_engine(const struct dmp_snmp_engine *engine)
{
	return engine->id_size == PATH_ENGINE_SIZE &&
	       memcmp(engine->id, PATH_REPORT + PATH_ENGINE_AT, PATH_ENGINE_SIZE) == 0;
}

/* The identifiers of a discovery: RFC 3412 6, then a PDU of any type. */
static bool
path_parse(struct dmp_ber data, uint32_t *ret_msg_id, uint32_t *ret_request_id)
{
	struct dmp_ber message, header, skipped, scoped, pdu;
	uint32_t version;
	uint8_t type;

	return dmp_ber_take(&data, DMP_BER_SEQUENCE, &message) &&
	       dmp_ber_number(&message, &version) && version == PATH_VERSION_3 &&
	       dmp_ber_take(&message, DMP_BER_SEQUENCE, &header) &&
	       dmp_ber_number(&header, ret_msg_id) &&
	       dmp_ber_take(&message, DMP_BER_STRING, &skipped) &&
	       dmp_ber_take(&message, DMP_BER_SEQUENCE, &scoped) &&
	       dmp_ber_take(&scoped, DMP_BER_STRING, &skipped) &&
	       dmp_ber_take(&scoped, DMP_BER_STRING, &skipped) &&
	       dmp_ber_any(&scoped, &type, &pdu) &&
	       dmp_ber_number(&pdu, ret_request_id);
}

static void
path_be32(uint8_t *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(number >> (24 - 8 * i));
}

size_t
dmp_path_report(const uint8_t *request, size_t size, uint8_t out[DMP_PATH_REPORT_MAX])
{
	uint32_t msg_id;
	uint32_t request_id;

	if (size > PATH_DISCOVERY_MAX ||
	    !path_parse((struct dmp_ber){request, size}, &msg_id, &request_id))
		return 0;
	memcpy(out, PATH_REPORT, sizeof PATH_REPORT);
	path_be32(out + PATH_MSG_ID_AT, msg_id);
	path_be32(out + PATH_REQUEST_ID_AT, request_id);
	return sizeof PATH_REPORT;
}
