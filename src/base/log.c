/* The log: composes one logfmt line and writes it in one call, so that lines
 * of several threads do not mix. Holds the least level, nothing else. */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_MAX_BYTES 4096

static _Atomic int least_level = LOG_LEVEL_INFO;

void log_set_level(enum log_level least)
{
	least_level = (int)least;
}

/* A message that starts as "name=" is a row of logfmt fields already. */
static bool is_fields(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

	return n && text[n] == '=';
}

void log_write(enum log_level level, const char *fmt, ...)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };
	char text[LINE_MAX_BYTES / 2], line[LINE_MAX_BYTES + 128], when[TIME_TEXT_MAX];
	size_t n;
	va_list args;
	bool fields;

	if ((int)level < least_level)
		return;
	va_start(args, fmt);
	if (vsnprintf(text, sizeof(text), fmt, args) < 0)
		text[0] = '\0';
	va_end(args);
	time_format_utc(clock_now(), when);
	fields = is_fields(text);
	n = (size_t)snprintf(line, sizeof(line), "time=%s level=%s %s", when, names[level], fields ? "" : "msg=\"");
	for (const char *p = text; *p; p++) {
		if (!fields && (*p == '"' || *p == '\\'))
			line[n++] = '\\';
		line[n++] = (unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p;
	}
	if (!fields)
		line[n++] = '"';
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return; /* there is nowhere left to say so */
}
