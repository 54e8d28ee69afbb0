/* The same few plans in the words of each dialect, and what is refused. */
#include <stdio.h>
#include <string.h>

#include "sql_kit.h"
#include "unit.h"

/* Rows of a plan, or of its first relation for so many keys. */
struct text_row {
	enum dialect_id dialect;
	const char *model, *options;
	size_t nkeys;
	uint64_t limit;
	const char *want;
};

static const struct text_row texts[] = {
	{ DIALECT_SQLITE, "Note",
	    "{}",
	    0, PLAN_ALL,
	    "SELECT t0.\"id\", t0.\"text\" FROM \"Note\" t0 ORDER BY t0."
	    "\"id\"" },
	{ DIALECT_POSTGRESQL, "Note",
	    "{}",
	    0, PLAN_ALL,
	    "SELECT t0.\"id\", t0.\"text\" FROM \"s\".\"Note\" t0 ORDER B"
	    "Y t0.\"id\"" },
	{ DIALECT_MARIADB, "Note",
	    "{}",
	    0, PLAN_ALL,
	    "SELECT t0.`id`, t0.`text` FROM `s`.`Note` t0 ORDER BY t0.`id"
	    "`" },
	{ DIALECT_SQLSERVER, "Note",
	    "{}",
	    0, PLAN_ALL,
	    "SELECT t0.[id], t0.[text] FROM [s].[Note] t0 ORDER BY t0.[id"
	    "]" },
	{ DIALECT_SQLITE, "Author",
	    "{\"select\":[\"score\",\"wage\"]}",
	    0, PLAN_ALL,
	    "SELECT dalpuri_real(t0.\"score\"), dalpuri_real(t0.\"wage\"),"
	    " t0.\"id\" FROM \"Author\" t0 ORDER BY t0.\"id\"" },
	{ DIALECT_SQLITE, "Author",
	    "{\"select\":[\"name\"],\"take\":2,\"skip\":1}",
	    0, PLAN_ALL,
	    "SELECT t0.\"name\", t0.\"id\" FROM \"Author\" t0 ORDER BY t0"
	    ".\"id\" LIMIT ? OFFSET ?" },
	{ DIALECT_POSTGRESQL, "Author",
	    "{\"select\":[\"name\"],\"take\":2,\"skip\":1}",
	    0, PLAN_ALL,
	    "SELECT t0.\"name\", t0.\"id\" FROM \"Author\" t0 ORDER BY t0"
	    ".\"id\" LIMIT 2 OFFSET ?" },
	{ DIALECT_MARIADB, "Author",
	    "{\"select\":[\"name\"],\"take\":2,\"skip\":1}",
	    0, PLAN_ALL,
	    "SELECT t0.`name`, t0.`id` FROM `Author` t0 ORDER BY t0.`id` "
	    "LIMIT ? OFFSET ?" },
	{ DIALECT_SQLSERVER, "Author",
	    "{\"select\":[\"name\"],\"take\":2,\"skip\":1}",
	    0, PLAN_ALL,
	    "SELECT t0.c0, t0.c1 FROM (SELECT t0.c0, t0.c1, ROW_NUMBER() "
	    "OVER ( ORDER BY t0.c1) AS n FROM (SELECT t0.[name] AS c0, t0"
	    ".[id] AS c1 FROM [Author] t0) t0) t0 WHERE t0.n > ? AND t0.n"
	    " <= ? ORDER BY t0.c1" },
	{ DIALECT_SQLITE, "Author",
	    "{\"select\":[\"name\"],\"take\":-2}",
	    0, 5,
	    "SELECT t0.c0, t0.c1 FROM (SELECT t0.c0, t0.c1 FROM (SELECT t"
	    "0.\"name\" AS c0, t0.\"id\" AS c1 FROM \"Author\" t0) t0 ORD"
	    "ER BY t0.c1 DESC LIMIT ?) t0 ORDER BY t0.c1 LIMIT ?" },
	{ DIALECT_SQLSERVER, "Author",
	    "{\"select\":[\"name\"],\"take\":-2}",
	    0, 5,
	    "SELECT TOP (?) t0.c0, t0.c1 FROM (SELECT TOP (?) t0.c0, t0.c"
	    "1 FROM (SELECT t0.[name] AS c0, t0.[id] AS c1 FROM [Author] "
	    "t0) t0 ORDER BY t0.c1 DESC) t0 ORDER BY t0.c1" },
	{ DIALECT_SQLITE, "Author",
	    "{\"select\":[\"name\"],\"orderBy\":{\"score\":{\"sort\":\"de"
	    "sc\",\"nulls\":\"first\"}}}",
	    0, PLAN_ALL,
	    "SELECT t0.\"name\", dalpuri_real(t0.\"score\"), t0.\"id\" FRO"
	    "M \"Author\" t0 ORDER BY t0.\"score\" DESC NULLS FIRST, t0.\""
	    "id\"" },
	{ DIALECT_POSTGRESQL, "Author",
	    "{\"select\":[\"name\"],\"orderBy\":{\"score\":{\"sort\":\"de"
	    "sc\",\"nulls\":\"first\"}}}",
	    0, PLAN_ALL,
	    "SELECT t0.\"name\", t0.\"score\", t0.\"id\" FROM \"Author\" "
	    "t0 ORDER BY t0.\"score\" DESC, t0.\"id\"" },
	{ DIALECT_MARIADB, "Author",
	    "{\"select\":[\"name\"],\"orderBy\":{\"score\":{\"sort\":\"de"
	    "sc\",\"nulls\":\"first\"}}}",
	    0, PLAN_ALL,
	    "SELECT t0.`name`, t0.`score`, t0.`id` FROM `Author` t0 ORDER"
	    " BY CASE WHEN t0.`score` IS NULL THEN 0 ELSE 1 END, t0.`scor"
	    "e` DESC, t0.`id`" },
	{ DIALECT_SQLSERVER, "Author",
	    "{\"select\":[\"name\"],\"orderBy\":{\"score\":{\"sort\":\"de"
	    "sc\",\"nulls\":\"first\"}}}",
	    0, PLAN_ALL,
	    "SELECT t0.[name], t0.[score], t0.[id] FROM [Author] t0 ORDER"
	    " BY CASE WHEN t0.[score] IS NULL THEN 0 ELSE 1 END, t0.[scor"
	    "e] DESC, t0.[id]" },
	{ DIALECT_POSTGRESQL, "Author",
	    "{\"include\":{\"team\":{\"select\":{\"name\":true},\"take\":"
	    "1}}}",
	    4, PLAN_ALL,
	    "SELECT t0.c0, t0.c1, t0.c2 FROM (SELECT t0.c0, t0.c1, t0.c2,"
	    " ROW_NUMBER() OVER (PARTITION BY t0.c1 ORDER BY t0.c2) AS n "
	    "FROM (SELECT t0.\"name\" AS c0, t0.\"bossId\" AS c1, t0.\"id"
	    "\" AS c2 FROM \"Author\" t0 WHERE t0.\"bossId\" = ANY(?)) t"
	    "0) t0 WHERE t0.n > ? AND t0.n <= ? ORDER BY t0.c1, t0.c2" },
	{ DIALECT_SQLSERVER, "Author",
	    "{\"include\":{\"team\":{\"select\":{\"name\":true},\"take\":"
	    "1}}}",
	    4, PLAN_ALL,
	    "SELECT t0.c0, t0.c1, t0.c2 FROM (SELECT t0.c0, t0.c1, t0.c2,"
	    " ROW_NUMBER() OVER (PARTITION BY t0.c1 ORDER BY t0.c2) AS n "
	    "FROM (SELECT t0.[name] AS c0, t0.[bossId] AS c1, t0.[id] AS "
	    "c2 FROM [Author] t0 WHERE t0.[bossId] IN (?,?,?,?)) t0) t0 W"
	    "HERE t0.n > ? AND t0.n <= ? ORDER BY t0.c1, t0.c2" },
	{ DIALECT_POSTGRESQL, "Author",
	    "{\"include\":{\"team\":{\"select\":{\"name\":true},\"take\":"
	    "1}}}",
	    1, PLAN_ALL,
	    "SELECT t0.\"name\", t0.\"bossId\", t0.\"id\" FROM \"Author\""
	    " t0 WHERE t0.\"bossId\" IN (?) ORDER BY t0.\"id\" LIMIT 1" },
	{ DIALECT_SQLSERVER, "Author",
	    "{\"include\":{\"team\":{\"select\":{\"name\":true},\"take\":"
	    "1}}}",
	    1, PLAN_ALL,
	    "SELECT TOP (?) t0.[name], t0.[bossId], t0.[id] FROM [Author]"
	    " t0 WHERE t0.[bossId] IN (?) ORDER BY t0.[id]" },
	{ DIALECT_MARIADB, "Book",
	    "{\"include\":{\"reviews\":{\"select\":{\"id\":true}}}}",
	    2, PLAN_ALL,
	    "SELECT t0.`id`, t0.`bookIsbn`, t0.`bookEdition` FROM `Review"
	    "` t0 WHERE ((t0.`bookIsbn` = ? AND t0.`bookEdition` = ?) OR "
	    "(t0.`bookIsbn` = ? AND t0.`bookEdition` = ?)) ORDER BY t0.`b"
	    "ookIsbn`, t0.`bookEdition`, t0.`id`" },
	{ DIALECT_SQLITE, "Author",
	    "{\"select\":[\"name\"],\"distinct\":[\"rank\"],\"take\":3}",
	    0, PLAN_ALL,
	    "SELECT t0.c0, t0.c1 FROM (SELECT t0.c0, t0.c1, ROW_NUMBER() "
	    "OVER (PARTITION BY t0.x0 ORDER BY t0.c1) AS d FROM (SELECT t"
	    "0.\"name\" AS c0, t0.\"id\" AS c1, t0.\"rank\" COLLATE BINAR"
	    "Y AS x0 FROM \"Author\" t0) t0) t0 WHERE t0.d = 1 ORDER BY t"
	    "0.c1 LIMIT ?" },
	{ DIALECT_MARIADB, "Author",
	    "{\"select\":[\"name\"],\"distinct\":[\"rank\"],\"take\":3}",
	    0, PLAN_ALL,
	    "SELECT t0.c0, t0.c1 FROM (SELECT t0.c0, t0.c1, ROW_NUMBER() "
	    "OVER (PARTITION BY t0.x0 ORDER BY t0.c1) AS d FROM (SELECT t"
	    "0.`name` AS c0, t0.`id` AS c1, CAST(t0.`rank` AS CHAR) AS x0"
	    " FROM `Author` t0) t0) t0 WHERE t0.d = 1 ORDER BY t0.c1 LIMI"
	    "T ?" },
	{ DIALECT_SQLSERVER, "Author",
	    "{\"select\":[\"name\"],\"distinct\":[\"rank\"],\"take\":3}",
	    0, PLAN_ALL,
	    "SELECT TOP (?) t0.c0, t0.c1 FROM (SELECT t0.c0, t0.c1, ROW_N"
	    "UMBER() OVER (PARTITION BY t0.x0 ORDER BY t0.c1) AS d FROM ("
	    "SELECT t0.[name] AS c0, t0.[id] AS c1, CAST(t0.[rank] AS var"
	    "binary(max)) AS x0 FROM [Author] t0) t0) t0 WHERE t0.d = 1 O"
	    "RDER BY t0.c1" },
	{ DIALECT_SQLITE, "Author",
	    "{\"include\":{\"_count\":{\"select\":{\"books\":{\"where\":{"
	    "\"title\":\"x\"}}}}}}",
	    2, PLAN_ALL,
	    "SELECT COUNT(*), t0.\"authorId\" FROM \"a`b[c]d\" t0 WHERE t"
	    "0.\"authorId\" IN (SELECT value FROM json_each(?)) AND t0.\""
	    "title\" = ? GROUP BY t0.\"authorId\"" },
	{ DIALECT_MARIADB, "Author",
	    "{\"include\":{\"_count\":{\"select\":{\"books\":{\"where\":{"
	    "\"title\":\"x\"}}}}}}",
	    2, PLAN_ALL,
	    "SELECT COUNT(*), t0.`authorId` FROM `a``b[c]d` t0 WHERE t0.`"
	    "authorId` IN (?,?) AND t0.`title` = ? GROUP BY t0.`authorId`" },
	{ DIALECT_SQLITE, "Book",
	    "{\"include\":{\"_count\":true}}",
	    2, PLAN_ALL,
	    "SELECT COUNT(*), t0.\"bookIsbn\", t0.\"bookEdition\" FROM \""
	    "Review\" t0 WHERE ((t0.\"bookIsbn\" = ? AND t0.\"bookEdition"
	    "\" = ?) OR (t0.\"bookIsbn\" = ? AND t0.\"bookEdition\" = ?))"
	    " GROUP BY t0.\"bookIsbn\", t0.\"bookIsbn\" COLLATE BINARY, t"
	    "0.\"bookEdition\"" },
	{ DIALECT_MARIADB, "Book",
	    "{\"include\":{\"_count\":true}}",
	    2, PLAN_ALL,
	    "SELECT COUNT(*), t0.`bookIsbn`, t0.`bookEdition` FROM `Revie"
	    "w` t0 WHERE ((t0.`bookIsbn` = ? AND t0.`bookEdition` = ?) OR"
	    " (t0.`bookIsbn` = ? AND t0.`bookEdition` = ?)) GROUP BY t0.`"
	    "bookIsbn`, CAST(t0.`bookIsbn` AS BINARY), t0.`bookEdition`" },
	{ DIALECT_SQLSERVER, "Author",
	    "{\"select\":[\"name\"],\"orderBy\":[{\"boss\":{\"boss\":{\"n"
	    "ame\":\"asc\"}}},{\"books\":{\"_count\":\"desc\"}}]}",
	    0, 7,
	    "SELECT TOP (?) t0.c0, t0.c1, t0.c2, t0.c3 FROM (SELECT t0.[n"
	    "ame] AS c0, t0.[id] AS c1, (SELECT (SELECT t2.[name] FROM [A"
	    "uthor] t2 WHERE t2.[id] = t1.[bossId]) FROM [Author] t1 WHER"
	    "E t1.[id] = t0.[bossId]) AS c2, (SELECT COUNT(*) FROM [a`b[c"
	    "]]d] t3 WHERE t3.[authorId] = t0.[id]) AS c3 FROM [Author] t"
	    "0) t0 ORDER BY t0.c2, t0.c3 DESC, t0.c1" },
	{ DIALECT_POSTGRESQL, "Author",
	    "{\"select\":[\"name\"],\"where\":{\"OR\":[{\"name\":{\"start"
	    "sWith\":\"a\"}},{\"books\":{\"none\":{\"title\":null}}}],\"b"
	    "orn\":{\"gte\":\"2024-01-02T03:04:05Z\"}}}",
	    0, PLAN_ALL,
	    "SELECT t0.\"name\", t0.\"id\" FROM \"Author\" t0 WHERE ((CAS"
	    "T(t0.\"name\" AS text) LIKE ? ESCAPE '!' OR NOT (EXISTS (SEL"
	    "ECT 1 FROM \"a`b[c]d\" t1 WHERE t1.\"authorId\" = t0.\"id\" "
	    "AND t1.\"title\" IS NULL))) AND t0.\"born\" >= ?) ORDER BY t"
	    "0.\"id\"" },
	{ DIALECT_SQLITE, "Author",
	    "{\"select\":[\"name\"],\"where\":{\"wage\":\"1.25\",\"born\""
	    ":\"2024-01-02T03:04:05Z\"}}",
	    0, PLAN_ALL,
	    "SELECT t0.\"name\", t0.\"id\" FROM \"Author\" t0 WHERE (t0."
	    "\"wage\" = CAST(? AS NUMERIC) AND CASE typeof(t0.\"born\") W"
	    "HEN 'text' THEN CAST(round((julianday(t0.\"born\") - 2440587"
	    ".5) * 86400000) AS INTEGER) ELSE CAST(t0.\"born\" AS INTEGER"
	    ") END = ?) ORDER BY t0.\"id\"" },
	{ DIALECT_MARIADB, "Author",
	    "{\"select\":[\"name\"],\"where\":{\"wage\":\"1.25\",\"born\""
	    ":\"2024-01-02T03:04:05Z\"}}",
	    0, PLAN_ALL,
	    "SELECT t0.`name`, t0.`id` FROM `Author` t0 WHERE (t0.`wage` "
	    "= CAST(? AS DECIMAL(65,2)) AND t0.`born` = ?) ORDER BY t0.`i"
	    "d`" },
	{ DIALECT_SQLSERVER, "Author",
	    "{\"select\":[\"name\"],\"where\":{\"wage\":\"1.25\",\"born\""
	    ":\"2024-01-02T03:04:05Z\"}}",
	    0, PLAN_ALL,
	    "SELECT t0.[name], t0.[id] FROM [Author] t0 WHERE (t0.[wage] "
	    "= CAST(? AS decimal(38,2)) AND t0.[born] = CAST(? AS datetim"
	    "e2(7))) ORDER BY t0.[id]" },
	{ DIALECT_POSTGRESQL, "Author",
	    "{\"select\":[\"name\"],\"where\":{\"name\":{\"contains\":\"a"
	    "\",\"mode\":\"insensitive\"},\"NOT\":{\"name\":{\"in\":[\"b"
	    "\",\"c\",\"d\"],\"mode\":\"insensitive\"}}}}",
	    0, PLAN_ALL,
	    "SELECT t0.\"name\", t0.\"id\" FROM \"Author\" t0 WHERE (CAST"
	    "(t0.\"name\" AS text) ILIKE ? ESCAPE '!' AND NOT (LOWER(CAST"
	    "(t0.\"name\" AS text)) IN (LOWER(CAST(? AS text)),LOWER(CAST"
	    "(? AS text)),LOWER(CAST(? AS text)),LOWER(CAST(? AS text))))"
	    ") ORDER BY t0.\"id\"" },
	{ DIALECT_SQLITE, "Author",
	    "{\"select\":[\"name\"],\"where\":{\"id\":{\"in\":[0,1,2,3,4,"
	    "5,6,7,8,9,10,11,12,13,14,15,16]},\"name\":{\"notIn\":[\"0\","
	    "\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\""
	    ",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\"]}}}",
	    0, PLAN_ALL,
	    "SELECT t0.\"name\", t0.\"id\" FROM \"Author\" t0 WHERE (t0."
	    "\"id\" IN (SELECT value FROM json_each(?)) AND NOT (t0.\"nam"
	    "e\" IN (SELECT value FROM json_each(?)))) ORDER BY t0.\"id\"" },
	{ DIALECT_POSTGRESQL, "Author",
	    "{\"select\":[\"name\"],\"where\":{\"id\":{\"in\":[0,1,2,3,4,"
	    "5,6,7,8,9,10,11,12,13,14,15,16]},\"name\":{\"notIn\":[\"0\","
	    "\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\""
	    ",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\"]}}}",
	    0, PLAN_ALL,
	    "SELECT t0.\"name\", t0.\"id\" FROM \"Author\" t0 WHERE (t0."
	    "\"id\" = ANY(?) AND NOT (t0.\"name\" = ANY(?))) ORDER BY t0."
	    "\"id\"" },
	{ DIALECT_MARIADB, "Author",
	    "{\"select\":[\"name\"],\"where\":{\"id\":{\"in\":[0,1,2,3,4,"
	    "5,6,7,8,9,10,11,12,13,14,15,16]},\"name\":{\"notIn\":[\"0\","
	    "\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\""
	    ",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\"]}}}",
	    0, PLAN_ALL,
	    "SELECT t0.`name`, t0.`id` FROM `Author` t0 WHERE (t0.`id` IN"
	    " (SELECT v FROM (SELECT DISTINCT j AS v FROM JSON_TABLE(?, '"
	    "$[*]' COLUMNS (j BIGINT PATH '$')) l) m) AND NOT (t0.`name` "
	    "IN (SELECT v FROM (SELECT LEFT(t0.`name`,190) AS v FROM `Aut"
	    "hor` t0 WHERE 1=0 UNION SELECT LEFT(JSON_UNQUOTE(JSON_QUOTE("
	    "j)),190) FROM JSON_TABLE(?, '$[*]' COLUMNS (j LONGTEXT CHARA"
	    "CTER SET utf8mb4 PATH '$')) l) m))) ORDER BY t0.`id`" },
	{ DIALECT_SQLSERVER, "Author",
	    "{\"select\":[\"name\"],\"where\":{\"id\":{\"in\":[0,1,2,3,4,"
	    "5,6,7,8,9,10,11,12,13,14,15,16]},\"name\":{\"notIn\":[\"0\","
	    "\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\""
	    ",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\"]}}}",
	    0, PLAN_ALL,
	    "SELECT t0.[name], t0.[id] FROM [Author] t0 WHERE (t0.[id] IN"
	    " (SELECT v FROM OPENJSON(?) WITH (v bigint '$')) AND NOT (t0"
	    ".[name] IN (SELECT v FROM OPENJSON(?) WITH (v nvarchar(max) "
	    "'$')))) ORDER BY t0.[id]" },
	{ DIALECT_POSTGRESQL, "Note",
	    "{\"take\":1001}",
	    0, PLAN_ALL,
	    "SELECT t0.\"id\", t0.\"text\" FROM \"s\".\"Note\" t0 ORDER B"
	    "Y t0.\"id\" LIMIT ?" },
};

