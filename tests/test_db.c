/* SQLite through ODBC, on a real file: values, limits, refusals. */
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "db/db.h"
#include "unit.h"

#define LARGE 1000000
/* The SQL that gives a REAL with all its digits, as the dialect writes it. */
static const char exact[] = DIALECT_SQLITE_REAL "(v)";

static char folder[] = "/tmp/test_db.XXXXXX";
static char file[64];
static struct db_target target;
static struct db_guard guard;
static struct db *db;
static struct err err;

static const char schema[] =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT, b BLOB, n NUMERIC);"
    "INSERT INTO t VALUES (1, 'one', x'00ff', 1), (2, 'zwei ü 😀', x'', 2.5),"
    " (3, NULL, NULL, NULL), (4, printf('%.*c', 1000000, 'y'),"
    " zeroblob(1000000), 1), (5, '', x'41', 0);";

static sqlite3 *
open_raw(void)
{
	sqlite3 *raw;

	ck_assert_int_eq(sqlite3_open(file, &raw), SQLITE_OK);
	return raw;
}

static void
run_raw(sqlite3 *raw, const char *sql)
{
	ck_assert_msg(sqlite3_exec(raw, sql, NULL, NULL, NULL) == SQLITE_OK,
	    "%s", sqlite3_errmsg(raw));
}

static void
connect_db(void)
{
	db = db_open(&target, &guard, 300, &err);
	ck_assert_msg(db != NULL, "%s", err.text);
}

static void
setup(void)
{
	char url[80];
	sqlite3 *raw;

	ck_assert_int_eq(db_init(&err), 0);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/t.db", folder);
	snprintf(url, sizeof(url), "file:%s", file);
	ck_assert_int_eq(db_target_read(&target, url, "/", &err), 0);
	raw = open_raw();
	run_raw(raw, schema);
	sqlite3_close(raw);
	connect_db();
}

static void
teardown(void)
{
	db_close(&db);
	db_target_fini(&target);
	unlink(file);
	rmdir(folder);
}

static struct db_stmt *
prepare(const char *sql, const enum scalar_type *types, size_t n)
{
	static struct schema_field fields[8];
	const struct schema_field *columns[8];
	const struct db_columns all = { .fields = columns, .n = n };

	for (size_t i = 0; i < n; i++) {
		fields[i].type = types[i];
		columns[i] = &fields[i];
	}
	return db_prepare(db, sql, strlen(sql), &all, &err);
}

static struct db_stmt *
start(const char *sql, enum scalar_type type)
{
	struct db_stmt *st = prepare(sql, &type, 1);

	ck_assert_msg(st != NULL, "%s: %s", sql, err.text);
	ck_assert_msg(db_execute(st, NULL, 0, &err) == 0, "%s: %s", sql,
	    err.text);
	return st;
}

/* A value as text, with its kind in front. */
static const char *
show(const struct value *v)
{
	static char text[400];

	switch (v->kind) {
	case VALUE_NULL:
		return "null";
	case VALUE_INT:
		snprintf(text, sizeof(text), "i%lld", (long long)v->u.i);
		break;
	case VALUE_FLOAT:
		snprintf(text, sizeof(text), "f%.17g", v->u.f);
		break;
	case VALUE_TEXT:
		snprintf(text, sizeof(text), "t%.*s", (int)v->len, v->u.text);
		break;
	case VALUE_BYTES:
		text[0] = 'b';
		for (size_t i = 0; i < v->len && i < 100; i++)
			snprintf(text + 1 + 2 * i, 3, "%02x",
			    (unsigned char)v->u.text[i]);
		text[1 + 2 * v->len] = '\0';
		break;
	}
	return text;
}

