/*
 * A collector in C that goes wrong on command: the first argument says how.
 * It also tells what it was told, for tests of those who go right.
 */
#include <dalpuri/collector.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MEG (1024 * 1024)
#define DESCRIPTORS 256

struct counter {
	long calls;
};

/* What must not be optimised away. */
static volatile long sink;
static char *volatile nowhere;

static int
ack_text(const struct dalpuri_host *h, struct dalpuri_request *r,
    const char *json)
{
	struct dalpuri_value v = { .kind = DALPURI_JSON, .data = json,
	    .len = strlen(json) };

	return h->ack(r, &v, 1);
}

static int
ack_number(const struct dalpuri_host *h, struct dalpuri_request *r, long n)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", n);
	return ack_text(h, r, text);
}

/* ---- how to go wrong ----------------------------------------------------- */

static int
crash(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	*nowhere = 1;
	return ack_text(h, r, "\"still here\"");
}

static int
abort_it(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	(void)h;
	(void)r;
	abort();
}

static int
exit_it(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	(void)h;
	(void)r;
	exit(0);
}

static int
loop(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	for (;;)
		sink++;
	return ack_number(h, r, sink);
}

static int
sleep_on(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	for (;;)
		sleep(1);
	return ack_number(h, r, 0);
}

static long
recurse(long depth)
{
	char room[4096];

	memset(room, (int)depth, sizeof(room));
	sink = room[depth & 4095];
	return depth > 0 ? recurse(depth + 1) + room[0] : sink;
}

static int
overflow(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	return ack_number(h, r, recurse(1));
}

static int
leak(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	char *p;

	for (;;) {
		p = malloc(MEG);
		if (p == NULL)
			return DALPURI_EMEMORY;
		memset(p, 1, MEG);
	}
	return ack_number(h, r, 0);
}

static int
leak_descriptors(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	long n = 0;

	while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0)
		n++;
	return ack_number(h, r, n);
}

static int
close_all(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	for (int fd = 3; fd < DESCRIPTORS; fd++)
		close(fd);
	return ack_text(h, r, "\"all closed\"");
}

static int
scribble(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	static const char garbage[] = "\377 this is no message \0\1\2\3";

	for (int fd = 3; fd < DESCRIPTORS; fd++)
		if (write(fd, garbage, sizeof(garbage)) < 0)
			sink++;
	return ack_text(h, r, "\"all written to\"");
}

static int
smash(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	char *p = malloc(64), *volatile far = p;

	memset(far - 64, 0x5a, 64 * 1024);
	free(p);
	return ack_text(h, r, "\"the heap is gone\"");
}

static int
garbage(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	return ack_text(h, r, "{\"a\":1,");
}

static int
garbage_row(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	(void)h->rows_begin(r);
	(void)h->row(r, "{\"a\":1}", 7);
	(void)h->row(r, "1],\"success\":true", 17);
	return h->rows_end(r);
}

static int
garbage_number(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	const struct dalpuri_value values[] = {
		{ .kind = DALPURI_BINARY, .data = "x", .len = 1 },
		{ .kind = DALPURI_JSON,
		    .data = "{\"_placeholder\":true,\"num\":3}",
		    .len = 29 },
	};

	return h->ack(r, values, 2);
}

static int
garbage_event(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	return h->emit(r, "disconnect", NULL, 0);
}

static int
forget(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	(void)h;
	(void)r;
	return DALPURI_OK;
}

static int
twice(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	int result = ack_text(h, r, "1");

	if (result == DALPURI_OK && ack_text(h, r, "2") != DALPURI_EORDER)
		abort();
	return result;
}

static int
flood(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	int result;

	do
		result = h->emit(r, "flood", NULL, 0);
	while (result == DALPURI_OK);
	return result;
}

static int
huge(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	struct dalpuri_value v = { .kind = DALPURI_BINARY, .len = MEG };
	int result = DALPURI_EMEMORY;
	char *bytes = calloc(1, MEG);

	v.data = bytes;
	do
		result = bytes == NULL ? DALPURI_EMEMORY :
		    h->emit(r, "huge", &v, 1);
	while (result == DALPURI_OK);
	free(bytes);
	return result;
}

/* Ends when it is told to. */
static int
patient(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	int result;

	while ((result = h->stopped(r)) == DALPURI_OK)
		usleep(1000);
	return result;
}

/* ---- system calls -------------------------------------------------------- */