/* Packed, columns are read as they are. */
static const struct {
	struct text_row row;
	enum dialect_pack pack;
} packed[] = {
	{ { DIALECT_SQLITE, "Author",
	    "{\"select\":[\"score\",\"wage\",\"name\"]}",
	    0, PLAN_ALL,
	    "SELECT dalpuri_row('fdti', t0.\"score\", t0.\"wage\", t0.\""
	    "name\", t0.\"id\") FROM \"Author\" t0 ORDER BY t0.\"id\"" },
	    DIALECT_ROWS },
	{ { DIALECT_SQLITE, "Author",
	    "{\"select\":[\"name\"],\"take\":-2}",
	    0, PLAN_ALL,
	    "SELECT dalpuri_row('ti', t0.c0, t0.c1) FROM (SELECT t0.c0, t0"
	    ".c1 FROM (SELECT t0.\"name\" AS c0, t0.\"id\" AS c1 FROM \"A"
	    "uthor\" t0) t0 ORDER BY t0.c1 DESC LIMIT ?) t0 ORDER BY t0.c"
	    "1" },
	    DIALECT_ROWS },
	{ { DIALECT_POSTGRESQL, "Note",
	    "{}",
	    0, PLAN_ALL,
	    "SELECT ROW(r.*)::text FROM (SELECT t0.\"id\", t0.\"text\" FR"
	    "OM \"s\".\"Note\" t0 ORDER BY t0.\"id\") r" },
	    DIALECT_ROWS },
	{ { DIALECT_POSTGRESQL, "Note",
	    "{}",
	    0, 1000,
	    "SELECT string_agg(ROW(r.*)::text, '') FROM (SELECT t0.\"id\""
	    ", t0.\"text\" FROM \"s\".\"Note\" t0 ORDER BY t0.\"id\" LIM"
	    "IT 1000) r" },
	    DIALECT_PAGE },
	{ { DIALECT_POSTGRESQL, "Note",
	    "{}",
	    0, 1000,
	    "SELECT string_agg(concat_ws(E'\\x16', c0, c1), E'\\x17') FILT"
	    "ER (WHERE ROW(r.*) IS NOT NULL), count(*) FROM (SELECT t0.\""
	    "id\", t0.\"text\" FROM \"s\".\"Note\" t0 ORDER BY t0.\"id\" L"
	    "IMIT 1000) r(c0, c1)" },
	    DIALECT_FIELDS },
};