static const struct {
	const char *literal;
	enum scalar_type type;
	const char *shown;
} values[] = {
	{ "NULL", SCALAR_INT, "null" },
	{ "0", SCALAR_INT, "i0" },
	{ "2147483648", SCALAR_INT, "i2147483648" },
	{ "9223372036854775807", SCALAR_BIGINT, "i9223372036854775807" },
	{ "-9223372036854775807 - 1", SCALAR_BIGINT,
	  "i-9223372036854775808" },
	{ "'abc'", SCALAR_INT, "tabc" },
	{ "1.75", SCALAR_INT, "t1.75" },
	{ "0.1 + 0.2", SCALAR_FLOAT, "f0.30000000000000004" },
	{ "-0.0", SCALAR_FLOAT, "f0" },	/* SQLite keeps no sign of zero */
	{ "1e999", SCALAR_FLOAT, "finf" },
	{ "1.7976931348623157e308", SCALAR_FLOAT, "f1.7976931348623157e+308" },
	{ "5e-324", SCALAR_FLOAT, "f4.9406564584124654e-324" },
	{ "395.140625", SCALAR_FLOAT, "f395.140625" },
	{ "7", SCALAR_FLOAT, "f7" },
	{ "'x7'", SCALAR_FLOAT, "tx7" },
	{ "12.50", SCALAR_DECIMAL, "t12.5" },
	{ "888888888888888.99", SCALAR_DECIMAL, "t888888888888889" },
	{ "9007199254740993", SCALAR_DECIMAL, "t9007199254740993" },
	{ "'0.12345678901234567890'", SCALAR_DECIMAL,
	  "t0.12345678901234567890" },
	{ "1", SCALAR_BOOLEAN, "i1" },
	{ "'t'", SCALAR_BOOLEAN, "tt" },
	{ "1704164645678", SCALAR_DATETIME, "i1704164645678" },
	{ "'1969-12-31 23:59:59.5'", SCALAR_DATETIME,
	  "t1969-12-31 23:59:59.5" },
	{ "''", SCALAR_STRING, "t" },
	{ "'äöü 😀'", SCALAR_STRING, "täöü 😀" },
	{ "'42'", SCALAR_STRING, "t42" },
	{ "42", SCALAR_STRING, "t42" },
	{ "'{\"a\":1}'", SCALAR_JSON, "t{\"a\":1}" },
	{ "x'00ff41'", SCALAR_BYTES, "b00ff41" },
	{ "x''", SCALAR_BYTES, "b" },
	{ "'text'", SCALAR_BYTES, "b74657874" },
	{ "1e21", SCALAR_DECIMAL, "t1e+21" },
	{ "0.1 + 0.2", SCALAR_DECIMAL, "t0.30000000000000004" },
	{ "-1e999", SCALAR_DECIMAL, "t-Inf" },
	{ "x'31'", SCALAR_FLOAT, "tX'31'" },
	{ "NULL", SCALAR_BYTES, "null" },
	{ "NULL", SCALAR_STRING, "null" },
};

START_TEST(value_is_exact)
{
	char sql[300];
	struct db_stmt *st;
	struct value v;

	snprintf(sql, sizeof(sql), "SELECT %s FROM (SELECT %s AS v)", exact,
	    values[_i].literal);
	st = start(sql, values[_i].type);
	ck_assert_int_eq(db_fetch(st, &v, &err), 1);
	ck_assert_str_eq(show(&v), values[_i].shown);
	ck_assert_int_eq(db_fetch(st, &v, &err), 0);
	db_finish(st);
}
END_TEST

START_TEST(large_values_are_whole)
{
	static const enum scalar_type types[] = {
		SCALAR_INT, SCALAR_STRING, SCALAR_BYTES
	};
	struct db_stmt *st = prepare("SELECT id, s, b FROM t ORDER BY id",
	    types, 3);
	struct value v[3];

	for (int turn = 0; turn < 2; turn++) {
		ck_assert_int_eq(db_execute(st, NULL, 0, &err), 0);
		for (int i = 0; i < 4; i++)
			ck_assert_int_eq(db_fetch(st, v, &err), 1);
		ck_assert_uint_eq(v[1].len, LARGE);
		ck_assert_uint_eq(v[2].len, LARGE);
		for (size_t i = 0; i < LARGE; i++) {
			ck_assert(v[1].u.text[i] == 'y');
			ck_assert(v[2].u.text[i] == '\0');
		}
		ck_assert_int_eq(db_fetch(st, v, &err), 1);
		ck_assert_str_eq(show(&v[1]), "t");
		ck_assert_str_eq(show(&v[2]), "b41");
		ck_assert_int_eq(db_fetch(st, v, &err), 0);
		db_finish(st);
		st = prepare("SELECT id, s, b FROM t ORDER BY id", types, 3);
	}
	db_finish(st);
}
END_TEST

