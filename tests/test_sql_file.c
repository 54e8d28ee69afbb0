/*
 * .sql files: what is read, what each kind of call makes of it, and one row
 * for each reason to refuse one, by database.
 */
#include "model/collector_source.h"

#include <stdio.h>
#include <string.h>

#include "model/sql_call.h"
#include "model/sql_file.h"
#include "unit.h"

#define ALL 15
#define BIT(id) (1 << DIALECT_##id)

struct told {
	size_t n;
	char first[1024];
};

static void
note(void *ctx, const char *line)
{
	struct told *t = ctx;

	if (t->n++ == 0)
		snprintf(t->first, sizeof(t->first), "%s", line);
}

static struct collector *
read_bytes(const struct dialect *d, const char *text, size_t len,
    struct told *told)
{
	const struct collector_source source = { .name = "items",
	    .path = "f.sql", .text = text, .len = len };

	*told = (struct told){ 0 };
	return collector_source_read(NULL, d, &source, note, told);
}

static struct collector *
read_for(enum dialect_id id, const char *text)
{
	struct told told;
	struct collector *c = read_bytes(dialect_by_id(id), text,
	    strlen(text), &told);

	ck_assert_msg(c != NULL, "%s: %s", dialect_by_id(id)->name,
	    told.first);
	ck_assert_uint_eq(told.n, 0);
	ck_assert_ptr_nonnull(c->sql);
	ck_assert_str_eq(c->name, "items");
	return c;
}

/* ---- statements ---------------------------------------------------------- */

