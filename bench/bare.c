/*
 * bare: what a driver alone takes to give rows as JSON, the floor under
 * everything that a gateway can do.
 *
 *	bare CONNECTION SQL KINDS SECONDS
 *
 * KINDS is a letter for each column of the statement: i whole number, b
 * boolean, f float, d decimal, t time in milliseconds since 1970, T time as
 * text, s text.  Columns are bound as is best for the driver (SQLite's makes
 * text of everything, one row at a time), rows are written into one buffer
 * that nobody reads.  It prints one line of JSON.
 */
#include <sql.h>
#include <sqlext.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK_MAX 64
#define COLUMNS_MAX 128
#define NAME_MAX_BYTES 128
/* Longer texts are fetched once more, one by one. */
#define TEXT_MAX 2048
#define NUMBER_MAX 80
/* No row of the benchmark's comes near it. */
#define ROW_MAX ((size_t)1024 * 1024)
#define OUT_MAX (4 * ROW_MAX)
#define RUNS_MAX 10000

struct column {
	char label[NAME_MAX_BYTES + 8];
	size_t label_bytes;
	char kind;
	bool native;		/* bound as number */
	size_t size;		/* of one value's buffer */
	char *values;
	SQLLEN *lengths;
};

struct loop {
	SQLHENV env;
	SQLHDBC dbc;
	SQLHSTMT stmt;
	struct column columns[COLUMNS_MAX];
	SQLUSMALLINT column_count;
	size_t block;
	SQLULEN fetched;
	char *out;
	size_t at;		/* in out */
	uint64_t bytes, rows;
};

static unsigned char escaped[256];