START_TEST(lengths_around_the_buffers)
{
	struct db_stmt *st = start("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL "
	    "SELECT n + 1 FROM c WHERE n < 5000) "
	    "SELECT substr(printf('%.*c', 5000, 'a'), 1, n) FROM c",
	    SCALAR_STRING);
	struct value v;

	for (size_t n = 1; n <= 5000; n++) {
		ck_assert_int_eq(db_fetch(st, &v, &err), 1);
		ck_assert_uint_eq(v.len, n);
		ck_assert(v.u.text[0] == 'a' && v.u.text[n - 1] == 'a');
	}
	ck_assert_int_eq(db_fetch(st, &v, &err), 0);
	db_finish(st);
}
END_TEST

START_TEST(parameters_arrive)
{
	static const enum scalar_type types[] = {
		SCALAR_BIGINT, SCALAR_STRING, SCALAR_STRING, SCALAR_BYTES,
		SCALAR_FLOAT
	};
	/* Not terminated: the lengths count. */
	const struct value params[] = {
		{ .kind = VALUE_INT, .u.i = INT64_MIN },
		{ .kind = VALUE_TEXT, .len = 5, .u.text = "o'X😀;DROP" },
		{ .kind = VALUE_NULL },
		{ .kind = VALUE_BYTES, .len = 3, .u.text = "a\0bc" },
		{ .kind = VALUE_FLOAT, .u.f = 0.1 + 0.2 },
	};
	struct db_stmt *st = prepare("SELECT ?, ?, ?, ?, "
	    DIALECT_SQLITE_REAL "(?)", types, 5);
	struct value v[5];

	ck_assert_ptr_nonnull(st);
	ck_assert_msg(db_execute(st, params, 5, &err) == 0, "%s", err.text);
	ck_assert_int_eq(db_fetch(st, v, &err), 1);
	ck_assert_str_eq(show(&v[0]), "i-9223372036854775808");
	ck_assert_uint_eq(v[1].len, 5);
	ck_assert_mem_eq(v[1].u.text, "o'X😀;DROP", 5);
	ck_assert_str_eq(show(&v[2]), "null");
	ck_assert_str_eq(show(&v[3]), "b610062");
	ck_assert(v[4].u.f == 0.1 + 0.2);
	db_finish(st);
}
END_TEST

START_TEST(statement_runs_again)
{
	const enum scalar_type type = SCALAR_STRING;
	const char *sql = "SELECT s FROM t WHERE id IN (?, ?) ORDER BY id";
	struct db_stmt *first = prepare(sql, &type, 1), *second, *st;
	struct value v;

	/* While one is in use, the same text gives another. */
	second = prepare(sql, &type, 1);
	ck_assert_ptr_ne(first, second);
	db_finish(second);
	db_finish(first);
	for (int64_t i = 0; i < 1000; i++) {
		struct value params[2] = {
			{ .kind = VALUE_INT, .u.i = i % 3 },
			{ .kind = VALUE_INT, .u.i = 5 },
		};

		st = prepare(sql, &type, 1);
		ck_assert_int_eq(db_execute(st, params, 2, &err), 0);
		ck_assert_int_eq(db_fetch(st, &v, &err), 1);
		ck_assert_str_eq(show(&v), i % 3 == 0 ? "t" : i % 3 == 1 ?
		    "tone" : "tzwei ü 😀");
		if (i % 2 == 0)		/* and sometimes in the middle */
			while (db_fetch(st, &v, &err) > 0)
				continue;
		db_finish(st);
	}
}
END_TEST

