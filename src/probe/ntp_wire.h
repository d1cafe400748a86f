/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ntp_wire.h - one question to an NTP server as bytes (RFC 5905 7.3).
 *
 * The transmit timestamp of the request is a random number: a server repeats it as the
 * originate timestamp, and nobody learns what time we have.
 */
#ifndef DMP_NTP_WIRE_H
#define DMP_NTP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMP_NTP_SIZE 48
#define DMP_NTP_KISS 0  /* stratum: an unwilling server, with a code */
#define DMP_NTP_LOST 16 /* stratum: not synchronised */

void dmp_ntp_request(uint64_t nonce, uint8_t out[DMP_NTP_SIZE]);

enum dmp_ntp_reply {
	DMP_NTP_GARBAGE = 0, /* no NTP packet */
	DMP_NTP_STRAY,       /* NTP, but not the answer to this request */
	DMP_NTP_ANSWER
};

struct dmp_ntp_server {
	unsigned version;
	unsigned stratum; /* 0..16 */
	bool unsynchronised;
	char reference[16]; /* "192.0.2.1", "GPS", a kiss code; printable */
};

/* Classify a datagram; *ret_server is written only with DMP_NTP_ANSWER. */
enum dmp_ntp_reply dmp_ntp_parse(const uint8_t *data, size_t size, uint64_t nonce,
    struct dmp_ntp_server *ret_server);

#endif