/* Read in these databases as one SELECT that reads, refused in the others. */
static const struct {
	const char *text;
	int good;
} statements[] = {
	{ "SELECT 1", ALL },
	{ "select 1;", ALL },
	{ "\n-- only a comment\nSELECT 1 ; -- the end\n", ALL },
	{ "\xef\xbb\xbfSELECT 1", ALL },
	{ "SELECT 1\r\n", ALL },
	{ "/* a\n * b\n */ SELECT 1 /* ; DELETE */", ALL },
	{ "WITH x AS (SELECT 1 AS a) SELECT a FROM x", ALL },
	{ "SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 3", ALL },
	{ "SELECT (SELECT 1), * FROM (SELECT 2) t", ALL },
	{ "SELECT 'DELETE; -- ''x''' AS \"update\", t.delete FROM t", ALL },
	{ "SELECT 'caf\xc3\xa9' AS \"gr\xc3\xb6\xc3\x9f" "e\"", ALL },
	{ "SELECT updated, deleted_at, replace(a, 'b', 'c'), last_update", ALL },
	{ "SELECT CAST(a AS CHAR CHARACTER SET utf8mb4)", ALL },
	{ "SELECT a::int, b :: text, x[1:2] FROM t", ALL & ~BIT(MARIADB) },
	{ "SELECT ARRAY[[1,2],[3,4]], a #>> '{b}', c @> d", BIT(POSTGRESQL) },
	{ "SELECT $$;'DELETE$$, $a$x$$;y$a$", BIT(POSTGRESQL) },
	{ "SELECT E'\\';DELETE', 1", BIT(POSTGRESQL) },
	{ "SELECT [a;DELETE] FROM [x y]", BIT(SQLITE) | BIT(SQLSERVER) },
	{ "SELECT `a;DELETE` FROM t", BIT(SQLITE) | BIT(MARIADB) },
	{ "SELECT a FROM t WHERE b LIKE '!' ESCAPE '\\'",
	    ALL & ~BIT(MARIADB) },
	{ "SELECT 'a\\\\', 'b\\n'", ALL },
	{ "SELECT 1 --2\n", ALL & ~BIT(MARIADB) },
	{ "SELECT 1 ----- x\n", ALL },
	{ "SELECT 1 /* a /* b */ c */", BIT(POSTGRESQL) | BIT(SQLSERVER) },
	{ "SELECT TOP 5 a FROM t WITH (NOLOCK)", ALL },
	{ "SELECT a FROM t USE INDEX (i)", ALL },
	{ "SELECT a FROM t ORDER BY b FETCH FIRST 3 ROWS ONLY", ALL },
	{ "SELECT 1.5e3, .5, 0x1F, 2., N'x', X'00'", ALL },
	{ "SELECT a FROM t FOR JSON PATH", ALL },

	{ "", 0 },
	{ " \n-- nothing\n", 0 },
	{ ";", 0 },
	{ "VALUES (1)", 0 },
	{ "(SELECT 1)", 0 },
	{ "EXPLAIN SELECT 1", 0 },
	{ "SELECT 1; SELECT 2", 0 },
	{ "SELECT 1;;", 0 },
	{ "SELECT 1 SELECT 2", 0 },
	{ "SELECT 1 DELETE FROM t", 0 },
	{ "SELECT 1DELETE FROM t", 0 },
	{ "SELECT 1eDELETE FROM t", 0 },
	{ "SELECT 1.DELETE FROM t", 0 },
	{ "SELECT 0x1DELETE FROM t", 0 },
	{ "SELECT 1\xc2\xa0" "DELETE FROM t", 0 },
	{ "SELECT 1 EXEC xp_cmdshell 'x'", 0 },
	{ "WITH x AS (DELETE FROM t RETURNING 1) SELECT 1", 0 },
	{ "WITH x AS (SELECT 1) DELETE FROM t", 0 },
	{ "WITH x AS (SELECT 1) VALUES (1)", 0 },
	{ "SELECT a INTO b FROM c", 0 },
	{ "SELECT a FROM t INTO OUTFILE 'x'", 0 },
	{ "SELECT a FROM t INTO DUMPFILE 'x'", 0 },
	{ "SELECT 1 SET SESSION TRANSACTION READ WRITE", 0 },
	{ "SET SESSION tx_read_only = 0", 0 },
	{ "SELECT a FROM t FOR UPDATE", 0 },
	{ "SELECT a FROM t FOR NO KEY UPDATE", 0 },
	{ "SELECT a FROM t FOR SHARE", 0 },
	{ "SELECT a FROM t FOR KEY SHARE", 0 },
	{ "SELECT a FROM t LOCK IN SHARE MODE", 0 },
	{ "SELECT a FROM t WITH (UPDLOCK)", 0 },
	{ "SELECT NEXT VALUE FOR s", 0 },
	{ "SELECT 1 USE master", 0 },
	{ "SELECT 1 SET NOCOUNT ON", 0 },
	{ "SELECT nextval('s')", 0 },
	{ "SELECT \"nextval\" ('s')", 0 },
	{ "SELECT pg_catalog.setval('s', 1)", 0 },
	{ "SELECT u&\"next\\0076al\"('s')", 0 },
	{ "SELECT pg_sleep(10)", 0 },
	{ "SELECT pg_sleep_for('1h')", 0 },
	{ "SELECT load_extension('x')", 0 },
	{ "SELECT LOAD_EXTENSION /* */ ('x')", 0 },
	{ "SELECT writefile('a', 'b')", 0 },
	{ "SELECT * FROM dblink_connect_u('x')", 0 },
	{ "SELECT * FROM OPENROWSET(BULK 'x', SINGLE_BLOB) AS t", 0 },
	{ "SELECT query_to_xml('DELETE FROM t', true, true, '')", 0 },
	{ "SELECT set_config('transaction_read_only', 'off', false)", 0 },
	{ "SELECT GET_LOCK('a', 1)", 0 },
	{ "SELECT pg_terminate_backend(1)", 0 },
	{ "SELECT @a := 1", 0 },
	{ "SELECT @@version", 0 },
	{ "SELECT /*! 1 INTO OUTFILE 'x' */ 1", 0 },
	{ "SELECT 1 /*M!100000 ; DELETE FROM t */", 0 },
	{ "SELECT 1 AS a -- '\r; DELETE FROM t --'", 0 },
	{ "SELECT 'x\\'; DELETE FROM t --'", 0 },
	{ "SELECT 1 # '\n; DELETE FROM t --'", BIT(POSTGRESQL) },
	{ "SELECT {fn now()}", 0 },
	{ "SELECT ?", 0 },
	{ "SELECT $1", 0 },
	{ "SELECT 'a", 0 },
	{ "SELECT \"a", 0 },
	{ "SELECT 1 /* a", 0 },
	{ "SELECT (1", 0 },
	{ "SELECT 1)", 0 },
	{ "SELECT 1 \\ 2", 0 },
	{ "SELECT 1 \x01", 0 },
};