static long
errno_of(int result)
{
	return result < 0 ? errno : 0;
}

/* What can it do?  Numbers of errors, 0 for yes. */
static int
attempt(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	char *const argv[] = { NULL };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[128];
	long programs, files, listens;

	programs = errno_of(execve("/nowhere/at/all", argv, argv));
	files = errno_of(rename("/nowhere/at/all", "/nowhere/else"));
	listens = errno_of(listen(fd, 1));
	close(fd);
	snprintf(text, sizeof(text), "{\"programs\":%ld,\"files\":%ld,"
	    "\"listen\":%ld}", programs, files, listens);
	return ack_text(h, r, text);
}

/* ---- the database -------------------------------------------------------- */

static int
ask(const struct dalpuri_host *h, struct dalpuri_request *r, const char *sql,
    const struct dalpuri_cell *params, size_t n)
{
	struct dalpuri_cursor *c;
	int result = h->query(r, sql, strlen(sql), params, n, &c);

	if (result == DALPURI_OK)
		result = h->rows_begin(r);
	while (result == DALPURI_OK && (result = h->next(c)) == 1)
		result = h->row_of(r, c);
	return result == DALPURI_OK ? h->rows_end(r) : result;
}

static int
write_sql(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	return ask(h, r, "DELETE FROM Company", NULL, 0);
}

static int
write_two(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	return ask(h, r, "SELECT 1 AS a; DELETE FROM Company", NULL, 0);
}

static int
inject(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	static const char text[] = "x' OR '1'='1'; DROP TABLE Company; --";
	struct dalpuri_cell cell = { .kind = DALPURI_TEXT, .data = text,
	    .len = sizeof(text) - 1 };

	return ask(h, r, "-- param t String\nSELECT :t AS t, 2 AS two",
	    &cell, 1);
}

static int
too_few(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	return ask(h, r, "-- param t String\nSELECT :t AS t", NULL, 0);
}

/* The kinds of some cells, and what they hold. */
static int
cells(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	static const char sql[] = "-- param n Int\n-- param ids Int[]\n"
	    "-- param f Float\n-- param none String?\n"
	    "SELECT Company_RecID, Company_ID, :n + 1 AS n, :none AS empty "
	    "FROM Company WHERE Company_RecID IN (:ids) AND :f > 0.25 "
	    "ORDER BY 1";
	const struct dalpuri_cell params[] = {
		{ .kind = DALPURI_INT, .i = 41 },
		{ .kind = DALPURI_LIST, .data = "[1,2,3]", .len = 7 },
		{ .kind = DALPURI_DOUBLE, .f = 0.5 },
		{ .kind = DALPURI_NULL },
	};
	struct dalpuri_cell id, name, n, nothing, none;
	struct dalpuri_cursor *c, *other;
	char text[512];
	long rows = 0;
	int result = h->query(r, sql, sizeof(sql) - 1, params, 4, &c);

	if (result != DALPURI_OK)
		return result;
	if (h->query(r, "SELECT 1 AS a", 13, NULL, 0, &other) !=
	    DALPURI_EORDER || h->cell(c, 0, &id) != DALPURI_EINVAL)
		abort();
	while ((result = h->next(c)) == 1)
		if (rows++ == 0 && (h->cell(c, 0, &id) != DALPURI_OK ||
		    h->cell(c, 1, &name) != DALPURI_OK ||
		    h->cell(c, 2, &n) != DALPURI_OK ||
		    h->cell(c, 3, &nothing) != DALPURI_OK ||
		    h->cell(c, 4, &none) != DALPURI_EINVAL ||
		    snprintf(text, sizeof(text), "[%u,%lld,\"%s\",%lld,%u,"
		    "%zu,\"%s\"", id.kind, (long long)id.i, name.data,
		    (long long)n.i, nothing.kind, h->columns(c),
		    h->column(c, 2)) < 0))
			abort();
	h->close(c);
	h->close(c);
	if (result != DALPURI_OK || rows == 0)
		return result;
	snprintf(text + strlen(text), sizeof(text) - strlen(text), ",%ld]",
	    rows);
	return ack_text(h, r, text);
}

/* ---- what it is told ----------------------------------------------------- */

