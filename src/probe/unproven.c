/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/unproven.h"

void
dmp_talk_finish_unproven(
    struct dmp_talk *talk, enum dmp_service own, const uint8_t *data, size_t size)
{
	char text[DMP_CLASSIFY_TEXT];
	enum dmp_service found = dmp_classify(data, size, text);

	if (found != DMP_SERVICE_UNKNOWN && found != own)
		dmp_talk_finish_wrong(talk);
	else
		dmp_talk_finish(talk, DMP_REASON_IDENTITY_WEAK,
		    "it answers, but not in a form that is known to be its own");
}
