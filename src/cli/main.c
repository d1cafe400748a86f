/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - the dmports command; everything else is in a library that tests can link. */
#include <signal.h>

#include "cli/cli.h"

int
main(int argc, char **argv)
{
	/* A peer that hangs up must not end us, nor may a full pipe do so silently. */
	(void)signal(SIGPIPE, SIG_IGN);
	return dmp_cli_main(argc, argv, stdout, stderr);
}
