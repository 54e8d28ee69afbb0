/*
 * The database behind the TDS server of the tests: SQLite in a process of
 * its own, told what to do on stdin.  All numbers are little-endian, as on
 * every machine that this is tested on.
 *
 *	asked:	u32 length of what follows
 *		u32 length, SQL (several statements, if there are no parameters)
 *		u16 parameters, each u8 length, name, u8 kind, u32 length, value
 *	told:	u8 tag, u32 length, body
 *		C	u16 columns, each u16 length, name, u16 length, type
 *		R	for each column u8 kind, u32 length, value
 *		D	the end; u64 rows changed
 *		E	the end; why it failed
 *
 * Kinds of values are SQLite's own numbers for them; an integer and a float
 * have eight bytes.  SIGINT ends the running statement.  Started with the file
 * and "bin" when letters' case counts, else "ci".
 */
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tsql.h"

/* A value's head in a row: its kind and length. */
#define HEAD 5

static sqlite3 *db;

/* A message while it is made; grows, never shrinks. */
static struct {
	char *data;
	size_t len, size;
} out;

struct input {
	const char *p, *end;
};

static void
on_interrupt(int sig)
{
	(void)sig;
	sqlite3_interrupt(db);
}

static void
put(const void *data, size_t len)
{
	if (out.size - out.len < len) {
		out.size = (out.size + len) * 2;
		out.data = realloc(out.data, out.size);
		if (out.data == NULL)
			exit(1);
	}
	if (len > 0)
		memcpy(out.data + out.len, data, len);
	out.len += len;
}

static void
send_out(char tag)
{
	uint32_t len = (uint32_t)out.len;

	if (putchar(tag) == EOF || fwrite(&len, sizeof(len), 1, stdout) != 1 ||
	    (out.len > 0 && fwrite(out.data, out.len, 1, stdout) != 1))
		exit(1);
	out.len = 0;
}

static void
put_short_text(const char *s)
{
	uint16_t len = (uint16_t)(s == NULL ? 0 : strlen(s));

	put(&len, sizeof(len));
	put(s, len);
}

static void
send_columns(sqlite3_stmt *st)
{
	uint16_t n = (uint16_t)sqlite3_column_count(st);

	put(&n, sizeof(n));
	for (int i = 0; i < n; i++) {
		put_short_text(sqlite3_column_name(st, i));
		put_short_text(sqlite3_column_decltype(st, i));
	}
	send_out('C');
}

static void
put_value(sqlite3_stmt *st, int i)
{
	uint8_t kind = (uint8_t)sqlite3_column_type(st, i);
	int64_t n = sqlite3_column_int64(st, i);
	double d = kind == SQLITE_FLOAT ? sqlite3_column_double(st, i) : 0;
	const void *data = &n;
	uint32_t len = 8;

	if (kind == SQLITE_FLOAT) {
		data = &d;
	} else if (kind != SQLITE_INTEGER) {
		data = sqlite3_column_blob(st, i);
		len = (uint32_t)sqlite3_column_bytes(st, i);
	}
	put(&kind, sizeof(kind));
	put(&len, sizeof(len));
	put(data, len);
}

static int
run(sqlite3_stmt *st)
{
	int n = sqlite3_column_count(st), r;

	if (n > 0)
		send_columns(st);
	while ((r = sqlite3_step(st)) == SQLITE_ROW) {
		for (int i = 0; i < n; i++)
			put_value(st, i);
		send_out('R');
	}
	return r == SQLITE_DONE ? 0 : -1;
}

/* len bytes of what was asked; there are always as many. */
static const void *
take(struct input *in, size_t len)
{
	const char *p = in->p;

	if ((size_t)(in->end - p) < len) {
		fputs("engine: a request is cut\n", stderr);
		exit(1);
	}
	in->p += len;
	return p;
}

static uint32_t
take_u32(struct input *in)
{
	uint32_t n;

	memcpy(&n, take(in, sizeof(n)), sizeof(n));
	return n;
}

