/* A bar on standard error while something takes its time. */
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"

#define BAR_WIDTH 30
#define BAR_EVERY 100000 /* microseconds */

void cli_progress(void *ctx, int64_t done, int64_t total)
{
	struct cli_progress *p = ctx;
	int64_t now;
	int full, width;

	if (!isatty(STDERR_FILENO) || total <= 0)
		return;
	now = clock_ticks();
	if (p->shown && now - p->drawn < BAR_EVERY && done < total)
		return;
	p->shown = true;
	p->drawn = now;
	full = done >= total ? BAR_WIDTH : (int)(done * BAR_WIDTH / total);
	width = BAR_WIDTH - full;
	fprintf(stderr, "\r%s [%.*s%*s] %3d%%\033[K", cli_pick(p->zh, p->en), full, "##############################",
		width, "", (int)(done >= total ? 100 : done * 100 / total));
	fflush(stderr);
}

void cli_progress_end(struct cli_progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
