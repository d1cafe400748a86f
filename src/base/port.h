/* SPDX-License-Identifier: BSD-2-Clause */
/* port.h - a port as people write it: its number and its transport. */
#ifndef DMP_PORT_H
#define DMP_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vocab.h"

#define DMP_PORT_TEXT 16

/* "9090/tcp", "any port/tcp" for 0, "ICMP" without a transport. */
void dmp_port_text(
    enum dmp_transport transport, uint16_t number, char text[DMP_PORT_TEXT]);

/* "9090/tcp", or "9090": transport NONE.  False for anything else. */
bool dmp_port_parse(
    const char *text, enum dmp_transport *ret_transport, uint16_t *ret_number);

#endif