START_TEST(cache_is_bounded)
{
	const enum scalar_type type = SCALAR_INT;
	char sql[40];

	db_set_statements_max(db, 2);
	for (int i = 0; i < 100; i++) {
		struct db_stmt *st;
		struct value v;

		snprintf(sql, sizeof(sql), "SELECT %d", i % 5);
		st = prepare(sql, &type, 1);
		ck_assert_int_eq(db_execute(st, NULL, 0, &err), 0);
		ck_assert_int_eq(db_fetch(st, &v, &err), 1);
		ck_assert_int_eq((int)v.u.i, i % 5);
		db_finish(st);
	}
}
END_TEST

static const char *const writes[] = {
	"INSERT INTO t (id) VALUES (77)",
	"UPDATE t SET s = 'x'",
	"DELETE FROM t",
	"CREATE TABLE u (x)",
	"CREATE TEMP TABLE u (x)",
	"DROP TABLE t",
	"ATTACH 'new.db' AS n",
	"DETACH main",
	"VACUUM INTO 'new.db'",
	"REINDEX",
	"ANALYZE",
	"BEGIN IMMEDIATE",
	"PRAGMA query_only = 0",
	"PRAGMA journal_mode = wal",
	"PRAGMA user_version = 7",
	"PRAGMA writable_schema = 1",
	"SELECT load_extension('x')",
	"SELECT blob_export(x'00', 'new.db')",
	"SELECT blob_import('t.db')",
	"SELECT 1; DELETE FROM t",
	"WITH x AS (SELECT 1) DELETE FROM t",
};

START_TEST(write_is_refused)
{
	const enum scalar_type type = SCALAR_INT;
	struct db_stmt *st;
	struct value v;
	int r = -1;

	ck_assert_int_eq(chdir(folder), 0);
	st = prepare(writes[_i], &type, 1);
	if (st != NULL) {
		r = db_execute(st, NULL, 0, &err);
		if (r == 0)
			r = db_fetch(st, &v, &err);
		db_finish(st);
	}
	ck_assert_msg(r == -1, "%s: was run", writes[_i]);
	ck_assert_int_eq(err.code, ERR_DATABASE);
	ck_assert_int_eq(access("new.db", F_OK), -1);
	st = start("SELECT count(*) FROM t", SCALAR_INT);
	ck_assert_int_eq(db_fetch(st, &v, &err), 1);
	ck_assert_int_eq((int)v.u.i, 5);
	db_finish(st);
}
END_TEST

static const char endless[] = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL "
    "SELECT n + 1 FROM c) SELECT n FROM c";
static const char silent[] = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL "
    "SELECT n + 1 FROM c) SELECT n FROM c WHERE n < 0";

START_TEST(cancelled_between_rows)
{
	struct db_stmt *st = start(endless, SCALAR_INT);
	struct value v;

	for (int i = 1; i < 10; i++)
		ck_assert_int_eq(db_fetch(st, &v, &err), 1);
	atomic_store(&guard.cancelled, true);
	ck_assert_int_eq(db_fetch(st, &v, &err), -1);
	ck_assert_int_eq(err.code, ERR_CANCELLED);
	db_finish(st);
	atomic_store(&guard.cancelled, false);
	st = start(endless, SCALAR_INT);
	ck_assert_int_eq(db_fetch(st, &v, &err), 1);
	db_finish(st);
	ck_assert(!db_is_dead(db));
}
END_TEST

/* The driver says "no more rows" here; the guard knows better. */
START_TEST(deadline_inside_the_database)
{
	uint64_t before = clock_ms();
	const enum scalar_type type = SCALAR_INT;
	struct db_stmt *st = prepare(silent, &type, 1);
	struct value v;
	int r;

	atomic_store(&guard.deadline_ms, before + 100);
	r = db_execute(st, NULL, 0, &err);
	if (r == 0)
		r = db_fetch(st, &v, &err);
	ck_assert_int_eq(r, -1);
	ck_assert_int_eq(err.code, ERR_TIMEOUT);
	ck_assert(clock_ms() - before >= 100 && clock_ms() - before < 2000);
	db_finish(st);
	atomic_store(&guard.deadline_ms, 0);
	st = start("SELECT 1", SCALAR_INT);
	ck_assert_int_eq(db_fetch(st, &v, &err), 1);
	db_finish(st);
}
END_TEST

