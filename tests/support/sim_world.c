/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/sim_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { WALL_BEGIN_DAY = 20779, USUAL_LATENCY_US = 900, IN_FLIGHT_MAX = 4096 };

/* An attempt knows its end when it begins: what changes on the way comes too late. */
struct sim_attempt {
	struct dmp_probe_result result;
	dmp_probe_done_fn *done;
	void *done_arg;
	int64_t due_us;
};

void
sim_world_init(struct sim_world *world)
{
	*world = (struct sim_world){.now_us = SIM_WORLD_BEGIN_US};
	world->attempts = calloc(IN_FLIGHT_MAX, sizeof *world->attempts);
	assert_non_null(world->attempts);
}

void
sim_world_done(struct sim_world *world)
{
	assert_int_equal(world->n_attempts, 0);
	free(world->attempts);
	free(world->services);
	free(world->hosts);
}

int64_t
sim_world_wall_ms(const struct sim_world *world)
{
	return WALL_BEGIN_DAY * (int64_t)SIM_DAY + 12 * (int64_t)SIM_HOUR +
	       (world->now_us - SIM_WORLD_BEGIN_US) / 1000 + world->wall_step_ms;
}

static struct sim_service *
world_find_service(const struct sim_world *world, const char *address, uint16_t port)
{
	for (size_t i = 0; i < world->n_services; i++) {
		struct sim_service *service = &world->services[i];

		if (service->port == port && strcmp(service->address, address) == 0)
			return service;
	}
	return NULL;
}

struct sim_service *
sim_world_service(struct sim_world *world, const char *address, uint16_t port)
{
	struct sim_service *service = world_find_service(world, address, port);

	if (service)
		return service;
	world->services =
	    realloc(world->services, (world->n_services + 1) * sizeof *world->services);
	assert_non_null(world->services);
	service = &world->services[world->n_services++];
	*service = (struct sim_service){.port = port, .latency_us = USUAL_LATENCY_US};
	dmp_text_copy(service->address, sizeof service->address, address);
	return service;
}

struct sim_host *
sim_world_host(struct sim_world *world, const char *address)
{
	struct sim_host *host;

	for (size_t i = 0; i < world->n_hosts; i++) {
		if (strcmp(world->hosts[i].address, address) == 0)
			return &world->hosts[i];
	}
	world->hosts =
	    realloc(world->hosts, (world->n_hosts + 1) * sizeof *world->hosts);
	assert_non_null(world->hosts);
	host = &world->hosts[world->n_hosts++];
	*host = (struct sim_host){.is_gone = false};
	dmp_text_copy(host->address, sizeof host->address, address);
	return host;
}

unsigned
sim_world_attempts(const struct sim_world *world, const char *address, uint16_t port)
{
	const struct sim_service *service = world_find_service(world, address, port);

	return service ? service->attempts : 0;
}

/* --- attempts --- */

enum sim_answer
sim_world_answer_of(const struct sim_world *world, const struct sim_service *service)
{
	int64_t age_us = world->now_us - service->since_us;

	if (service->period_us == 0)
		return service->answers[0];
	return service->answers[age_us * 2 / service->period_us % 2];
}

enum sim_answer
sim_world_answer(struct sim_world *world, const struct sim_service *service)
{
	struct dmp_address address;

	assert_true(dmp_address_parse(service->address, &address));
	if (sim_world_host(world, service->address)->is_gone ||
	    (world->is_cut && !dmp_address_is_loopback(&address)))
		return SIM_SILENT;
	return sim_world_answer_of(world, service);
}

int32_t
sim_world_days(const struct sim_world *world, const struct sim_service *service)
{
	int64_t left_ms = service->expires_ms - sim_world_wall_ms(world);

	if (service->expires_ms == 0)
		return INT32_MAX;
	return left_ms < 0 ? -1 : (int32_t)(left_ms / SIM_DAY);
}

static void
attempt_answered(struct sim_attempt *attempt, const struct sim_world *world,
    const struct sim_service *service, enum dmp_reason reason)
{
	struct dmp_probe_result *result = &attempt->result;

	result->reason = reason;
	result->progress = DMP_PROGRESS_ANSWERED;
	result->latency_us = service->latency_us;
	dmp_text_copy(result->identity, sizeof result->identity, "Simulated");
	if (service->expires_ms == 0)
		return;
	result->tls_days_left = sim_world_days(world, service);
	if (result->tls_days_left < 0)
		result->reason = DMP_REASON_TLS_EXPIRED;
	dmp_text_copy(result->tls_subject, sizeof result->tls_subject, "CN=simulated");
}

