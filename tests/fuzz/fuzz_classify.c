/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the beginning of an answer. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/classify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[DMP_CLASSIFY_TEXT];
	enum dmp_service service = dmp_classify(data, size, text);
	size_t n = 0;

	assert(service >= DMP_SERVICE_UNKNOWN && service <= DMP_SERVICE_SNMP);
	for (; text[n] != '\0'; n++)
		assert(n < sizeof text && text[n] >= 0x20 && text[n] < 0x7f);
	assert((n == 0) == (service == DMP_SERVICE_UNKNOWN));
	return 0;
}