START_TEST(locked_file_says_so)
{
	const enum scalar_type type = SCALAR_INT;
	sqlite3 *raw = open_raw();
	uint64_t before = clock_ms();
	struct db_stmt *st;
	struct value v;
	int r = -1;

	run_raw(raw, "BEGIN EXCLUSIVE");
	st = prepare("SELECT id FROM t", &type, 1);
	if (st != NULL) {
		r = db_execute(st, NULL, 0, &err);
		if (r == 0)
			r = db_fetch(st, &v, &err);
		db_finish(st);
	}
	ck_assert_int_eq(r, -1);
	ck_assert_int_eq(err.code, ERR_DATABASE);
	ck_assert_msg(strstr(err.text, "locked") != NULL, "%s", err.text);
	ck_assert(clock_ms() - before < 2000);
	/* A deadline in the middle of the wait: it is told why. */
	atomic_store(&guard.deadline_ms, clock_ms() + 50);
	st = prepare("SELECT s FROM t", &type, 1);
	if (st != NULL) {
		r = db_execute(st, NULL, 0, &err);
		if (r == 0)
			r = db_fetch(st, &v, &err);
		db_finish(st);
	}
	ck_assert_int_eq(err.code, ERR_TIMEOUT);
	ck_assert_msg(strstr(err.text, "locked") != NULL, "%s", err.text);
	atomic_store(&guard.deadline_ms, 0);
	run_raw(raw, "COMMIT");
	sqlite3_close(raw);
	st = start("SELECT id FROM t", SCALAR_INT);
	ck_assert_int_eq(db_fetch(st, &v, &err), 1);
	db_finish(st);
}
END_TEST

/* The driver goes on holding the lock of a cursor that was closed. */
START_TEST(ended_early_locks_nobody)
{
	sqlite3 *raw = open_raw();
	struct db_stmt *st = start("SELECT id FROM t", SCALAR_INT);
	struct value v;

	ck_assert_int_eq(db_fetch(st, &v, &err), 1);
	ck_assert_int_eq(sqlite3_exec(raw, "DELETE FROM t WHERE id = 5", NULL,
	    NULL, NULL), SQLITE_BUSY);
	db_finish(st);
	run_raw(raw, "DELETE FROM t WHERE id = 5");
	sqlite3_close(raw);
}
END_TEST

/* Rows of one statement go on while others run beside it. */
START_TEST(statements_side_by_side)
{
	const enum scalar_type type = SCALAR_INT;
	struct db_stmt *outer = start("SELECT id FROM t ORDER BY id",
	    SCALAR_INT);
	struct value v;

	for (int64_t i = 1; i <= 5; i++) {
		struct value param = { .kind = VALUE_INT, .u.i = i };
		struct db_stmt *inner = prepare("SELECT id * 2 FROM t "
		    "WHERE id = ?", &type, 1);

		ck_assert_int_eq(db_fetch(outer, &v, &err), 1);
		ck_assert_int_eq(v.u.i, i);
		ck_assert_int_eq(db_execute(inner, &param, 1, &err), 0);
		ck_assert_int_eq(db_fetch(inner, &v, &err), 1);
		ck_assert_int_eq(v.u.i, 2 * i);
		if (i % 2 == 0)
			ck_assert_int_eq(db_fetch(inner, &v, &err), 0);
		db_finish(inner);
	}
	ck_assert_int_eq(db_fetch(outer, &v, &err), 0);
	db_finish(outer);
}
END_TEST