static int
tell(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	char text[1024];
	int64_t left = h->time_left_ms(r);

	snprintf(text, sizeof(text), "{\"event\":\"%s\",\"nsp\":\"%s\","
	    "\"key\":\"%s\",\"auth\":%s,\"arguments\":%zu,"
	    "\"attachments\":%zu,\"acks\":%d,\"in time\":%s}", h->event(r),
	    h->nsp(r), h->key(r), h->auth(r, NULL), h->arguments(r),
	    h->attachments(r), h->wants_ack(r), left > 0 && left <= 600000 ?
	    "true" : "false");
	h->log(h, DALPURI_WARN, "it tells\nwhat it was told");
	return ack_text(h, r, text);
}

static int
refuse(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	return h->fail(r, "FORBIDDEN", "It does not like \"you\".");
}

static int
several(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	const struct dalpuri_value values[] = {
		{ .kind = DALPURI_BINARY, .data = "\1\2", .len = 2 },
		{ .kind = DALPURI_JSON, .data = " [1] ", .len = 5 },
		{ .kind = DALPURI_JSON,
		    .data = "{\"b\":{\"_placeholder\":true,\"num\":0}}",
		    .len = 35 },
		{ .kind = DALPURI_ATTACHMENT, .data = "\3", .len = 1 },
		{ .kind = DALPURI_BINARY, .data = NULL, .len = 0 },
	};
	int result = h->emit(r, "first", NULL, 0);

	if (result == DALPURI_OK)
		result = h->emit(r, "second", values, 5);
	return result == DALPURI_OK ? h->ack(r, values, 5) : result;
}

static int
many_rows(const struct dalpuri_host *h, struct dalpuri_request *r)
{
	int result = h->emit(r, "first", NULL, 0);
	char text[64];

	if (result == DALPURI_OK)
		result = h->rows_begin(r);
	for (long i = 0; result == DALPURI_OK && i < 100000; i++) {
		snprintf(text, sizeof(text), "{\"i\":%ld}", i);
		result = h->row(r, text, strlen(text));
	}
	return result == DALPURI_OK ? h->rows_end(r) : result;
}

static const struct {
	const char *name;	/* as JSON */
	int (*run)(const struct dalpuri_host *h, struct dalpuri_request *r);
} ways[] = {
	{ "\"crash\"", crash },
	{ "\"abort\"", abort_it },
	{ "\"exit\"", exit_it },
	{ "\"loop\"", loop },
	{ "\"sleep\"", sleep_on },
	{ "\"overflow\"", overflow },
	{ "\"leak\"", leak },
	{ "\"descriptors\"", leak_descriptors },
	{ "\"close\"", close_all },
	{ "\"scribble\"", scribble },
	{ "\"smash\"", smash },
	{ "\"garbage\"", garbage },
	{ "\"garbage row\"", garbage_row },
	{ "\"garbage number\"", garbage_number },
	{ "\"garbage event\"", garbage_event },
	{ "\"forget\"", forget },
	{ "\"twice\"", twice },
	{ "\"flood\"", flood },
	{ "\"huge\"", huge },
	{ "\"patient\"", patient },
	{ "\"attempt\"", attempt },
	{ "\"write\"", write_sql },
	{ "\"write two\"", write_two },
	{ "\"inject\"", inject },
	{ "\"too few\"", too_few },
	{ "\"cells\"", cells },
	{ "\"tell\"", tell },
	{ "\"refuse\"", refuse },
	{ "\"several\"", several },
	{ "\"rows\"", many_rows },
};

static int
call(const struct dalpuri_host *h, struct dalpuri_request *r, void *state)
{
	struct counter *counter = state;
	struct dalpuri_value v;

	counter->calls++;
	if (h->argument(r, 0, &v) != DALPURI_OK)
		return ack_number(h, r, counter->calls);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (v.kind == DALPURI_JSON &&
		    strcmp(v.data, ways[i].name) == 0)
			return ways[i].run(h, r);
	return h->fail(r, "BAD_OPTIONS", "there is no such way");
}

static int
start(const struct dalpuri_host *h, void **state)
{
	(void)h;
	*state = calloc(1, sizeof(struct counter));
	return *state == NULL ? DALPURI_EMEMORY : DALPURI_OK;
}

static void
stop(void *state)
{
	free(state);
}

const struct dalpuri_collector dalpuri_collector = {
	.abi = DALPURI_ABI,
	.size = sizeof(dalpuri_collector),
	.description = "Goes wrong on command.",
	.call = call,
	.start = start,
	.stop = stop,
};
