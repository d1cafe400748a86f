/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/internode_wire.h"

#include <string.h>

#define VERSION_MIN 8u
#define VERSION_MAX 13u

#define OLD_REPLY_SIZE 4u
#define NEW_REPLY_SIZE 12u
#define CRC_POLYNOMIAL 0xedb88320u

static const uint8_t OLD_REQUEST[] = {
    0xca, 0x55, 0x2d, 0xfa, /* magic */
    0x00, 0x00, 0x0a, 0x00, /* messaging version 10, no compression, no stream */
};

/* The address is a placeholder: it is read and not used before a version is agreed. */
static const uint8_t NEW_REQUEST[] = {
    0xca, 0x55, 0x2d, 0xfa,                   /* magic */
    0xff, 0xfe, 0x0c, 0x00,                   /* versions 254..255, requested 12 */
    0x06, 0x7f, 0x00, 0x00, 0x01, 0x1b, 0x58, /* 127.0.0.1, port 7000 */
    0x6f, 0xff, 0x3d, 0x8e,                   /* CRC */
};

_Static_assert(sizeof NEW_REQUEST == DMP_INTERNODE_REQUEST_MAX, "the larger form");

size_t
dmp_internode_request(
    enum dmp_internode_form form, uint8_t out[DMP_INTERNODE_REQUEST_MAX])
{
	if (form == DMP_INTERNODE_NEW) {
		memcpy(out, NEW_REQUEST, sizeof NEW_REQUEST);
		return sizeof NEW_REQUEST;
	}
	memcpy(out, OLD_REQUEST, sizeof OLD_REQUEST);
	return sizeof OLD_REQUEST;
}

uint32_t
dmp_internode_crc(uint32_t crc, const uint8_t *data, size_t size)
{
	crc = ~crc;
	for (size_t i = 0; i < size; i++) {
		crc ^= data[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC_POLYNOMIAL : 0);
	}
	return ~crc;
}

static uint32_t
internode_number(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Cassandra starts every CRC of a handshake with these bytes, so that zeros do not
 * check. */
static uint32_t
internode_checksum(const uint8_t *data, size_t size)
{
	static const uint8_t SEED[] = {0xfa, 0x2d, 0x55, 0xca};

	return dmp_internode_crc(dmp_internode_crc(0, SEED, sizeof SEED), data, size);
}

enum dmp_internode_reply
dmp_internode_parse(enum dmp_internode_form form, const uint8_t *data, size_t size,
    unsigned *ret_version)
{
	const size_t wanted =
	    form == DMP_INTERNODE_NEW ? NEW_REPLY_SIZE : OLD_REPLY_SIZE;
	uint32_t version;

	if (size > wanted)
		return DMP_INTERNODE_GARBAGE;
	for (size_t i = 0; i < size && i < 3; i++)
		if (data[i] != 0)
			return DMP_INTERNODE_GARBAGE;
	if (size < wanted)
		return DMP_INTERNODE_MORE;
	version = internode_number(data);
	if (version < VERSION_MIN || version > VERSION_MAX)
		return DMP_INTERNODE_GARBAGE;
	if (form == DMP_INTERNODE_NEW &&
	    internode_checksum(data, size - 4) != internode_number(data + size - 4))
		return DMP_INTERNODE_GARBAGE;
	*ret_version = version;
	return DMP_INTERNODE_VERSION;
}

const char *
dmp_internode_release(unsigned version)
{
	/* 5.0 speaks 12 unless storage_compatibility_mode is NONE or UPGRADING. */
	static const char *const RELEASES[] = {
	    "2.1", "2.2", "3.0", "3.0.14 to 3.11", "4.0 to 5.0", "5.0"};

	_Static_assert(
	    sizeof RELEASES / sizeof RELEASES[0] == VERSION_MAX - VERSION_MIN + 1,
	    "one text for each version");
	if (version < VERSION_MIN || version > VERSION_MAX)
		return "";
	return RELEASES[version - VERSION_MIN];
}
