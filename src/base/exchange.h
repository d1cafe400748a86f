/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exchange.h - a conversation as data: what to send to a service, and what it must
 * answer.
 *
 * How it works: somebody writes the steps as text or hexadecimal; they are compiled
 * once into one block of bytes with a mask, which the probe sends and compares.  Text
 * has the escapes \r \n \t \\ and \xHH; hexadecimal may have blanks between bytes and,
 * in what is expected, '?' for any digit.
 */
#ifndef DMP_EXCHANGE_H
#define DMP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMP_EXCHANGE_STEPS 4
#define DMP_EXCHANGE_BYTES 1024 /* of all steps together */
#define DMP_EXCHANGE_NAME  32

struct dmp_exchange_step {
	char name[DMP_EXCHANGE_NAME]; /* for messages, "" = its number */
	uint16_t send;                /* where they begin in bytes */
	uint16_t send_size;           /* 0 = only listen */
	uint16_t expect;
	uint16_t expect_size; /* 0 = go on at once */
	/* The expected bytes begin at offset at of the answer; or, when within is not
	 * 0, anywhere from there, and end within so many bytes. */
	uint16_t at;
	uint16_t within;
};

/* Value type, zero-initialise to start. */
struct dmp_exchange {
	char service[DMP_EXCHANGE_NAME]; /* what it is called in texts: "SMTP" */
	bool heavy; /* rarely; else a connection is all that is asked for */
	size_t n_steps;
	struct dmp_exchange_step steps[DMP_EXCHANGE_STEPS];
	size_t n_bytes;
	uint8_t bytes[DMP_EXCHANGE_BYTES];
	uint8_t mask[DMP_EXCHANGE_BYTES]; /* the bits of bytes that count */
};

/* A step as it is written; NULL = not given. */
struct dmp_exchange_source {
	const char *name;
	const char *send;
	const char *send_hex;
	const char *expect;
	const char *expect_hex;
	uint16_t at;
	uint16_t within;
};

/* What is wrong, in the words of the file: 'send-hex, got "0g", expected ...'.  Borrows
 * from the source. */
struct dmp_exchange_fault {
	const char *attribute;
	const char *got;
	const char *expected;
};

/* Append a step; false with *ret_fault, and the exchange as it was. */
bool dmp_exchange_add(struct dmp_exchange *exchange,
    const struct dmp_exchange_source *source, struct dmp_exchange_fault *ret_fault);

/* Is it complete: are there steps, and does the last one expect something? */
bool dmp_exchange_check(
    const struct dmp_exchange *exchange, struct dmp_exchange_fault *ret_fault);

/* Do they ask the same?  NULL = no exchange. */
bool dmp_exchange_same(const struct dmp_exchange *a, const struct dmp_exchange *b);

enum dmp_exchange_match {
	DMP_EXCHANGE_MORE = 0, /* so far it may become a match */
	DMP_EXCHANGE_YES,
	DMP_EXCHANGE_NO
};

/* Compare the answer to a step, as far as it has come. */
enum dmp_exchange_match dmp_exchange_compare(
    const struct dmp_exchange *exchange, size_t step, const uint8_t *data, size_t size);

#endif