static const struct value key_values[] = {
	{ .kind = VALUE_INT, .u.i = 1 }, { .kind = VALUE_INT, .u.i = 2 },
	{ .kind = VALUE_INT, .u.i = 3 }, { .kind = VALUE_INT, .u.i = 4 },
};

static void
write_row(const struct text_row *r, enum dialect_pack pack, struct sql *sql)
{
	struct plan *plan = sql_kit_plan(r->model, r->options);
	const struct plan_node *node = r->nkeys > 0 ?
	    &plan->root->children[0] : plan->root;
	const struct sql_rows rows = {
		.node = node,
		.keys = key_values,
		.nkeys = r->nkeys,
		.limit = r->limit,
		.pack = pack,
	};
	struct err err = { 0 };

	ck_assert_msg(sql_rows(sql, &rows, dialect_by_id(r->dialect),
	    &err) == 0, "%s: %s", r->options, err.text);
	plan_free(&plan);
}

static void
check_row(const struct text_row *r, enum dialect_pack pack)
{
	struct sql sql;

	sql_init(&sql);
	write_row(r, pack, &sql);
	ck_assert_int_eq(buf_putc(&sql.text, '\0'), 0);
	ck_assert_str_eq(sql.text.data, r->want);
	sql_fini(&sql);
}