START_TEST(a_statement)
{
	const char *text = statements[_i].text;
	struct collector *c;
	struct told told;
	int good = 0;

	for (int id = 0; id < DIALECTS; id++) {
		c = read_bytes(dialect_by_id((enum dialect_id)id), text,
		    strlen(text), &told);
		ck_assert_int_eq(c == NULL, told.n > 0);
		if (c != NULL)
			good |= 1 << id;
		else
			ck_assert_msg(strncmp(told.first, "f.sql:", 6) == 0 &&
			    strstr(told.first, "expected") != NULL, "%s",
			    told.first);
		collector_free(&c);
	}
	ck_assert_msg(good == statements[_i].good, "%s: read in %#x, not in "
	    "%#x: %s", text, good, statements[_i].good, told.first);
	/* Not knowing the database refuses whatever any of them refuses. */
	c = read_bytes(NULL, text, strlen(text), &told);
	ck_assert_msg((c != NULL) == (good == ALL), "%s: %s", text,
	    told.first);
	collector_free(&c);
}
END_TEST

/* What writes, waits, locks or looks elsewhere on one of the servers. */
static const char *const functions[] = {
	"lo_create", "lo_creat", "lo_unlink", "lo_import", "lo_export",
	"lo_from_bytea", "lo_put", "lo_truncate64", "lo_open", "lowrite",
	"loread", "pg_stat_reset", "pg_stat_clear_snapshot", "pg_promote",
	"pg_switch_wal", "pg_create_restore_point", "pg_logical_emit_message",
	"pg_replication_origin_create", "pg_export_snapshot",
	"pg_cancel_backend", "pg_advisory_xact_lock", "pg_notify",
	"heap_force_kill", "binary_upgrade_set_next_pg_type_oid", "pg_nextoid",
	"postgres_fdw_disconnect_all", "dblink_exec", "pg_file_write",
	"pg_read_binary_file", "pg_ls_dir", "pg_hba_file_rules",
	"cursor_to_xml", "ts_stat", "setseed", "release_all_locks",
	"benchmark", "load_file", "sys_exec", "spider_direct_sql",
	"last_insert_id", "master_gtid_wait", "fn_trace_gettable",
	"fn_xe_file_target_read_file", "openquery", "opendatasource",
	"xp_dirtree", "fts3_tokenizer", "edit", "readfile", "zipfile",
	"load_extension",
};

START_TEST(a_function)
{
	static const char *const around[][2] = {
		{ "SELECT ", "(1)" }, { "SELECT * FROM ", " /* */ (1)" },
		{ "SELECT \"", "\"(1)" },
	};
	struct collector *c;
	struct told told;
	char text[128];

	for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++) {
		snprintf(text, sizeof(text), "%s%s%s", around[i][0],
		    functions[_i], around[i][1]);
		c = read_bytes(dialect_by_id(DIALECT_POSTGRESQL), text,
		    strlen(text), &told);
		ck_assert_msg(c == NULL, "%s", text);
		ck_assert_ptr_nonnull(strstr(told.first, functions[_i]));
	}
}
END_TEST

