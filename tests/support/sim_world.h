/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_world.h - the network of sim.h: services at addresses, and attempts that are on
 * their way there.  Only sim.c includes it. */
#ifndef DMP_TEST_SIM_WORLD_H
#define DMP_TEST_SIM_WORLD_H

#include "probe/probe.h"
#include "support/sim.h"

#define SIM_WORLD_BEGIN_US INT64_C(1000000000)

struct sim_service {
	char address[DMP_ADDRESS_TEXT];
	uint16_t port;
	enum sim_answer answers[2]; /* the second one every other half period */
	int64_t period_us;          /* 0 = the first one always */
	int64_t since_us;
	int64_t expires_ms; /* wall clock, of its certificate; 0 = none */
	uint32_t latency_us;
	unsigned attempts;
};

struct sim_host {
	char address[DMP_ADDRESS_TEXT];
	bool is_gone;
};

struct sim_attempt;

struct sim_world {
	int64_t now_us;
	int64_t wall_step_ms;
	bool is_cut;
	struct sim_service *services;
	size_t n_services;
	struct sim_host *hosts;
	size_t n_hosts;
	struct sim_attempt **attempts; /* in flight, as they began */
	size_t n_attempts;
};

void sim_world_init(struct sim_world *world);
void sim_world_done(struct sim_world *world);
int64_t sim_world_wall_ms(const struct sim_world *world);

/* Made when it is not there yet; borrowed until the next call. */
struct sim_service *sim_world_service(
    struct sim_world *world, const char *address, uint16_t port);
struct sim_host *sim_world_host(struct sim_world *world, const char *address);
unsigned sim_world_attempts(
    const struct sim_world *world, const char *address, uint16_t port);

/* What an attempt would meet now, and how many whole days its certificate is valid. */
enum sim_answer sim_world_answer(
    struct sim_world *world, const struct sim_service *service);
enum sim_answer sim_world_answer_of(
    const struct sim_world *world, const struct sim_service *service);
int32_t sim_world_days(
    const struct sim_world *world, const struct sim_service *service);

/* The prober, arg is the world. */
enum dmp_status sim_world_start(const struct dmp_probe_spec *spec,
    dmp_probe_done_fn *done, void *done_arg, struct dmp_probe **ret_probe, void *arg);
void sim_world_cancel(struct dmp_probe *probe, void *arg);

/* When the next attempt ends, at most end_us; and end those that do now. */
int64_t sim_world_due_us(const struct sim_world *world, int64_t end_us);
void sim_world_turn(struct sim_world *world);

#endif