static void
attempt_meet(struct sim_attempt *attempt, struct sim_world *world,
    const struct sim_service *service, const struct dmp_probe_spec *spec)
{
	struct dmp_probe_result *result = &attempt->result;
	bool connect = spec->depth == DMP_PROBE_CONNECT_ONLY;
	bool datagram = spec->transport == DMP_TRANSPORT_UDP;

	switch (sim_world_answer(world, service)) {
	case SIM_UP:
		attempt_answered(attempt, world, service,
		    connect ? DMP_REASON_OPEN : DMP_REASON_ANSWERED);
		break;
	case SIM_UNWELL:
		attempt_answered(attempt, world, service, DMP_REASON_SERVICE_UNWELL);
		break;
	case SIM_WRONG:
		attempt_answered(attempt, world, service, DMP_REASON_WRONG_SERVICE);
		break;
	case SIM_REFUSED:
		result->reason = DMP_REASON_REFUSED;
		result->progress = DMP_PROGRESS_REACHED;
		result->latency_us = service->latency_us;
		break;
	case SIM_SILENT:
		result->reason = datagram && !spec->has_answered ? DMP_REASON_NO_REPLY
		                                                 : DMP_REASON_TIMEOUT;
		break;
	}
	attempt->due_us =
	    world->now_us + (result->latency_us > 0
	                            ? result->latency_us
	                            : (int64_t)spec->connect_timeout_ms * 1000);
}

enum dmp_status
sim_world_start(const struct dmp_probe_spec *spec, dmp_probe_done_fn *done,
    void *done_arg, struct dmp_probe **ret_probe, void *arg)
{
	struct sim_world *world = arg;
	struct sim_attempt *attempt = calloc(1, sizeof *attempt);
	char address[DMP_ADDRESS_TEXT];
	struct sim_service *service;

	assert_non_null(attempt);
	assert_true(spec->n_addresses > 0);
	dmp_address_text(&spec->addresses[0], address);
	service = sim_world_service(world, address, spec->port);
	service->attempts++;
	attempt->done = done;
	attempt->done_arg = done_arg;
	attempt->result.address = spec->addresses[0];
	attempt->result.tls_days_left = INT32_MAX;
	attempt_meet(attempt, world, service, spec);
	attempt->result.outcome = dmp_reason_outcome(attempt->result.reason);
	dmp_text_copy(attempt->result.detail, sizeof attempt->result.detail,
	    dmp_reason_sentence(attempt->result.reason));
	assert_true(world->n_attempts < IN_FLIGHT_MAX);
	world->attempts[world->n_attempts++] = attempt;
	*ret_probe = (struct dmp_probe *)(void *)attempt;
	return DMP_OK;
}

static void
world_take_out(struct sim_world *world, size_t i)
{
	world->n_attempts--;
	memmove(world->attempts + i, world->attempts + i + 1,
	    (world->n_attempts - i) * sizeof(struct sim_attempt *));
}

void
sim_world_cancel(struct dmp_probe *probe, void *arg)
{
	struct sim_world *world = arg;

	for (size_t i = 0; i < world->n_attempts; i++) {
		if ((void *)world->attempts[i] != (void *)probe)
			continue;
		free(world->attempts[i]);
		world_take_out(world, i);
		return;
	}
	assert_null(probe);
}

int64_t
sim_world_due_us(const struct sim_world *world, int64_t end_us)
{
	int64_t due_us = end_us;

	for (size_t i = 0; i < world->n_attempts; i++) {
		if (world->attempts[i]->due_us < due_us)
			due_us = world->attempts[i]->due_us;
	}
	return due_us;
}

void
sim_world_turn(struct sim_world *world)
{
	size_t i = 0;

	while (i < world->n_attempts) {
		struct sim_attempt *attempt = world->attempts[i];

		if (attempt->due_us > world->now_us) {
			i++;
			continue;
		}
		world_take_out(world, i);
		attempt->done(&attempt->result, attempt->done_arg);
		free(attempt);
		i = 0; /* it may have cancelled others */
	}
}