/* The first fault of a file, by place and a part of its sentence. */
static const struct {
	const char *text, *place, *words;
} faults[] = {
	{ "", "1", "no query" },
	{ "-- a\n\nDROP TABLE t", "3", "DROP writes" },
	{ "SELECT\n'a\n\nb", "2", "text without end" },
	{ "SELECT 1\n;\n\nSELECT 2", "4", "second statement" },
	{ "SELECT :a", "1", "\":a\" is not declared" },
	{ "-- param minId Int\nSELECT :minid", "2", "expected :minId" },
	{ "-- param a Int\nSELECT 1", "1", "\"a\" is declared but not used" },
	{ "-- param a Int\n-- param a Int\nSELECT :a", "2", "twice" },
	{ "-- param\nSELECT 1", "1", "without a name" },
	{ "-- param 1a Int\nSELECT 1", "1", "without a name" },
	{ "-- param a\nSELECT :a", "1", "the type \"\"" },
	{ "-- param a int\nSELECT :a", "1", "the type \"int\"" },
	{ "-- param a Int = 'x'\nSELECT :a", "1", "the default" },
	{ "-- param a Int = 1.5\nSELECT :a", "1", "the default" },
	{ "-- param a Int = 99999999999\nSELECT :a", "1", "the default" },
	{ "-- param a String = 'x\nSELECT :a", "1", "the default" },
	{ "-- param a String = x\nSELECT :a", "1", "the default" },
	{ "-- param a Int = null\nSELECT :a", "1", "the default" },
	{ "-- param a Int 5\nSELECT :a", "1", "followed by \"5\"" },
	{ "-- param a Int[]?\nSELECT 1 IN (:a)", "1", "cannot be null" },
	{ "-- param a Int[]\nSELECT 1 = :a", "2", "expected it as IN (:a)" },
	{ "-- param a Int[]\nSELECT 1 IN (1, :a)", "2", "expected it as IN" },
	{ "-- param take Int\nSELECT :take", "1", "\"take\" is an option" },
	{ "-- param where Int\nSELECT :where", "1", "\"where\" is an" },
	{ "-- max_rows many\nSELECT 1", "1", "max_rows is \"many\"" },
	{ "-- max_rows -1\nSELECT 1", "1", "max_rows is \"-1\"" },
	{ "-- bytes raw\nSELECT 1", "1", "bytes is \"raw\"" },
	{ "-- coalesce yes\nSELECT 1", "1", "coalesce is \"yes\"" },
	{ "SELECT 1\n\n/*\n/* */ */", "3", "comment in a comment" },
	{ "SELECT 'a' AS\n\xff", "2", "no UTF-8" },
};

START_TEST(a_fault)
{
	struct told told;
	struct collector *c = read_bytes(dialect_by_id(DIALECT_SQLITE),
	    faults[_i].text, strlen(faults[_i].text), &told);
	char place[32];

	ck_assert_ptr_null(c);
	snprintf(place, sizeof(place), "f.sql:%s: ", faults[_i].place);
	ck_assert_msg(strncmp(told.first, place, strlen(place)) == 0 &&
	    strstr(told.first, faults[_i].words) != NULL, "%s: %s",
	    faults[_i].text, told.first);
}
END_TEST

START_TEST(no_text)
{
	struct told told;

	ck_assert_ptr_null(read_bytes(NULL, "SELECT\n1\0", 9, &told));
	ck_assert_str_eq(told.first, "f.sql:2: a NUL, expected text");
}
END_TEST

/* ---- the head ------------------------------------------------------------ */

