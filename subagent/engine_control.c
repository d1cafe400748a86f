/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/engine_control.h"

#include <string.h>

#include "engine/control_admin.h"

static bool
control_is_stored(const struct dmpd_engine_control *control, uint32_t ticket)
{
	return control->progress.admin_stored >= ticket;
}

static void
control_say_volatile(const struct dmpd_engine_control *control, struct dmp_text *answer)
{
	dmp_text_printf(answer, "in force, but lost when the daemon ends now: %s",
	    control->progress.error);
}

/* --- requests --- */

static enum dmpd_control_reply
control_change_admin(struct dmpd_engine_control *control, struct dmp_engine *engine,
    uint64_t client, const struct dmp_admin_request *request, struct dmp_text *answer)
{
	enum dmp_status status;
	uint32_t ticket = 0;

	if (control->n_waiting == DMPD_CONTROL_CLIENTS) {
		dmp_text_append(answer, "too many changes wait to be stored");
		return DMPD_CONTROL_ERROR;
	}
	if (request->clears)
		status = dmp_engine_clear_admin(
		    engine, request->entry.scope, request->entry.name, &ticket, answer);
	else
		status = dmp_engine_set_admin(engine, &request->entry, &ticket, answer);
	if (status != DMP_OK)
		return DMPD_CONTROL_ERROR;
	if (control->progress.failing) {
		control_say_volatile(control, answer);
		return DMPD_CONTROL_OK;
	}
	control->waiting[control->n_waiting].client = client;
	control->waiting[control->n_waiting].ticket = ticket;
	control->n_waiting++;
	return DMPD_CONTROL_LATER;
}

static enum dmpd_control_reply
control_admin(struct dmpd_engine_control *control, struct dmp_engine *engine,
    uint64_t client, const char *verb, const char *words, struct dmp_text *answer)
{
	struct dmp_admin_request request;

	if (dmp_control_decode_admin(verb, words, &request, answer) != DMP_OK)
		return DMPD_CONTROL_ERROR;
	return control_change_admin(control, engine, client, &request, answer);
}

/* One port, or all of them. */
static enum dmpd_control_reply
control_probe(struct dmp_engine *engine, const char *words, struct dmp_text *answer)
{
	enum dmp_status status = dmp_engine_check_now(engine, *words ? words : NULL);
	char key[DMP_KEY_TEXT];

	if (status == DMP_OK)
		return DMPD_CONTROL_OK;
	dmp_text_safe(key, sizeof key, words);
	if (status == DMP_EPERM)
		dmp_text_printf(answer, "%s is disabled", key);
	else
		dmp_text_printf(answer,
		    "the plan has no port %s; dmports status --format csv lists the "
		    "keys",
		    key);
	return DMPD_CONTROL_ERROR;
}

static enum dmpd_control_reply
control_resend(struct dmp_engine *engine, const char *words, struct dmp_text *answer)
{
	uint32_t n = 0;

	if (*words) {
		dmp_text_append(answer, "expected nothing after resend");
		return DMPD_CONTROL_ERROR;
	}
	switch (dmp_engine_resend(engine, &n)) {
	case DMP_OK:
		dmp_text_printf(answer, "%u", n);
		return DMPD_CONTROL_OK;
	case DMP_EBUSY:
		dmp_text_append(answer, "problems are being repeated already");
		return DMPD_CONTROL_ERROR;
	default:
		dmp_text_append(answer, "not all problems could be repeated");
		return DMPD_CONTROL_ERROR;
	}
}

bool
dmpd_engine_control_knows(const char *verb)
{
	return dmp_control_is_admin(verb) || strcmp(verb, "probe") == 0 ||
	       strcmp(verb, "resend") == 0;
}

enum dmpd_control_reply
dmpd_engine_control_handle(struct dmpd_engine_control *control,
    struct dmp_engine *engine, uint64_t client, const char *verb, const char *words,
    struct dmp_text *answer)
{
	if (strcmp(verb, "probe") == 0)
		return control_probe(engine, words, answer);
	if (strcmp(verb, "resend") == 0)
		return control_resend(engine, words, answer);
	return control_admin(control, engine, client, verb, words, answer);
}

/* --- answers --- */

void
dmpd_engine_control_progress(struct dmpd_engine_control *control,
    struct dmpd_control_server *server, const struct dmp_eventlog_progress *progress)
{
	size_t kept = 0;

	control->progress = *progress;
	for (size_t i = 0; i < control->n_waiting; i++) {
		struct dmp_text answer = {0};

		if (!control_is_stored(control, control->waiting[i].ticket)) {
			if (!progress->failing) {
				control->waiting[kept++] = control->waiting[i];
				continue;
			}
			control_say_volatile(control, &answer);
		}
		dmpd_control_answer(
		    server, control->waiting[i].client, true, dmp_text_get(&answer));
		dmp_text_done(&answer);
	}
	control->n_waiting = kept;
}
