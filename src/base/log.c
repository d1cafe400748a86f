/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

static struct {
	enum dmp_log_style style;
	enum dmp_log_level level;
} sink = {DMP_LOG_PLAIN, DMP_LOG_INFO};

void
dmp_log_setup(enum dmp_log_style style, enum dmp_log_level level)
{
	sink.style = style;
	sink.level = level;
}

/* One write per line, so that lines of several processes do not mix. */
void
dmp_log(enum dmp_log_level level, const char *part, const char *format, ...)
{
	int saved_errno = errno;
	char message[1024];
	char printable[1024];
	char line[1200];
	va_list args;
	int n;

	if (level > sink.level)
		return;
	va_start(args, format);
	if (vsnprintf(message, sizeof message, format, args) < 0)
		message[0] = '\0';
	va_end(args);
	dmp_text_printable(printable, sizeof printable, message, strlen(message));
	if (sink.style == DMP_LOG_JOURNAL)
		n = snprintf(
		    line, sizeof line, "<%d>%s: %s\n", (int)level, part, printable);
	else
		n = snprintf(line, sizeof line, "%s: %s\n", part, printable);
	if (n > 0) {
		ssize_t written = write(STDERR_FILENO, line, (size_t)n);

		(void)written; /* there is nowhere left to complain */
	}
	errno = saved_errno;
}