START_TEST(the_head)
{
	struct collector *c = read_for(DIALECT_SQLITE,
	    "-- Made by hand.\n"
	    "--describe  Tickets that are open. \n"
	    "-- max_rows 1000\n"
	    "-- bytes base64\n"
	    "-- coalesce true\n"
	    "/* and */\n"
	    "-- param a Int = 5 : a number: five\n"
	    "-- param b String? : maybe\n"
	    "-- param c String = 'it''s : \"x\"'\n"
	    "-- param d Int[] = [1, 2]\n"
	    "SELECT :a, :b, :c\n"
	    "-- param e Int\n"
	    "WHERE 1 IN (:d)");
	const struct sql_file *f = c->sql;

	ck_assert_str_eq(f->doc, "Tickets that are open.");
	ck_assert_int_eq(c->max_rows, 1000);
	ck_assert(c->bytes_base64 && c->coalesce);
	ck_assert_uint_eq(f->nparameters, 4);
	ck_assert_str_eq(f->parameters[0].field.doc, "a number: five");
	ck_assert_int_eq(f->parameters[0].fallback.values[0].u.i, 5);
	ck_assert(f->parameters[1].field.optional);
	ck_assert(!f->parameters[1].has_fallback);
	ck_assert_uint_eq(f->parameters[2].fallback.values[0].len, 10);
	ck_assert_mem_eq(f->parameters[2].fallback.values[0].u.text,
	    "it's : \"x\"", 10);
	ck_assert(f->parameters[3].field.list);
	ck_assert_uint_eq(f->parameters[3].fallback.n, 2);
	collector_free(&c);
}
END_TEST

/* ---- calls --------------------------------------------------------------- */

/* What is sent, with its values behind it; or the refusal. */
static void
write_call(enum dialect_id id, const char *file, const char *options,
    char *out, size_t size)
{
	struct collector *c = read_for(id, file);
	struct sql_call call;
	struct sql sql;
	struct err err;
	size_t n;

	sql_init(&sql);
	if (sql_call_read(&call, c->sql, options, strlen(options), 8,
	    &err) != 0 || sql_call_write(&call, dialect_by_id(id), &sql,
	    &err) != 0) {
		snprintf(out, size, "%s: %s", err_code_name(err.code),
		    err.text);
	} else {
		n = (size_t)snprintf(out, size, "%.*s", (int)sql.text.len,
		    sql.text.data);
		for (size_t i = 0; i < sql.nparams; i++) {
			const struct value *v = &sql.params[i];

			if (v->kind == VALUE_NULL)
				n += (size_t)snprintf(out + n, size - n,
				    "|null");
			else if (v->kind == VALUE_INT)
				n += (size_t)snprintf(out + n, size - n,
				    "|%lld", (long long)v->u.i);
			else if (v->kind == VALUE_FLOAT)
				n += (size_t)snprintf(out + n, size - n,
				    "|%g", v->u.f);
			else
				n += (size_t)snprintf(out + n, size - n,
				    "|'%.*s'", (int)v->len, v->u.text);
		}
	}
	sql_fini(&sql);
	sql_call_fini(&call);
	collector_free(&c);
}

#define FILE_A "-- param a Int = 7\nSELECT :a, ':a', :a::int"
#define FILE_B "-- param b String?\nSELECT :b /* :x ? */\n-- ?\n\n+ 1;"
#define FILE_L "-- param l Int[]\nSELECT 1 IN (:l)"
#define FILE_D "-- param d DateTime\nSELECT :d"
#define FILE_F "-- param f Float\n-- param g Boolean\nSELECT :f, :g"

/* Value n, where SQLite asks for it. */
#define V(n) "dalpuri_value(" #n ")"