START_TEST(written)
{
	check_row(&texts[_i], DIALECT_UNPACKED);
}
END_TEST

START_TEST(written_packed)
{
	check_row(&packed[_i].row, packed[_i].pack);
}
END_TEST

/* What is used again has nothing of before. */
START_TEST(again)
{
	struct sql sql;

	sql_init(&sql);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		write_row(&texts[i], DIALECT_UNPACKED, &sql);
		ck_assert_uint_eq(sql.text.len, strlen(texts[i].want));
	}
	sql_fini(&sql);
}
END_TEST

static const struct {
	enum dialect_id dialect;
	const char *options;
	enum err_code code;
	const char *want;
} refused[] = {
	{ DIALECT_SQLITE, "{\"where\":{\"name\":{\"contains\":\"a\","
	    "\"mode\":\"insensitive\"}}}", ERR_BAD_OPTIONS,
	    "mode \"insensitive\" of field \"name\" is not possible on "
	    "sqlite" },
	{ DIALECT_MARIADB, "{\"where\":{\"name\":{\"equals\":\"a\","
	    "\"mode\":\"insensitive\"}}}", ERR_BAD_OPTIONS,
	    "mode \"insensitive\" of field \"name\" is not possible on "
	    "mariadb" },
	{ DIALECT_SQLSERVER, "{\"where\":{\"name\":{\"in\":[\"a\"],"
	    "\"mode\":\"insensitive\"}}}", ERR_BAD_OPTIONS,
	    "mode \"insensitive\" of field \"name\" is not possible on "
	    "sqlserver" },
	{ DIALECT_SQLITE, "{\"where\":{\"name\":{\"mode\":"
	    "\"insensitive\"}}}", ERR_BAD_OPTIONS,
	    "mode \"insensitive\" of field \"name\" is not possible on "
	    "sqlite" },
	{ DIALECT_MARIADB, "{\"where\":{\"OR\":[{\"name\":{\"in\":[],"
	    "\"mode\":\"insensitive\"}}]}}", ERR_BAD_OPTIONS,
	    "mode \"insensitive\" of field \"name\" is not possible on "
	    "mariadb" },
};

