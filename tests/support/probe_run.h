/* SPDX-License-Identifier: BSD-2-Clause */
/* probe_run.h - run one probe to its end on a loop, and sockets to aim it at. */
#ifndef TEST_PROBE_RUN_H
#define TEST_PROBE_RUN_H

#include "probe/probe.h"

/* A deadline for which only a test that fails waits; what is over before its half was
 * not ended by it. */
enum { PATIENT_MS = 60000 };

/* Start spec, run the loop until done and return the result.  Fails the test when the
 * loop ends without a result. */
struct dmp_probe_result probe_run(
    struct event_base *base, const struct dmp_probe_spec *spec);

/* A TCP or UDP spec for one literal address, with timeout_ms. */
struct dmp_probe_spec probe_spec(enum dmp_transport transport, const char *address,
    uint16_t port, uint32_t timeout_ms);

/* Bind a socket of type to a literal address and port 0; the port goes to *ret_port.
 * TCP sockets listen with the given backlog unless it is negative.  Non-blocking. */
int bound_socket(const char *address, int type, int backlog, uint16_t *ret_port);

/* A UDP socket on exactly this port. */
int bound_udp_socket(const char *address, uint16_t port);

/* A port of address on which nobody listens: it was free a moment ago and nothing in
 * the test binds it. */
uint16_t closed_port(const char *address, int type);

/* How many descriptors this process has open. */
int count_descriptors(void);

#endif
