/* Schema, collectors, plans, statements and values without memory. */
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "model/collector_source.h"
#include "model/json_out.h"
#include "model/plan.h"
#include "model/schema.h"
#include "model/sql.h"
#include "model/sql_call.h"
#include "oom_kit.h"
#include "unit.h"

/*
 * json-c goes on without what it did not get: it crashes on a name, and gives
 * null for a value.  So it gets all of it.
 */
json_object *OOM_REAL(json_tokener_parse_ex)(json_tokener *t,
    const char *text, int len);
json_object *OOM_WRAP(json_tokener_parse_ex)(json_tokener *t,
    const char *text, int len);
json_object *
OOM_WRAP(json_tokener_parse_ex)(json_tokener *t, const char *text, int len)
{
	bool was = oom_spare(true);
	json_object *json = OOM_REAL(json_tokener_parse_ex)(t, text, len);

	(void)oom_spare(was);
	return json;
}

static const char schema_text[] =
    "generator g {\n  provider = \"x\"\n  p = [\"a\", \"b\"]\n}\n"
    "datasource db {\n  provider = \"sqlite\"\n}\n"
    "/// Of whom.\n"
    "enum Rank {\n  LOW\n  TOP @map(\"t\")\n  @@map(\"ranks\")\n}\n"
    "model Author {\n"
    "  id Int @id @default(autoincrement())\n"
    "  /// In full.\n"
    "  name String @db.VarChar(50)\n"
    "  mail String? @unique\n"
    "  photo Bytes?\n"
    "  born DateTime?\n"
    "  rate Decimal?\n"
    "  notes Json?\n"
    "  rank Rank @default(LOW)\n"
    "  secret String?\n"
    "  bossId Int?\n"
    "  boss Author? @relation(\"Boss\", fields: [bossId],"
    " references: [id])\n"
    "  team Author[] @relation(\"Boss\")\n"
    "  books Book[]\n"
    "  @@index([name(sort: Desc)])\n"
    "  @@map(\"authors\")\n"
    "}\n"
    "model Book {\n"
    "  isbn String\n"
    "  edition Int\n"
    "  authorId Int\n"
    "  author Author @relation(fields: [authorId], references: [id])\n"
    "  @@id([isbn, edition])\n"
    "}\n"
    "view Line {\n  n Int\n}\n";

static const char collector_text[] =
    "model = Author\n"
    "max_rows = 5\n"
    "max_depth = 3\n"
    "hide = { secret }\n"
    "alias { pseudonym = name }\n"
    "hint { gone = \"was removed\" }\n"
    "defaults = '{ \"orderBy\": { \"books\": { \"_count\": \"desc\" } } }'\n"
    "where {\n"
    "\tAuthor = '{ \"name\": { \"not\": \"x\" } }'\n"
    "\tBook = '{ \"author\": { \"is\": { \"id\": { \"gt\": 1 } } } }'\n"
    "}\n";

static const char query_text[] =
    "-- describe Who is\n"
    "-- param from Int = 5 : the first\n"
    "-- param names String[] = [\"x\", \"y\"]\n"
    "SELECT id, $$q$$ FROM t WHERE id > :from AND name IN (:names)";

static const char *const options[] = {
	"",
	"{\"select\":[\"name\",\"rank\",\"boss\"]}",
	"{\"include\":{\"team\":{\"include\":{\"books\":true}},"
	"\"_count\":{\"select\":{\"books\":true}}},\"omit\":{\"photo\":true}}",
	"{\"where\":{\"OR\":[{\"name\":{\"contains\":\"a%\",\"mode\":"
	"\"insensitive\"}},{\"id\":{\"in\":[1,2,3,4,5,6,7,8,9,10,11,12,13,"
	"14,15,16,17,18]}},{\"rate\":{\"gt\":\"1.50\"}}],\"NOT\":{\"boss\":"
	"{\"is\":null}},\"books\":{\"some\":{\"isbn\":\"x\"}},\"rank\":\"TOP\","
	"\"born\":{\"lt\":\"2024-01-02T03:04:05.678Z\"}}}",
	"{\"orderBy\":[{\"boss\":{\"name\":\"asc\"}},{\"born\":{\"sort\":"
	"\"desc\",\"nulls\":\"last\"}}],\"cursor\":{\"id\":7},\"skip\":1,"
	"\"take\":-5,\"distinct\":[\"name\",\"bossId\"]}",
	"{\"select\":{\"books\":{\"orderBy\":{\"author\":{\"name\":\"desc\"}},"
	"\"cursor\":{\"isbn_edition\":{\"isbn\":\"i\",\"edition\":1}},"
	"\"distinct\":\"authorId\",\"take\":-2,\"skip\":1}}}",
};