START_TEST(refuses)
{
	struct plan *plan = sql_kit_plan("Author", refused[_i].options);
	const struct sql_rows rows = { .node = plan->root, .limit = PLAN_ALL };
	struct err err = { 0 };
	struct sql sql;

	sql_init(&sql);
	ck_assert_int_eq(sql_rows(&sql, &rows,
	    dialect_by_id(refused[_i].dialect), &err), -1);
	ck_assert_int_eq((int)err.code, (int)refused[_i].code);
	ck_assert_str_eq(err.text, refused[_i].want);
	sql_fini(&sql);
	plan_free(&plan);
}
END_TEST

/* One key more than a statement can have parameters. */
START_TEST(too_many)
{
	const struct dialect *d = dialect_by_id((enum dialect_id)_i);
	struct plan *plan = sql_kit_plan("Book",
	    "{\"include\":[\"reviews\"]}");
	static struct value keys[4096];
	struct sql_rows rows = {
		.node = &plan->root->children[0],
		.keys = keys,
		.nkeys = d->parameters_max / 2,	/* of two columns */
		.limit = PLAN_ALL,
	};
	struct err err = { 0 };
	struct sql sql;

	ck_assert_uint_lt(d->parameters_max, 4096);
	for (size_t i = 0; i < 4096; i++)
		keys[i].kind = VALUE_INT;
	sql_init(&sql);
	ck_assert_int_eq(sql_rows(&sql, &rows, d, &err), 0);
	rows.nkeys++;
	ck_assert_int_eq(sql_rows(&sql, &rows, d, &err), -1);
	ck_assert_int_eq((int)err.code, (int)ERR_LIMIT);
	sql_fini(&sql);
	plan_free(&plan);
}
END_TEST

