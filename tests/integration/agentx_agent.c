/* SPDX-License-Identifier: BSD-2-Clause */
/* agentx_agent.c - the agent or the notifier process alone, without a supervisor.
 *
 *   agentx_agent STATE RUN SITE agentx|standalone|notifier ADDRESS
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "subagent/daemon.h"

int
main(int argc, char **argv)
{
	struct dmpd_options options = {.process = DMPD_AGENT,
	    .lifeline = -1,
	    .log_level = DMP_LOG_DEBUG,
	    .foreground = true};

	if (argc != 6)
		return 2;
	options.program = argv[0];
	options.state_dir = argv[1];
	options.run_dir = argv[2];
	options.site = argv[3];
	if (strcmp(argv[4], "standalone") == 0)
		options.standalone = argv[5];
	else
		options.agentx = argv[5];
	dmp_log_setup(DMP_LOG_PLAIN, options.log_level);
	if (strcmp(argv[4], "notifier") == 0)
		return dmpd_notifier_main(&options);
	return dmpd_agent_main(&options);
}