static void
bind(sqlite3_stmt *st, int i, int kind, const char *value, uint32_t len)
{
	int64_t n;
	double d;

	switch (kind) {
	case SQLITE_INTEGER:
		memcpy(&n, value, sizeof(n));
		sqlite3_bind_int64(st, i, n);
		break;
	case SQLITE_FLOAT:
		memcpy(&d, value, sizeof(d));
		sqlite3_bind_double(st, i, d);
		break;
	case SQLITE_TEXT:
		sqlite3_bind_text(st, i, value, (int)len, SQLITE_STATIC);
		break;
	case SQLITE_BLOB:
		sqlite3_bind_blob(st, i, value, (int)len, SQLITE_STATIC);
		break;
	default:
		sqlite3_bind_null(st, i);
	}
}

static void
bind_all(sqlite3_stmt *st, struct input *in)
{
	uint16_t n;
	char name[256];

	memcpy(&n, take(in, sizeof(n)), sizeof(n));
	for (uint16_t i = 0; i < n; i++) {
		size_t len = *(const uint8_t *)take(in, 1);
		int kind;
		uint32_t size;

		memcpy(name, take(in, len), len);
		name[len] = '\0';
		kind = *(const uint8_t *)take(in, 1);
		size = take_u32(in);
		bind(st, sqlite3_bind_parameter_index(st, name), kind,
		    take(in, size), size);
	}
}

/* One statement at the head of *sql, which moves behind it; 0 or -1. */
static int
run_one(const char **sql, const char *end, struct input params)
{
	sqlite3_stmt *st;
	int r;

	if (sqlite3_prepare_v2(db, *sql, (int)(end - *sql), &st, sql) !=
	    SQLITE_OK)
		return -1;
	if (st == NULL)
		return 0;
	bind_all(st, &params);
	r = run(st);
	if (r != 0) {
		const char *why = sqlite3_errmsg(db);

		put(why, strlen(why));
	}
	sqlite3_finalize(st);
	return r;
}

static void
answer(struct input in)
{
	uint32_t len = take_u32(&in);
	const char *sql = take(&in, len), *end = sql + len;
	int64_t before = sqlite3_total_changes(db), changed;

	while (sql < end) {
		if (run_one(&sql, end, in) == 0)
			continue;
		if (out.len == 0)
			put(sqlite3_errmsg(db), strlen(sqlite3_errmsg(db)));
		send_out('E');
		return;
	}
	changed = sqlite3_total_changes(db) - before;
	put(&changed, sizeof(changed));
	send_out('D');
}

static int
open_database(const char *path, bool exact)
{
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    tsql_register(db, exact) != SQLITE_OK ||
	    sqlite3_busy_timeout(db, 10000) != SQLITE_OK ||
	    sqlite3_exec(db, "PRAGMA journal_mode = wal; "
	    "PRAGMA synchronous = off; PRAGMA foreign_keys = off",
	    NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "engine: %s: %s\n", path, sqlite3_errmsg(db));
		return -1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct sigaction on = { .sa_handler = on_interrupt,
	    .sa_flags = SA_RESTART };
	uint32_t len;
	char *in = NULL;

	if (argc != 3 || setlocale(LC_CTYPE, "C.UTF-8") == NULL ||
	    open_database(argv[1], strcmp(argv[2], "bin") == 0) != 0)
		return 1;
	sigaction(SIGINT, &on, NULL);
	while (fread(&len, sizeof(len), 1, stdin) == 1) {
		char *grown = realloc(in, len + 1);

		if (grown == NULL)
			return 1;
		in = grown;
		if (fread(in, 1, len, stdin) != len)
			return 1;
		answer((struct input){ in, in + len });
		if (fflush(stdout) != 0)
			return 1;
	}
	free(in);
	free(out.data);
	sqlite3_close(db);
	return 0;
}