static const struct {
	enum dialect_id dialect;
	const char *where, *want;
} params[] = {
	{ DIALECT_SQLITE, "{\"name\":{\"contains\":\"a%_!\\\\[\"}}",
	    "%a!%!_!!\\[%" },
	{ DIALECT_SQLSERVER, "{\"name\":{\"startsWith\":\"a%_![\"}}",
	    "a!%!_!!![%" },
	{ DIALECT_POSTGRESQL, "{\"name\":{\"endsWith\":\"\"}}", "%" },
	{ DIALECT_POSTGRESQL, "{\"active\":true}", "true" },
	{ DIALECT_POSTGRESQL, "{\"score\":0.1}", "0.1" },
	{ DIALECT_POSTGRESQL, "{\"born\":\"2024-01-02T03:04:05.678Z\"}",
	    "2024-01-02 03:04:05.678000+00" },
	{ DIALECT_MARIADB, "{\"born\":\"1969-12-31T23:59:59.999Z\"}",
	    "1969-12-31 23:59:59.999000" },
	{ DIALECT_POSTGRESQL, "{\"name\":{\"in\":[\"a\\\"\",\"\\\\\",\"{,}\","
	    "\"\",\"NULL\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\","
	    "\"9\",\"10\",\"11\",\"12\"]}}",
	    "{\"a\\\"\",\"\\\\\",\"{,}\",\"\",\"NULL\",\"1\",\"2\",\"3\","
	    "\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\"}" },
	{ DIALECT_SQLITE, "{\"id\":{\"in\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,"
	    "15,16,-17]}}", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,-17]" },
};