static const struct {
	enum dialect_id id;
	const char *file, *options, *want;
} calls[] = {
	{ DIALECT_POSTGRESQL, FILE_A, "", "SELECT CAST(? AS integer), ':a', "
	    "CAST(? AS integer)::int|7|7" },
	{ DIALECT_SQLITE, FILE_A, "{\"a\":-1}",
	    "SELECT " V(0) ", ':a', " V(1) "::int|-1|-1" },
	{ DIALECT_SQLITE, FILE_A, "5",
	    "SELECT " V(0) ", ':a', " V(1) "::int|7|7" },
	{ DIALECT_SQLITE, FILE_A, "null",
	    "SELECT " V(0) ", ':a', " V(1) "::int|7|7" },
	{ DIALECT_SQLITE, FILE_B, "", "SELECT " V(0) "\n\n\n+ 1|null" },
	{ DIALECT_SQLITE, FILE_B, "{\"b\":null}",
	    "SELECT " V(0) "\n\n\n+ 1|null" },
	{ DIALECT_SQLITE, FILE_B, "{\"b\":\"'; --\"}",
	    "SELECT " V(0) "\n\n\n+ 1|''; --'" },
	{ DIALECT_SQLITE, FILE_L, "{\"l\":[1]}", "SELECT 1 IN (" V(0) ")|1" },
	{ DIALECT_SQLITE, FILE_L, "{\"l\":[1,2,3]}",
	    "SELECT 1 IN (" V(0) ", " V(1) ", " V(2) ", " V(3) ")|1|2|3|3" },
	{ DIALECT_SQLITE, FILE_D, "{\"d\":\"1969-12-31T23:59:59.999Z\"}",
	    "SELECT " V(0) "|'1969-12-31T23:59:59.999+00:00'" },
	{ DIALECT_POSTGRESQL, FILE_D, "{\"d\":\"1969-12-31T23:59:59.999999Z\"}",
	    "SELECT CAST(? AS timestamptz)|'1969-12-31 23:59:59.999999+00'" },
	{ DIALECT_MARIADB, FILE_D, "{\"d\":\"2024-01-02T03:04:05+01:00\"}",
	    "SELECT CAST(? AS DATETIME(6))|'2024-01-02 02:04:05.000000'" },
	{ DIALECT_SQLSERVER, FILE_D, "{\"d\":\"2024-01-02T03:04:05Z\"}",
	    "SELECT CAST(? AS datetime2(7))|'2024-01-02T03:04:05.000000'" },
	{ DIALECT_POSTGRESQL, FILE_F, "{\"f\":0.1,\"g\":true}",
	    "SELECT CAST(? AS double precision), CAST(? AS boolean)"
	    "|'0.1'|'true'" },
	{ DIALECT_SQLITE, FILE_F, "{\"f\":2,\"g\":false}",
	    "SELECT " V(0) ", " V(1) "|2|0" },

	{ DIALECT_SQLITE, FILE_A, "{\"b\":1}",
	    "BAD_OPTIONS: items has no parameter \"b\"" },
	{ DIALECT_SQLITE, FILE_A, "{\"Take\":1}", "BAD_OPTIONS: items has no "
	    "parameter \"Take\"; did you mean \"take\"?" },
	{ DIALECT_SQLITE, FILE_A, "{\"where\":{}}", "BAD_OPTIONS: items has "
	    "no option \"where\": it is a query of its own, which takes its "
	    "parameters, take and skip" },
	{ DIALECT_SQLITE, FILE_A, "{\"a\":\"1\"}", "BAD_OPTIONS: \"a\" of "
	    "items is \"1\" where an integer of 32 bits was expected" },
	{ DIALECT_SQLITE, FILE_A, "{\"a\":null}", "BAD_OPTIONS: \"a\" of "
	    "items is null where an integer of 32 bits was expected" },
	{ DIALECT_SQLITE, FILE_A, "{\"take\":-1}", "BAD_OPTIONS: option "
	    "\"take\" is -1 where a whole number from 0 was expected" },
	{ DIALECT_SQLITE, FILE_A, "{\"skip\":\"1\"}", "BAD_OPTIONS: option "
	    "\"skip\" is a string where a whole number from 0 was expected" },
	{ DIALECT_SQLITE, FILE_L, "", "BAD_OPTIONS: parameter \"l\" of items "
	    "is missing, expected an array of Int" },
	{ DIALECT_SQLITE, FILE_L, "{\"l\":[]}", "BAD_OPTIONS: \"l\" of items "
	    "is an empty array where at least one value was expected" },
	{ DIALECT_SQLITE, FILE_L, "{\"l\":[null]}", "BAD_OPTIONS: \"l\" of "
	    "items is null where an integer of 32 bits was expected" },
	{ DIALECT_SQLITE, FILE_D, "", "BAD_OPTIONS: parameter \"d\" of items "
	    "is missing, expected DateTime" },
};

