/* SPDX-License-Identifier: BSD-2-Clause */
/* Any line of the control socket as a request that changes an admin state. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine/control_admin.h"

enum { LINE_SIZE = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
decode(char *line, struct dmp_admin_request *ret_request, enum dmp_status *ret_status)
{
	struct dmp_text error = {0};
	char *words = line + strcspn(line, " ");

	if (*words)
		*words++ = '\0';
	*ret_status = dmp_control_decode_admin(line, words, ret_request, &error);
	assert((*ret_status == DMP_OK) == (error.size == 0));
	assert(*ret_status == DMP_EINVAL || dmp_control_is_admin(line));
	dmp_text_done(&error);
}

/* What is read can be written, and is read back the same; the set takes it. */
static void
check_request(const struct dmp_admin_request *request)
{
	struct dmp_admin_request again;
	struct dmp_admin_set set = {0};
	struct dmp_text line = {0};
	enum dmp_status status;
	char copy[LINE_SIZE];

	dmp_control_encode_admin(request, &line);
	assert(line.size < sizeof copy);
	dmp_text_copy(copy, sizeof copy, dmp_text_get(&line));
	decode(copy, &again, &status);
	assert(status == DMP_OK);
	assert(again.clears == request->clears);
	assert(again.entry.scope == request->entry.scope);
	assert(strcmp(again.entry.name, request->entry.name) == 0);
	assert(again.entry.state == request->entry.state);
	assert(again.entry.until_ms == request->entry.until_ms);
	assert(strlen(again.entry.comment) <= strlen(request->entry.comment));
	assert(dmp_admin_set(&set, &request->entry) == DMP_OK);
	assert(dmp_admin_clear(&set, request->entry.scope, request->entry.name));
	dmp_admin_done(&set);
	dmp_text_done(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_admin_request request = {0};
	enum dmp_status status;
	char line[LINE_SIZE];

	if (size >= sizeof line)
		size = sizeof line - 1;
	memcpy(line, data, size);
	line[size] = '\0';
	decode(line, &request, &status);
	if (status == DMP_OK)
		check_request(&request);
	else
		assert(request.entry.scope == 0);
	return 0;
}