START_TEST(parameters)
{
	char options[512];
	struct text_row row = {
		.dialect = params[_i].dialect,
		.model = "Author",
		.options = options,
		.limit = PLAN_ALL,
	};
	const struct value *v;
	struct sql sql;

	snprintf(options, sizeof(options), "{\"where\":%s}",
	    params[_i].where);
	sql_init(&sql);
	write_row(&row, DIALECT_UNPACKED, &sql);
	ck_assert_uint_eq(sql.nparams, 1);
	v = &sql.params[0];
	ck_assert_int_eq((int)v->kind, (int)VALUE_TEXT);
	ck_assert_uint_eq(v->len, strlen(params[_i].want));
	ck_assert_mem_eq(v->u.text, params[_i].want, v->len);
	sql_fini(&sql);
}
END_TEST

/* MariaDB's long lists name the table whose column they look at. */
START_TEST(cursor_with_list)
{
	static const char list[] = "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\","
	    "\"7\",\"8\",\"9\",\"10\",\"11\",\"12\",\"13\",\"14\","
	    "\"15\",\"16\",\"17\"]";
	const struct schema_field *columns[SCHEMA_KEY_MAX * 2];
	char options[512];
	struct plan *plan;
	struct sql sql;

	snprintf(options, sizeof(options), "{\"include\":{\"team\":{"
	    "\"cursor\":{\"id\":3},\"where\":{\"name\":{\"notIn\":%s}}}}}",
	    list);
	plan = sql_kit_plan("Author", options);
	sql_init(&sql);
	ck_assert_int_eq(sql_cursor(&sql, &plan->root->children[0],
	    dialect_by_id((enum dialect_id)_i), columns, NULL), 0);
	ck_assert_uint_eq(sql.nparams, 2);
	sql_fini(&sql);
	plan_free(&plan);
}
END_TEST