START_TEST(a_call)
{
	char got[1024];

	write_call(calls[_i].id, calls[_i].file, calls[_i].options, got,
	    sizeof(got));
	ck_assert_str_eq(got, calls[_i].want);
}
END_TEST

START_TEST(too_many_values)
{
	char options[16384] = "{\"l\":[1", got[1024];
	size_t n = strlen(options);

	for (int i = 1; i < 2001; i++)
		n += (size_t)snprintf(options + n, sizeof(options) - n, ",1");
	snprintf(options + n, sizeof(options) - n, "]}");
	write_call(DIALECT_SQLITE, FILE_L, options, got, sizeof(got));
	ck_assert_str_eq(got, "LIMIT: the parameters have more than 2000 "
	    "values together");
}
END_TEST

/* Where a driver holds the result, its rows are left out by the database. */
START_TEST(pages)
{
	static const struct {
		enum dialect_id id;
		const char *file, *options;
		uint64_t max_rows;
		bool pages;
		const char *end;	/* of the text */
		size_t nparams;
	} rows[] = {
		{ DIALECT_SQLITE, "SELECT 1", "{\"take\":5}", 0, false, "1", 0 },
		{ DIALECT_MARIADB, "SELECT 1", "{}", 0, true, "1", 0 },
		{ DIALECT_MARIADB, "SELECT 1", "{}", 9, true, "OFFSET ?", 2 },
		{ DIALECT_POSTGRESQL, "SELECT 1", "{\"skip\":5}", 0, true,
		    "\nLIMIT ? OFFSET ?", 2 },
		{ DIALECT_POSTGRESQL, "SELECT 1 LIMIT 5", "{\"skip\":5}", 0,
		    false, "5", 0 },
		{ DIALECT_POSTGRESQL, "SELECT (SELECT 1 LIMIT 1)", "{}", 0,
		    true, ")", 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct collector *c = read_for(rows[i].id, rows[i].file);
		const struct dialect *d = dialect_by_id(rows[i].id);
		size_t len = strlen(rows[i].end);
		struct sql_call call;
		struct sql sql;

		sql_init(&sql);
		ck_assert_int_eq(sql_call_read(&call, c->sql, rows[i].options,
		    strlen(rows[i].options), 8, NULL), 0);
		ck_assert_int_eq(sql_call_write(&call, d, &sql, NULL), 0);
		ck_assert_int_eq(sql_call_pages(&call, d), rows[i].pages);
		if (rows[i].pages)
			ck_assert_int_eq(sql_call_write_page(&call,
			    rows[i].max_rows, &sql, NULL), 0);
		ck_assert_uint_ge(sql.text.len, len);
		ck_assert_mem_eq(sql.text.data + sql.text.len - len,
		    rows[i].end, len);
		ck_assert_uint_eq(sql.nparams, rows[i].nparams);
		sql_fini(&sql);
		sql_call_fini(&call);
		collector_free(&c);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("sql_file");

	tcase_add_loop_test(t, a_statement, 0, COUNT(statements));
	tcase_add_loop_test(t, a_function, 0, COUNT(functions));
	tcase_add_loop_test(t, a_fault, 0, COUNT(faults));
	tcase_add_test(t, no_text);
	tcase_add_test(t, the_head);
	tcase_add_loop_test(t, a_call, 0, COUNT(calls));
	tcase_add_test(t, too_many_values);
	tcase_add_test(t, pages);
	return unit_run("sql_file", t);
}