/* Refused for its own sake, or for memory. */
static const char *const refused[] = {
	"{\"select\":[\"nam\"]}",
	"{\"select\":{\"boss\":{\"select\":[\"pseudonym\"]}}}",
	"{\"where\":{\"name\":{\"contain\":\"x\"}}}",
	"{\"take\":\"5\"",
};

static struct schema *schema;
static struct collector *author, *query;

static struct collector *
read_collector(const char *path, const char *text, struct err *err)
{
	const struct collector_source source = {
		.name = "authors", .path = path, .text = text,
		.len = strlen(text)
	};

	return collector_source_read(schema,
	    dialect_by_id(DIALECT_POSTGRESQL), &source, oom_fault, err);
}

static void
setup(void)
{
	struct err err = { 0 };

	schema = schema_read("t.prisma", schema_text, strlen(schema_text),
	    oom_fault, &err);
	ck_assert_msg(schema != NULL, "%s", err.text);
	author = read_collector("a.collector", collector_text, &err);
	ck_assert_msg(author != NULL, "%s", err.text);
	query = read_collector("a.sql", query_text, &err);
	ck_assert_msg(query != NULL, "%s", err.text);
}

static void
teardown(void)
{
	collector_free(&author);
	collector_free(&query);
	schema_free(&schema);
}

static int
run_schema(struct err *err)
{
	struct schema *s = schema_read("t.prisma", schema_text,
	    strlen(schema_text), oom_fault, err);
	int result = s != NULL ? 0 : -1;

	schema_free(&s);
	return result;
}

static int
run_collector_text(const char *path, const char *text, struct err *err)
{
	struct collector *c = read_collector(path, text, err);
	int result = c != NULL ? 0 : -1;

	collector_free(&c);
	return result;
}

static int
run_collector(struct err *err)
{
	return run_collector_text("a.collector", collector_text, err);
}

static int
run_query(struct err *err)
{
	return run_collector_text("a.sql", query_text, err);
}

/* Everything that can be written for a node and those below it. */
static int
write_node(const struct plan_node *node, const struct dialect *d,
    struct sql *sql, struct err *err)
{
	static const struct value values[PLAN_ORDER_MAX +
	    2 * SCHEMA_KEY_MAX];
	const struct schema_field *columns[PLAN_ORDER_MAX +
	    2 * SCHEMA_KEY_MAX];
	const struct sql_rows r = {
		.node = node, .limit = 10, .keys = values,
		.nkeys = node->via == NULL ? 0 : 2,
		.after = node->via == NULL && node->norder > 0 ? values : NULL,
		.from = node->cursor != NULL ? values : NULL
	};

	sql_clear(sql);
	if (sql_rows(sql, &r, d, err) != 0 && err->code != ERR_BAD_OPTIONS)
		return -1;
	sql_clear(sql);
	if (node->cursor != NULL &&
	    sql_cursor(sql, node, d, columns, err) != 0)
		return -1;
	for (size_t i = 0; i < node->nchildren; i++)
		if (write_node(&node->children[i], d, sql, err) != 0)
			return -1;
	return 0;
}

static struct plan *
read_plan(const char *text, struct err *err)
{
	static const struct plan_limits limits = { 64, 8 };

	return plan_read(author, text, strlen(text), &limits, err);
}

