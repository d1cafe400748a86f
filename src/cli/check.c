/* SPDX-License-Identifier: BSD-2-Clause */
/* check.c - dmports check: every port once, from here and now. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/report.h"
#include "engine/health.h"
#include "engine/sweep.h"
#include "probe/resolve.h"

enum {
	CHECK_IN_FLIGHT = 256,
	CHECK_RESERVED = 64, /* descriptors that are not for probes */
	CHECK_PROGRESS_MS = 200,
	CHECK_PATIENCE_MS = 1000 /* shorter checks show no progress */
};

struct check {
	struct dmp_cli *cli;
	struct dmp_plan *plan;
	struct dmp_report report;
	struct event_base *base;
	struct event *progress;
	struct dmp_resolver *resolver;
	struct dmp_sweep *sweep;
	size_t n_done;
	int64_t start_ms;
	bool has_shown;
};

/* How many descriptors the probes may use: up to the hard limit. */
static size_t
check_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return CHECK_RESERVED;
	if (limit.rlim_cur < limit.rlim_max) {
		struct rlimit more = {limit.rlim_max, limit.rlim_max};

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			limit = more;
	}
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > 1u << 20)
		return 1u << 20;
	return limit.rlim_cur > CHECK_RESERVED ? limit.rlim_cur - CHECK_RESERVED : 0;
}

/* The plan's half of every row. */
static bool
check_prepare_rows(struct check *check)
{
	const struct dmp_plan *plan = check->plan;

	check->report.rows = calloc(plan->n_ports + 1, sizeof(*check->report.rows));
	if (!check->report.rows)
		return false;
	check->report.n_rows = plan->n_ports;
	check->report.n_hosts = plan->n_hosts;
	for (size_t i = 0; i < plan->n_ports; i++) {
		const struct dmp_plan_port *port = &plan->ports[i];

		check->report.rows[i] = (struct dmp_report_row){
		    .key = port->key,
		    .host = plan->hosts[port->host].name,
		    .requirement = plan->requirements[port->requirement].key,
		    .service = port->service,
		    .why = port->why,
		    .transport = port->transport,
		    .port = port->number,
		    .level = port->level,
		    .state = DMP_STATE_UNKNOWN,
		    .reason = DMP_REASON_NONE,
		    .severity = DMP_SEVERITY_INDETERMINATE,
		    .tls_days_left = INT32_MAX,
		};
	}
	return true;
}

static enum dmp_state
check_state(const struct dmp_report_row *row, enum dmp_reason reason)
{
	if (reason == DMP_REASON_MAINTENANCE || reason == DMP_REASON_DISABLED)
		return DMP_STATE_NOT_APPLICABLE;
	return dmp_health_target(row->level, reason);
}

static void
check_port_done(size_t port, const struct dmp_probe_result *result, void *arg)
{
	struct check *check = arg;
	struct dmp_report_row *row = &check->report.rows[port];

	row->state = check_state(row, result->reason);
	row->reason = result->reason;
	row->severity = dmp_health_severity(row->level, row->state);
	row->latency_us = result->latency_us;
	row->checks = 1;
	row->tls_days_left = result->tls_days_left;
	dmp_address_text(&result->address, row->address);
	dmp_text_copy(row->detail, sizeof(row->detail), result->detail);
	dmp_text_copy(row->identity, sizeof(row->identity), result->identity);
	check->n_done++;
}

static void
check_all_done(void *arg)
{
	struct check *check = arg;

	(void)event_base_loopbreak(check->base);
}

static void
check_show_progress(evutil_socket_t fd, short what, void *arg)
{
	struct check *check = arg;

	(void)fd;
	(void)what;
	if (dmp_clock_mono_ms(check->cli->clock) - check->start_ms < CHECK_PATIENCE_MS)
		return;
	(void)fprintf(check->cli->err, "\r%zu of %zu ports checked", check->n_done,
	    check->report.n_rows);
	(void)fflush(check->cli->err);
	check->has_shown = true;
}

static enum dmp_status
check_run(struct check *check)
{
	struct dmp_sweep_config config = {
	    .clock = check->cli->clock,
	    .plan = check->plan,
	    .max_in_flight = CHECK_IN_FLIGHT,
	    .max_descriptors = check_descriptors(),
	    .port = check_port_done,
	    .done = check_all_done,
	    .arg = check,
	};
	static const struct timeval period = {0, CHECK_PROGRESS_MS * 1000};
	enum dmp_status status;

	check->base = event_base_new();
	if (!check->base)
		return DMP_ENOMEM;
	status =
	    dmp_resolver_new(check->base, check->cli->clock, NULL, &check->resolver);
	if (status != DMP_OK)
		return status;
	config.base = check->base;
	config.resolver = check->resolver;
	check->start_ms = dmp_clock_mono_ms(check->cli->clock);
	if (!check->cli->options.value[DMP_OPT_QUIET] &&
	    dmp_terminal_is(check->cli->err)) {
		check->progress =
		    event_new(check->base, -1, EV_PERSIST, check_show_progress, check);
		if (check->progress)
			(void)evtimer_add(check->progress, &period);
	}
	status = dmp_sweep_start(&config, &check->sweep);
	if (status == DMP_OK && event_base_dispatch(check->base) != 0)
		status = DMP_EIO;
	if (check->has_shown)
		(void)fprintf(check->cli->err, "\r\033[K");
	return status;
}

static void
check_done(struct check *check)
{
	dmp_sweep_free(check->sweep);
	dmp_resolver_free(check->resolver);
	if (check->progress)
		event_free(check->progress);
	if (check->base)
		event_base_free(check->base);
	free(check->report.rows);
	dmp_plan_free(check->plan);
}

int
dmp_cli_check(struct dmp_cli *cli)
{
	struct check check = {.cli = cli};
	enum dmp_status status;
	int code = dmp_cli_plan(cli, &check.plan);

	if (code != DMP_EXIT_FINE) {
		if (cli->format == DMP_FORMAT_NAGIOS)
			return dmp_report_nagios_unknown(
			    "the site description is not usable", cli->out);
		return code;
	}
	status = check_prepare_rows(&check) ? check_run(&check) : DMP_ENOMEM;
	if (status != DMP_OK) {
		dmp_cli_error(cli, "cannot check: %s", dmp_status_text(status));
		code =
		    cli->format == DMP_FORMAT_NAGIOS
		        ? dmp_report_nagios_unknown(dmp_status_text(status), cli->out)
		        : DMP_EXIT_FAILED;
	} else {
		code = dmp_report_print(cli, &check.report);
		if (code == DMP_EXIT_FAILED && cli->format != DMP_FORMAT_NAGIOS)
			dmp_cli_error(cli,
			    check.report.n_rows == 0
			        ? "nothing to check: the plan has no ports from here "
			          "(see: dmports plan --all)"
			        : "nothing could be checked from this machine");
	}
	check_done(&check);
	return code;
}
