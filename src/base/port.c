/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/port.h"

#include <string.h>

#include "base/text.h"

void
dmp_port_text(enum dmp_transport transport, uint16_t number, char text[DMP_PORT_TEXT])
{
	const char *word = dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)transport);

	if (transport == DMP_TRANSPORT_NONE)
		dmp_text_copy(text, DMP_PORT_TEXT, "ICMP");
	else if (number == 0)
		dmp_text_format(text, DMP_PORT_TEXT, "any port/%s", word);
	else
		dmp_text_format(text, DMP_PORT_TEXT, "%u/%s", (unsigned)number, word);
}

bool
dmp_port_parse(
    const char *text, enum dmp_transport *ret_transport, uint16_t *ret_number)
{
	size_t n = strcspn(text, "/");
	int transport = DMP_TRANSPORT_NONE;
	char digits[8];
	uint64_t number;

	if (n >= sizeof digits)
		return false;
	if (text[n] &&
	    (!dmp_vocab_find(DMP_VOCAB_TRANSPORT, text + n + 1, &transport) ||
	        transport == DMP_TRANSPORT_NONE))
		return false;
	dmp_text_copy(digits, n + 1, text);
	if (!dmp_text_number(digits, 1, UINT16_MAX, &number))
		return false;
	*ret_transport = (enum dmp_transport)transport;
	*ret_number = (uint16_t)number;
	return true;
}