static int
run_plan(const char *text, struct err *err)
{
	struct plan *plan = read_plan(text, err);
	struct sql sql;
	int result = plan != NULL ? 0 : -1;

	sql_init(&sql);
	for (int d = 0; result == 0 && d < DIALECTS; d++)
		result = write_node(plan->root, dialect_by_id(
		    (enum dialect_id)d), &sql, err);
	sql_fini(&sql);
	plan_free(&plan);
	return result;
}

static int
run_call(struct err *err)
{
	static const char text[] =
	    "{\"from\":3,\"names\":[\"a\",\"b\"],\"take\":5,\"skip\":1}";
	const struct dialect *d = dialect_by_id(DIALECT_POSTGRESQL);
	struct sql_call call;
	struct sql sql;
	int result = -1;

	sql_init(&sql);
	if (sql_call_read(&call, query->sql, text, strlen(text), 8, err) == 0 &&
	    sql_call_write(&call, d, &sql, err) == 0 &&
	    sql_call_write_page(&call, 100, &sql, err) == 0)
		result = 0;
	sql_call_fini(&call);
	sql_fini(&sql);
	return result;
}

/* A row of Author, as a driver may give it. */
static const struct value row[] = {
	{ .kind = VALUE_INT, .u.i = 7 },
	{ .kind = VALUE_TEXT, .len = 4, .u.text = "a\"\xffz" },
	{ .kind = VALUE_NULL },
	{ .kind = VALUE_BYTES, .len = 3, .u.text = "abc" },
	{ .kind = VALUE_INT, .u.i = 1704164645678 },
	{ .kind = VALUE_TEXT, .len = 5, .u.text = "1.500" },
	{ .kind = VALUE_TEXT, .len = 9, .u.text = "{\"a\": [1]}" },
	{ .kind = VALUE_TEXT, .len = 1, .u.text = "t" },
	{ .kind = VALUE_FLOAT, .u.f = 0.1 },
};
static struct plan *row_plan;

static int
run_row(struct err *err)
{
	struct buf out;
	int result = 0;

	buf_init(&out, 0);
	switch (json_put_scalars(&out, row_plan->root, row, NULL, err)) {
	case JSON_PUT_FULL:
		result = oom_only(err);
		break;
	case JSON_PUT_MISFIT:
		result = -1;
		break;
	case JSON_PUT_DONE:
		break;
	}
	buf_fini(&out);
	return result;
}

static const struct oom_work works[] = {
	{ "a schema", run_schema },
	{ "a .collector file", run_collector },
	{ "a .sql file", run_query },
	{ "a call of it", run_call },
};

START_TEST(test_works)
{
	oom_try(&works[_i]);
}
END_TEST

static const char *current;

static int
run_current(struct err *err)
{
	return run_plan(current, err);
}

START_TEST(test_plans)
{
	current = options[_i];
	oom_try(&(struct oom_work){ current, run_current });
}
END_TEST

/* The refusal itself may take memory, for a list of names. */
static int
run_refused(struct err *err)
{
	struct plan *plan = read_plan(current, err);
	bool meant = plan == NULL && (err->code == ERR_BAD_OPTIONS ||
	    err->code == ERR_UNKNOWN_FIELD);

	plan_free(&plan);
	return meant ? 0 : -1;
}

START_TEST(test_refused)
{
	current = refused[_i];
	oom_try(&(struct oom_work){ current, run_refused });
}
END_TEST

START_TEST(test_row)
{
	struct err err = { 0 };

	row_plan = read_plan("{\"select\":[\"id\",\"name\",\"mail\",\"photo\","
	    "\"born\",\"rate\",\"notes\",\"rank\"]}", &err);
	ck_assert_msg(row_plan != NULL, "%s", err.text);
	oom_try(&(struct oom_work){ "a row", run_row });
	plan_free(&row_plan);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("oom_model");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_works, 0, COUNT(works));
	tcase_add_loop_test(tc, test_plans, 0, COUNT(options));
	tcase_add_loop_test(tc, test_refused, 0, COUNT(refused));
	tcase_add_test(tc, test_row);
	return unit_run("oom_model", tc);
}