static void
fail(SQLSMALLINT type, SQLHANDLE handle, const char *what)
{
	SQLCHAR state[6] = "", text[512] = "";

	SQLGetDiagRec(type, handle, 1, state, NULL, text, sizeof(text), NULL);
	fprintf(stderr, "bare: %s: %s %s\n", what, (char *)state, (char *)text);
	exit(1);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- values -------------------------------------------------------------- */

static char *
put(char *at, const char *text, size_t bytes)
{
	memcpy(at, text, bytes);
	return at + bytes;
}

static char *
put_whole(char *at, int64_t value)
{
	char digits[24];
	size_t n = sizeof(digits);
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		digits[--n] = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (value < 0)
		digits[--n] = '-';
	return put(at, digits + n, sizeof(digits) - n);
}

static char *
put_text(char *at, const char *text, size_t bytes)
{
	size_t i, from = 0;

	*at++ = '"';
	for (i = 0; i < bytes; i++) {
		if (!escaped[(unsigned char)text[i]])
			continue;
		at = put(at, text + from, i - from);
		from = i + 1;
		if (text[i] == '"' || text[i] == '\\')
			at += sprintf(at, "\\%c", text[i]);
		else if (text[i] == '\n')
			at = put(at, "\\n", 2);
		else
			at += sprintf(at, "\\u%04x", (unsigned)text[i]);
	}
	at = put(at, text + from, bytes - from);
	*at++ = '"';
	return at;
}

/* Without the zeros behind a point. */
static char *
put_decimal(char *at, const char *text, size_t bytes)
{
	if (memchr(text, '.', bytes) != NULL) {
		while (text[bytes - 1] == '0')
			bytes--;
		bytes -= text[bytes - 1] == '.';
	}
	*at++ = '"';
	at = put(at, text, bytes);
	*at++ = '"';
	return at;
}

static void
put_digits(char *at, unsigned width, int64_t value)
{
	while (width > 0) {
		at[--width] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* Days are counted from March on, so that a leap day is a year's last. */
static char *
put_time(char *at, int64_t ms)
{
	int64_t days = ms / 86400000, rest = ms % 86400000, era, year, day;
	int64_t month;

	if (rest < 0) {
		rest += 86400000;
		days--;
	}
	days += 719468;
	era = days / 146097;
	day = days % 146097;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	at = put(at, "\"0000-00-00T00:00:00.000Z\"", 26) - 26;
	put_digits(at + 1, 4, year + era * 400 + (month >= 10));
	put_digits(at + 6, 2, month < 10 ? month + 3 : month - 9);
	put_digits(at + 9, 2, day - (153 * month + 2) / 5 + 1);
	put_digits(at + 12, 2, rest / 3600000);
	put_digits(at + 15, 2, rest / 60000 % 60);
	put_digits(at + 18, 2, rest / 1000 % 60);
	put_digits(at + 21, 3, rest % 1000);
	return at + 26;
}

/* 2024-09-05T10:11:12.000+00:00, as SQLite's tables have it. */
static char *
put_time_text(char *at, const char *text, size_t bytes)
{
	*at++ = '"';
	at = put(at, text, bytes < 23 ? bytes : 23);
	return put(at, "Z\"", 2);
}

static char *
put_native(char *at, char kind, const char *value)
{
	int64_t whole;
	double number;

	if (kind == 'b')
		return *value != 0 ? put(at, "true", 4) : put(at, "false", 5);
	if (kind == 'f') {
		memcpy(&number, value, sizeof(number));
		return at + sprintf(at, "%.15g", number);
	}
	memcpy(&whole, value, sizeof(whole));
	return kind == 't' ? put_time(at, whole) : put_whole(at, whole);
}

static char *
put_from_text(char *at, char kind, const char *text, size_t bytes)
{
	switch (kind) {
	case 'b':
		return *text == '1' ? put(at, "true", 4) : put(at, "false", 5);
	case 'i':
		return put(at, text, bytes);
	case 'f':
		if (bytes > 2 && memcmp(text + bytes - 2, ".0", 2) == 0)
			bytes -= 2;
		return put(at, text, bytes);
	case 'd':
		return put_decimal(at, text, bytes);
	case 'T':
		return put_time_text(at, text, bytes);
	default:
		return put_text(at, text, bytes);
	}
}

/* A text that is longer than its buffer. */
static char *
put_long(struct loop *loop, char *at, SQLUSMALLINT column, size_t row,
    size_t bytes)
{
	char *text = malloc(bytes + 1);

	if (text == NULL || bytes > ROW_MAX / 8)
		exit(1);
	if (loop->block > 1)
		SQLSetPos(loop->stmt, row + 1, SQL_POSITION,
		    SQL_LOCK_NO_CHANGE);
	SQLGetData(loop->stmt, (SQLUSMALLINT)(column + 1), SQL_C_CHAR, text,
	    (SQLLEN)bytes + 1, NULL);
	at = put_text(at, text, bytes);
	free(text);
	return at;
}

static void
put_row(struct loop *loop, size_t row)
{
	char *at = loop->out + loop->at, *begin = at;
	const struct column *c;
	const char *value;
	SQLUSMALLINT i;
	size_t bytes;

	for (i = 0; i < loop->column_count; i++) {
		c = &loop->columns[i];
		at = put(at, c->label, c->label_bytes);
		value = c->values + row * c->size;
		bytes = (size_t)c->lengths[row];
		if (c->lengths[row] == SQL_NULL_DATA)
			at = put(at, "null", 4);
		else if (c->native)
			at = put_native(at, c->kind, value);
		else if (bytes >= c->size)
			at = put_long(loop, at, i, row, bytes);
		else
			at = put_from_text(at, c->kind, value, bytes);
	}
	*at++ = '}';
	loop->rows++;
	loop->bytes += (size_t)(at - begin);
	loop->at += (size_t)(at - begin);
	if (loop->at > OUT_MAX - ROW_MAX)
		loop->at = 0;
}

/* ---- the driver ---------------------------------------------------------- */

static void
open_database(struct loop *loop, const char *connection)
{
	size_t n = strlen(connection);
	SQLCHAR *text = malloc(n + 1);

	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	SQLAllocHandle(SQL_HANDLE_ENV, NULL, &loop->env);
	SQLSetEnvAttr(loop->env, SQL_ATTR_ODBC_VERSION,
	    (SQLPOINTER)(uintptr_t)SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, loop->env, &loop->dbc);
	memcpy(text, connection, n + 1);
	if (!SQL_SUCCEEDED(SQLDriverConnect(loop->dbc, NULL, text, SQL_NTS,
	    NULL, 0, NULL, SQL_DRIVER_NOPROMPT)))
		fail(SQL_HANDLE_DBC, loop->dbc, "connect");
	free(text);
}

/* How a column is bound: as number where the driver has numbers. */
static SQLSMALLINT
type_of(struct column *c, SQLULEN declared, bool numbers)
{
	c->native = numbers && strchr("ibft", c->kind) != NULL;
	c->size = !c->native ? NUMBER_MAX : c->kind == 'b' ? 1 : 8;
	if (c->kind == 's')
		c->size = declared > 0 && declared * 4 < TEXT_MAX ?
		    declared * 4 + 1 : TEXT_MAX;
	if (!c->native)
		return SQL_C_CHAR;
	return c->kind == 'b' ? SQL_C_BIT : c->kind == 'f' ? SQL_C_DOUBLE :
	    SQL_C_SBIGINT;
}

static void
bind_columns(struct loop *loop, const char *kinds, bool numbers)
{
	char name[NAME_MAX_BYTES];
	struct column *c;
	SQLSMALLINT type;
	SQLULEN declared;
	SQLUSMALLINT i;

	for (i = 0; i < loop->column_count; i++) {
		c = &loop->columns[i];
		c->kind = kinds[i];
		SQLDescribeCol(loop->stmt, (SQLUSMALLINT)(i + 1),
		    (SQLCHAR *)name, sizeof(name), NULL, NULL, &declared, NULL,
		    NULL);
		c->label_bytes = (size_t)snprintf(c->label, sizeof(c->label),
		    "%s\"%s\":", i == 0 ? ",{" : ",", name);
		type = type_of(c, declared, numbers);
		c->values = malloc(c->size * loop->block);
		c->lengths = malloc(sizeof(*c->lengths) * loop->block);
		if (c->values == NULL || c->lengths == NULL)
			exit(1);
		SQLBindCol(loop->stmt, (SQLUSMALLINT)(i + 1), type, c->values,
		    (SQLLEN)c->size, c->lengths);
	}
}

static void
prepare(struct loop *loop, const char *sql, const char *kinds, bool numbers)
{
	size_t n = strlen(sql);
	SQLCHAR *text = malloc(n + 1);
	SQLSMALLINT count = 0;

	memcpy(text, sql, n + 1);
	SQLAllocHandle(SQL_HANDLE_STMT, loop->dbc, &loop->stmt);
	if (!SQL_SUCCEEDED(SQLPrepare(loop->stmt, text, SQL_NTS)) ||
	    !SQL_SUCCEEDED(SQLNumResultCols(loop->stmt, &count)))
		fail(SQL_HANDLE_STMT, loop->stmt, "prepare");
	free(text);
	if ((size_t)count != strlen(kinds) || count > COLUMNS_MAX) {
		fprintf(stderr, "bare: %d columns, %zu kinds\n", count,
		    strlen(kinds));
		exit(2);
	}
	loop->column_count = (SQLUSMALLINT)count;
	loop->block = numbers ? BLOCK_MAX : 1;
	bind_columns(loop, kinds, numbers);
	SQLSetStmtAttr(loop->stmt, SQL_ATTR_ROW_ARRAY_SIZE,
	    (SQLPOINTER)loop->block, 0);
	SQLSetStmtAttr(loop->stmt, SQL_ATTR_ROWS_FETCHED_PTR, &loop->fetched,
	    0);
}

static void
run(struct loop *loop)
{
	SQLRETURN rc;
	size_t i;

	loop->at = 0;
	loop->rows = loop->bytes = 0;
	loop->fetched = 1;
	if (!SQL_SUCCEEDED(SQLExecute(loop->stmt)))
		fail(SQL_HANDLE_STMT, loop->stmt, "execute");
	while (SQL_SUCCEEDED(rc = SQLFetch(loop->stmt)))
		for (i = 0; i < loop->fetched; i++)
			put_row(loop, i);
	if (rc != SQL_NO_DATA)
		fail(SQL_HANDLE_STMT, loop->stmt, "fetch");
	SQLFreeStmt(loop->stmt, SQL_CLOSE);
}

static int
by_number(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static struct loop loop;
	static double took[RUNS_MAX];
	double begin, end;
	size_t i, runs = 0;

	if (argc != 5) {
		fprintf(stderr, "usage: bare CONNECTION SQL KINDS SECONDS\n");
		return 2;
	}
	for (i = 0; i < ' '; i++)
		escaped[i] = 1;
	escaped['"'] = escaped['\\'] = 1;
	loop.out = malloc(OUT_MAX);
	if (loop.out == NULL)
		return 1;
	open_database(&loop, argv[1]);
	prepare(&loop, argv[2], argv[3], strstr(argv[1], "SQLite") == NULL);
	run(&loop);
	end = seconds() + strtod(argv[4], NULL);
	do {
		begin = seconds();
		run(&loop);
		took[runs++] = seconds() - begin;
	} while (runs < RUNS_MAX && seconds() < end);
	qsort(took, runs, sizeof(took[0]), by_number);
	printf("{\"answers\":%zu,\"rows\":%llu,\"bytes\":%llu,\"p50_ms\":%.3f,"
	    "\"mb_per_s\":%.3f}\n", runs, (unsigned long long)loop.rows,
	    (unsigned long long)loop.bytes, 1e3 * took[runs / 2],
	    (double)loop.bytes / 1e6 / took[runs / 2]);
	return 0;
}
