/*
 * How many rows there will be is not known before the last: the bar runs to
 * and fro, the figures beside it count.
 */
#include "tool/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define DRAW_MS 200
#define WIDTH 20
#define BLOCK 4

void
progress_start(struct progress *p)
{
	p->shown = isatty(STDERR_FILENO) == 1;
	p->began_ms = p->drawn_ms = clock_ms();
}

/* The block's place at a time: from the left to the right and back. */
static unsigned int
place(uint64_t ms)
{
	const unsigned int way = WIDTH - BLOCK;
	unsigned int at = (unsigned int)(ms / DRAW_MS % (2 * way));

	return at < way ? at : 2 * way - at;
}

static void
draw(const struct progress *p, uint64_t rows, bool done)
{
	uint64_t ms = p->drawn_ms - p->began_ms;
	unsigned int at = done ? 0 : place(ms), size = done ? WIDTH : BLOCK;
	double mb = (double)p->bytes / 1e6;
	char bar[WIDTH + 1];

	for (unsigned int i = 0; i < WIDTH; i++)
		bar[i] = i >= at && i < at + size ? '=' : ' ';
	bar[WIDTH] = '\0';
	fprintf(stderr, "\r[%s] %" PRIu64 " rows  %.1f MB  %.1f MB/s  "
	    "%" PRIu64 ":%02" PRIu64 "\033[K", bar, rows, mb,
	    ms == 0 ? mb : mb * 1000 / (double)ms, ms / 60000,
	    ms / 1000 % 60);
}

void
progress_show(struct progress *p, uint64_t rows)
{
	uint64_t now;

	if (!p->shown)
		return;
	now = clock_ms();
	if (now - p->drawn_ms < DRAW_MS)
		return;
	p->drawn_ms = now;
	draw(p, rows, false);
}

void
progress_end(struct progress *p, uint64_t rows)
{
	if (!p->shown)
		return;
	p->drawn_ms = clock_ms();
	draw(p, rows, true);
	fputc('\n', stderr);
}

void
progress_clear(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
}
