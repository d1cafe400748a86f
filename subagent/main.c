/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/daemon.h"

int
main(int argc, char **argv)
{
	return dmpd_main(argc, argv);
}