START_TEST(dialects)
{
	const struct dialect *d = dialect_by_id((enum dialect_id)_i);

	ck_assert_int_eq((int)d->id, _i);
	ck_assert_ptr_nonnull(d->name);
	ck_assert_ptr_nonnull(d->natives);
	ck_assert_ptr_nonnull(d->list);
	ck_assert_ptr_nonnull(d->like);
	ck_assert_ptr_nonnull(strchr(d->like_special, '!'));
	ck_assert(d->quote_open != '\0' && d->quote_close != '\0');
	ck_assert_uint_ge(d->parameters_max, SCHEMA_KEY_MAX);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sql");

	tcase_add_checked_fixture(tc, sql_kit_setup, sql_kit_teardown);
	tcase_add_loop_test(tc, written, 0, COUNT(texts));
	tcase_add_loop_test(tc, written_packed, 0, COUNT(packed));
	tcase_add_test(tc, again);
	tcase_add_loop_test(tc, refuses, 0, COUNT(refused));
	tcase_add_loop_test(tc, too_many, 0, DIALECTS);
	tcase_add_loop_test(tc, parameters, 0, COUNT(params));
	tcase_add_loop_test(tc, cursor_with_list, 0, DIALECTS);
	tcase_add_loop_test(tc, dialects, 0, DIALECTS);
	return unit_run("sql", tc);
}