START_TEST(locked_file_at_connect)
{
	sqlite3 *raw = open_raw();
	uint64_t before = clock_ms();

	db_close(&db);
	run_raw(raw, "BEGIN EXCLUSIVE");
	db = db_open(&target, &guard, 300, &err);
	if (db == NULL)
		ck_assert_msg(strstr(err.text, "locked") != NULL, "%s",
		    err.text);
	ck_assert(clock_ms() - before < 2000);
	sqlite3_close(raw);
}
END_TEST

START_TEST(missing_file_stays_missing)
{
	db_close(&db);
	unlink(file);
	ck_assert_ptr_null(db_open(&target, &guard, 300, &err));
	ck_assert_int_eq(err.code, ERR_DATABASE);
	ck_assert_msg(strstr(err.text, "No such file") != NULL, "%s",
	    err.text);
	ck_assert_int_eq(access(file, F_OK), -1);
}
END_TEST

START_TEST(other_files_are_refused)
{
	const enum scalar_type type = SCALAR_INT;
	FILE *f = fopen(file, "w");
	struct db_target dir;
	struct db_stmt *st = NULL;

	db_close(&db);
	fputs("This is no database, but long enough to be looked at.", f);
	fclose(f);
	db = db_open(&target, &guard, 300, &err);
	if (db != NULL)
		st = prepare("SELECT id FROM t", &type, 1);
	ck_assert_ptr_null(st);
	ck_assert_msg(strstr(err.text, "not a database") != NULL, "%s",
	    err.text);
	ck_assert_int_eq(db_target_read(&dir, "file:.", folder, &err), 0);
	ck_assert_ptr_null(db_open(&dir, &guard, 300, &err));
	ck_assert_int_eq(err.code, ERR_DATABASE);
	db_target_fini(&dir);
}
END_TEST

START_TEST(errors_speak)
{
	const enum scalar_type type = SCALAR_INT;

	ck_assert_ptr_null(prepare("SELECT x FROM nosuch", &type, 1));
	ck_assert_int_eq(err.code, ERR_DATABASE);
	ck_assert_msg(strstr(err.text, "no such table: nosuch") != NULL, "%s",
	    err.text);
	ck_assert_ptr_null(strstr(err.text, "[SQLite]"));
	ck_assert_msg(strstr(err.text, "[HY000]") != NULL, "%s", err.text);
	ck_assert(!db_is_dead(db));
}
END_TEST

START_TEST(absent_databases_say_so)
{
	static const char *const urls[] = {
		"postgresql://u:s3cret@127.0.0.1:1/d",
		"mysql://u:s3cret@127.0.0.1:1/d",
	};
	struct db_target t;

	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		ck_assert_int_eq(db_target_read(&t, urls[i], "/", &err), 0);
		ck_assert_ptr_null(db_open(&t, NULL, 300, &err));
		ck_assert_int_eq(err.code, ERR_DATABASE);
		ck_assert_msg(strstr(err.text, "onnect") != NULL &&
		    strstr(err.text, "s3cret") == NULL, "%s", err.text);
		db_target_fini(&t);
	}
	ck_assert_int_eq(db_target_read(&t, "DSN=no_such_source", "/", &err),
	    0);
	ck_assert_ptr_null(db_open(&t, NULL, 300, &err));
	ck_assert_int_eq(err.code, ERR_DATABASE);
	db_target_fini(&t);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		large_values_are_whole, lengths_around_the_buffers,
		parameters_arrive, statement_runs_again, cache_is_bounded,
		cancelled_between_rows, deadline_inside_the_database,
		ended_early_locks_nobody, statements_side_by_side,
		locked_file_says_so, locked_file_at_connect,
		missing_file_stays_missing, other_files_are_refused,
		errors_speak, absent_databases_say_so,
	};
	TCase *tc = tcase_create("sqlite");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, value_is_exact, 0, COUNT(values));
	tcase_add_loop_test(tc, write_is_refused, 0, COUNT(writes));
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		tcase_add_test(tc, tests[i]);
	return unit_run("db", tc);
}
