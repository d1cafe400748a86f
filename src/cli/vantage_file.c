/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/vantage_file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* What is wrong with the row that is read now. */
struct vantage_reader {
	const json_t *object;
	size_t number; /* of the row, from 1 */
	struct dmp_text *error;
	bool is_wrong;
};

static void
vantage_complain(struct vantage_reader *r, const char *member, const char *expected)
{
	if (!r->is_wrong)
		dmp_text_printf(
		    r->error, "row %zu: %s: expected %s", r->number, member, expected);
	r->is_wrong = true;
}

/* A string of at most size - 1 bytes, "" when it is null or not there. */
static const char *
vantage_text(struct vantage_reader *r, const char *member, size_t size)
{
	const json_t *value = json_object_get(r->object, member);
	char expected[48];

	if (!value || json_is_null(value))
		return "";
	if (json_is_string(value) && json_string_length(value) < size)
		return json_string_value(value);
	dmp_text_format(
	    expected, sizeof(expected), "a string of at most %zu bytes", size - 1);
	vantage_complain(r, member, expected);
	return "";
}

static const char *
vantage_name(struct vantage_reader *r, const char *member, size_t size)
{
	const char *text = vantage_text(r, member, size);

	if (!*text)
		vantage_complain(r, member, "a name");
	return text;
}

static int64_t
vantage_number(struct vantage_reader *r, const char *member, int64_t min, int64_t max)
{
	const json_t *value = json_object_get(r->object, member);
	char expected[64];

	if (json_is_integer(value) && json_integer_value(value) >= min &&
	    json_integer_value(value) <= max)
		return json_integer_value(value);
	dmp_text_format(expected, sizeof(expected), "a number from %lld to %lld",
	    (long long)min, (long long)max);
	vantage_complain(r, member, expected);
	return min;
}

static int64_t
vantage_number_or(
    struct vantage_reader *r, const char *member, int64_t max, int64_t none)
{
	const json_t *value = json_object_get(r->object, member);

	if (!value || json_is_null(value))
		return none;
	return vantage_number(r, member, max == INT32_MAX ? INT32_MIN : 0, max);
}

static int
vantage_word(struct vantage_reader *r, const char *member, enum dmp_vocab vocab)
{
	const char *word = vantage_text(r, member, 40);
	int number = 1;

	if (!dmp_vocab_find(vocab, word, &number))
		vantage_complain(r, member, "a word of dmports-words(7)");
	return number;
}

static void
vantage_read_row(struct vantage_reader *r, struct dmp_report_row *row)
{
	*row = (struct dmp_report_row){
	    .key = vantage_name(r, "key", DMP_KEY_TEXT),
	    .host = vantage_name(r, "host", DMP_NAME_TEXT),
	    .requirement = vantage_name(r, "requirement", DMP_REQ_KEY_TEXT),
	    .service = vantage_text(r, "service", DMP_SERVICE_TEXT),
	    .why = vantage_text(r, "why", DMP_WHY_TEXT),
	    .transport =
	        (enum dmp_transport)vantage_word(r, "transport", DMP_VOCAB_TRANSPORT),
	    .port = (uint16_t)vantage_number(r, "port", 0, UINT16_MAX),
	    .level = (enum dmp_level)vantage_word(r, "level", DMP_VOCAB_LEVEL),
	    .state = (enum dmp_state)vantage_word(r, "state", DMP_VOCAB_STATE),
	    .reason = (enum dmp_reason)vantage_word(r, "reason", DMP_VOCAB_REASON),
	    .severity =
	        (enum dmp_severity)vantage_word(r, "severity", DMP_VOCAB_SEVERITY),
	    .latency_us = (uint32_t)vantage_number_or(r, "latency_us", UINT32_MAX, 0),
	    .tls_days_left =
	        (int32_t)vantage_number_or(r, "tls_days_left", INT32_MAX, INT32_MAX),
	};
	dmp_text_copy(row->address, sizeof(row->address),
	    vantage_text(r, "address", DMP_ADDRESS_TEXT));
	dmp_text_copy(row->detail, sizeof(row->detail),
	    vantage_text(r, "detail", DMP_DETAIL_TEXT));
	dmp_text_copy(row->identity, sizeof(row->identity),
	    vantage_text(r, "identity", DMP_IDENTITY_TEXT));
	row->excused =
	    row->reason == DMP_REASON_MAINTENANCE || row->reason == DMP_REASON_DISABLED;
}

enum dmp_status
dmp_vantage_parse(const char *text, size_t size, struct dmp_vantage *ret_vantage,
    struct dmp_text *error)
{
	struct vantage_reader reader = {.error = error};
	struct dmp_vantage vantage = {0};
	json_error_t json_error;
	enum dmp_status status = DMP_EINVAL;

	vantage.tree = json_loadb(text, size, JSON_REJECT_DUPLICATES, &json_error);
	if (!json_is_array((json_t *)vantage.tree)) {
		dmp_text_append(error, "expected the output of dmports status or check "
		                       "with --format json");
		goto fail;
	}
	vantage.n_rows = json_array_size(vantage.tree);
	if (vantage.n_rows > DMP_VANTAGE_ROWS) {
		dmp_text_printf(error, "%zu rows; at most %d are read", vantage.n_rows,
		    DMP_VANTAGE_ROWS);
		goto fail;
	}
	status = DMP_ENOMEM;
	vantage.rows = calloc(vantage.n_rows + 1, sizeof(*vantage.rows));
	if (!vantage.rows)
		goto fail;
	status = DMP_EINVAL;
	for (size_t i = 0; i < vantage.n_rows; i++) {
		reader.object = json_array_get(vantage.tree, i);
		reader.number = i + 1;
		vantage_read_row(&reader, &vantage.rows[i]);
		if (reader.is_wrong)
			goto fail;
	}
	*ret_vantage = vantage;
	return DMP_OK;
fail:
	dmp_vantage_done(&vantage);
	return status;
}

void
dmp_vantage_done(struct dmp_vantage *vantage)
{
	free(vantage->rows);
	json_decref(vantage->tree);
}
