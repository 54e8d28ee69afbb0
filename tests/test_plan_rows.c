/* Options in, a plan or a refusal out: which rows, in which order. */
#include "model/plan.h"

#include <string.h>

#include "plan_kit.h"
#include "unit.h"

static const struct {
	const char *options, *want;
} accepted[] = {
	/* where and cursor. */
	{ "{\"where\":{\"name\":\"x\"}}", EVERYTHING "<4name>" },
	{ "{\"where\":{}}", EVERYTHING "<0>" },
	{ "{\"include\":{\"boss\":{\"where\":{\"name\":\"x\"}}}}",
	    EVERYTHING "{boss[bossId=id]: " EVERYTHING "<4name>}" },
	{ "{\"cursor\":{\"id\":5}}", EVERYTHING "@<4id>" },
	/* distinct. */
	{ "{\"distinct\":\"name\"}", EVERYTHING " distinct name" },
	{ "{\"distinct\":[\"mail\",\"name\",\"mail\"]}",
	    EVERYTHING " distinct mail,name" },
	{ "{\"distinct\":[]}", EVERYTHING },
	/* skip and take. */
	{ "{\"skip\":0,\"take\":0}", EVERYTHING " take 0" },
	{ "{\"take\":2,\"skip\":1}", EVERYTHING " skip 1 take 2" },
	{ "{\"take\":-3}", EVERYTHING " take 3 backwards" },
	{ "{\"take\":3.0,\"skip\":1e3}", EVERYTHING " skip 1000 take 3" },
	{ "{\"take\":9223372036854775807}",
	    EVERYTHING " take 9223372036854775807" },
	{ "{\"take\":-9223372036854775808}",
	    EVERYTHING " take 9223372036854775808 backwards" },
	/* orderBy. */
	{ "{\"orderBy\":{\"name\":\"asc\"}}", EVERYTHING " by name?,id" },
	{ "{\"orderBy\":{\"id\":\"desc\"}}", EVERYTHING " by -id" },
	{ "{\"orderBy\":[{\"name\":\"desc\"},{\"mail\":{\"sort\":\"asc\"}}]}",
	    EVERYTHING " by -name?,mail?,id" },
	{ "{\"orderBy\":{\"mail\":{\"nulls\":\"last\",\"sort\":\"desc\"}}}",
	    EVERYTHING " by -mail(nulls last)?,id" },
	{ "{\"orderBy\":{\"mail\":{\"sort\":\"asc\",\"nulls\":\"first\"}}}",
	    EVERYTHING " by mail(nulls first)?,id" },
	{ "{\"orderBy\":[{\"name\":\"asc\"},{\"name\":\"desc\"},"
	    "{\"id\":\"desc\"}]}", EVERYTHING " by name?,-id" },
	{ "{\"orderBy\":{}}", EVERYTHING },
	{ "{\"orderBy\":[]}", EVERYTHING },
	{ "{\"orderBy\":[{},{\"boss\":{}}]}", EVERYTHING },
	{ "{\"select\":[\"name\"],\"orderBy\":{\"mail\":\"asc\"}}",
	    "Author(name|mail,id) by mail?,id" },
	{ "{\"select\":[\"name\"],\"orderBy\":["
	    "{\"team\":{\"_count\":\"desc\"}},{\"boss\":{\"name\":\"asc\"}}]}",
	    "Author(name|id|_count,name) by -#team,boss.name?,id" },
	{ "{\"orderBy\":[{\"boss\":{\"boss\":{\"mail\":{\"sort\":\"asc\","
	    "\"nulls\":\"last\"}}}},"
	    "{\"boss\":{\"books\":{\"_count\":\"asc\"}}},"
	    "{\"boss\":{\"books\":{\"_count\":\"desc\"}}}]}",
	    "Author(id,name,mail,photo,bossId|mail,_count) "
	    "by boss.boss.mail(nulls last)?,#boss.books,id" },
	/* All of it inside a relation. */
	{ "{\"select\":{\"books\":{\"select\":{\"title\":true},\"where\":"
	    "{\"title\":\"x\"},\"orderBy\":{\"author\":{\"name\":\"asc\"}},"
	    "\"cursor\":{\"isbn_edition\":{\"isbn\":\"i\",\"edition\":1}},"
	    "\"distinct\":[\"title\"],\"skip\":1,\"take\":-2}}}",
	    "Author(|id){books[id=authorId]: "
	    "Book(title|authorId,isbn,edition|name)<4title>@<0> "
	    "distinct title by author.name?,isbn,edition skip 1 take 2 "
	    "backwards}" },
};

static const struct plan_kit_refused refused[] = {
	/* Options of rows, on what is one row, or counted. */
	{ "{\"include\":{\"boss\":{\"take\":1}}}", ERR_BAD_OPTIONS,
	    "option \"take\" does not go with relation \"boss\" of Author, "
	    "which is to one row" },
	{ "{\"include\":{\"boss\":{\"orderBy\":{}}}}", ERR_BAD_OPTIONS, NULL },
	{ "{\"include\":{\"boss\":{\"skip\":0}}}", ERR_BAD_OPTIONS, NULL },
	{ "{\"include\":{\"boss\":{\"cursor\":{\"id\":1}}}}", ERR_BAD_OPTIONS,
	    NULL },
	{ "{\"include\":{\"boss\":{\"distinct\":[]}}}", ERR_BAD_OPTIONS, NULL },
	{ "{\"include\":{\"books\":{\"include\":{\"author\":{\"where\":{}}}}}}",
	    ERR_BAD_OPTIONS, "option \"where\" does not go with relation "
	    "\"author\" of Book, which is to one row and required" },
#define COUNTED(options) "{\"include\":{\"_count\":{\"select\":" \
	"{\"books\":" options "}}}}"
	{ COUNTED("{\"take\":1}"), ERR_BAD_OPTIONS, "option \"take\" does not "
	    "go with relation \"books\" of Author, of which the rows are "
	    "counted" },
	{ COUNTED("{\"select\":{\"title\":true}}"), ERR_BAD_OPTIONS, NULL },
	{ COUNTED("{\"wehre\":{}}"), ERR_BAD_OPTIONS,
	    "unknown option \"wehre\"; did you mean \"where\"?" },
	{ COUNTED("{\"where\":null}"), ERR_BAD_OPTIONS, NULL },
	{ COUNTED("\"x\""), ERR_BAD_OPTIONS, "\"books\" of Author is a string "
	    "where true, false or an object was expected" },
	/* where and cursor; test_filter_read has more. */
	{ "{\"where\":null}", ERR_BAD_OPTIONS, NULL },
	{ "{\"where\":[]}", ERR_BAD_OPTIONS, NULL },
	{ "{\"where\":{\"secret\":\"x\"}}", ERR_UNKNOWN_FIELD, NULL },
	{ "{\"cursor\":null}", ERR_BAD_OPTIONS, NULL },
	{ "{\"cursor\":{\"name\":\"x\"}}", ERR_BAD_OPTIONS, NULL },
	/* skip and take. */
	{ "{\"skip\":-1}", ERR_BAD_OPTIONS,
	    "option \"skip\" is -1 where zero or more was expected" },
	{ "{\"skip\":null}", ERR_BAD_OPTIONS, "option \"skip\" is null where a "
	    "whole number within 64 bits was expected" },
	{ "{\"take\":\"1\"}", ERR_BAD_OPTIONS, "option \"take\" is a string "
	    "where a whole number within 64 bits was expected" },
	{ "{\"take\":true}", ERR_BAD_OPTIONS, NULL },
	{ "{\"take\":[1]}", ERR_BAD_OPTIONS, NULL },
	{ "{\"take\":1.5}", ERR_BAD_OPTIONS, "option \"take\" is 1.5 where a "
	    "whole number within 64 bits was expected" },
	{ "{\"take\":9223372036854775808}", ERR_BAD_OPTIONS, "option \"take\" "
	    "is 9223372036854775808.0 where a whole number within 64 bits was "
	    "expected" },
	{ "{\"take\":1e19}", ERR_BAD_OPTIONS, NULL },
	{ "{\"take\":-1e19}", ERR_BAD_OPTIONS, NULL },
	{ "{\"take\":-9223372036854775809}", ERR_BAD_OPTIONS, NULL },
	{ "{\"take\":18446744073709551617}", ERR_BAD_OPTIONS, NULL },
	{ "{\"skip\":99999999999999999999}", ERR_BAD_OPTIONS, NULL },
	/* distinct. */
	{ "{\"distinct\":null}", ERR_BAD_OPTIONS, "option \"distinct\" on "
	    "Author has null where the name of a field was expected" },
	{ "{\"distinct\":{\"name\":true}}", ERR_BAD_OPTIONS, NULL },
	{ "{\"distinct\":[[\"name\"]]}", ERR_BAD_OPTIONS, NULL },
	{ "{\"distinct\":[\"boss\"]}", ERR_BAD_OPTIONS, "\"boss\" is a "
	    "relation of Author, and distinct takes fields only" },
	{ "{\"distinct\":\"nmae\"}", ERR_UNKNOWN_FIELD,
	    "unknown field \"nmae\" on Author; did you mean \"name\"?" },
	{ "{\"distinct\":\"secret\"}", ERR_UNKNOWN_FIELD, NULL },
	{ "{\"distinct\":[\"shape\"]}", ERR_UNKNOWN_FIELD, NULL },
	/* orderBy. */
#define ORDER(value) "{\"orderBy\":" value "}"
#define NO_ORDER(kind) "option \"orderBy\" on Author has " kind " where an " \
	"object, {\"name\":\"asc\"}, was expected"
	{ ORDER("null"), ERR_BAD_OPTIONS, NO_ORDER("null") },
	{ ORDER("\"name\""), ERR_BAD_OPTIONS, NO_ORDER("a string") },
	{ ORDER("[\"name\"]"), ERR_BAD_OPTIONS, NO_ORDER("a string") },
	{ ORDER("[[{}]]"), ERR_BAD_OPTIONS, NO_ORDER("an array") },
	{ ORDER("[null]"), ERR_BAD_OPTIONS, NO_ORDER("null") },
	{ ORDER("{\"name\":\"asc\",\"id\":\"asc\"}"), ERR_BAD_OPTIONS,
	    "option \"orderBy\" has several keys in one object on Author: "
	    "their order is told by a list of objects, one key each" },
	{ ORDER("{\"boss\":{\"name\":\"asc\",\"id\":\"asc\"}}"),
	    ERR_BAD_OPTIONS, NULL },
	{ ORDER("{\"name\":\"ASC\"}"), ERR_BAD_OPTIONS, "\"name\" in option "
	    "\"orderBy\" is a string where \"asc\" or \"desc\" was "
	    "expected" },
	{ ORDER("{\"name\":null}"), ERR_BAD_OPTIONS, NULL },
	{ ORDER("{\"name\":1}"), ERR_BAD_OPTIONS, NULL },
	{ ORDER("{\"name\":{\"sort\":\"asc\"}}"), ERR_BAD_OPTIONS,
	    "\"name\" in option \"orderBy\" is never null and takes "
	    "\"asc\" or \"desc\" only" },
	{ ORDER("{\"mail\":{}}"), ERR_BAD_OPTIONS, "\"sort\" in option "
	    "\"orderBy\" is null where \"asc\" or \"desc\" was expected" },
	{ ORDER("{\"mail\":{\"sort\":\"asc\",\"nulls\":\"middle\"}}"),
	    ERR_BAD_OPTIONS, "\"nulls\" in option \"orderBy\" is a string "
	    "where \"first\" or \"last\" was expected" },
	{ ORDER("{\"mail\":{\"sort\":\"asc\",\"nulls\":null}}"),
	    ERR_BAD_OPTIONS, NULL },
	{ ORDER("{\"mail\":{\"sort\":\"asc\",\"x\":1}}"), ERR_BAD_OPTIONS,
	    "unknown \"x\" at \"mail\" in option \"orderBy\", which takes "
	    "\"sort\" and \"nulls\"" },
	{ ORDER("{\"boss\":\"asc\"}"), ERR_BAD_OPTIONS, "\"boss\" in option "
	    "\"orderBy\" is a string where an object was expected" },
	{ ORDER("{\"boss\":[{\"name\":\"asc\"}]}"), ERR_BAD_OPTIONS, NULL },
#define MANY_ORDER "\"team\" in option \"orderBy\" is a relation to many " \
	"and takes {\"_count\":\"asc\"} or {\"_count\":\"desc\"} only"
	{ ORDER("{\"team\":{}}"), ERR_BAD_OPTIONS, MANY_ORDER },
	{ ORDER("{\"team\":{\"name\":\"asc\"}}"), ERR_BAD_OPTIONS, MANY_ORDER },
	{ ORDER("{\"team\":{\"_count\":\"asc\",\"name\":\"asc\"}}"),
	    ERR_BAD_OPTIONS, MANY_ORDER },
	{ ORDER("{\"team\":{\"_count\":{\"sort\":\"asc\"}}}"),
	    ERR_BAD_OPTIONS, "\"_count\" in option \"orderBy\" is an object "
	    "where \"asc\" or \"desc\" was expected" },
	{ ORDER("{\"_count\":\"asc\"}"), ERR_UNKNOWN_FIELD, NULL },
	{ ORDER("{\"_relevance\":{}}"), ERR_BAD_OPTIONS,
	    "\"_relevance\" in option \"orderBy\" is not offered here" },
	{ ORDER("{\"secret\":\"asc\"}"), ERR_UNKNOWN_FIELD,
	    "unknown field \"secret\" on Author" },
	{ ORDER("{\"boss\":{\"secret\":\"asc\"}}"), ERR_UNKNOWN_FIELD, NULL },
	{ ORDER("{\"forgotten\":\"asc\"}"), ERR_UNKNOWN_FIELD, NULL },
	{ ORDER("{\"lost\":{\"_count\":\"asc\"}}"), ERR_UNKNOWN_FIELD, NULL },
	{ ORDER("{\"shape\":\"asc\"}"), ERR_UNKNOWN_FIELD, NULL },
	{ ORDER("{\"pseudonym\":\"asc\"}"), ERR_UNKNOWN_FIELD,
	    "unknown field \"pseudonym\" on Author: it is now name" },
	{ ORDER("{\"boss\":{\"boss\":{\"boss\":{\"boss\":{\"boss\":"
	    "{\"name\":\"asc\"}}}}}}"), ERR_LIMIT, "option \"orderBy\" "
	    "follows more relations than 4" },
};

START_TEST(accepts)
{
	plan_kit_accept(accepted[_i].options, accepted[_i].want);
}
END_TEST

START_TEST(refuses)
{
	plan_kit_refuse(&refused[_i]);
}
END_TEST

/* A collector may be stricter than the conf, but not more lenient. */
START_TEST(max_depth)
{
	static const char one[] = "{\"include\":[\"boss\"]}";
	static const char counted[] = "{\"include\":[\"_count\"]}";
	static const char ordered[] = "{\"orderBy\":{\"boss\":{}}}";
	struct err err = { 0 };
	struct plan *plan;

	plan_kit_collector.depth_limited = true;
	plan_kit_collector.max_depth = 99;
	plan = plan_kit_read(one, sizeof(one) - 1, &err);
	ck_assert_ptr_nonnull(plan);
	plan_free(&plan);
	plan_kit_collector.max_depth = 0;
	ck_assert_ptr_null(plan_kit_read(one, sizeof(one) - 1, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	ck_assert_str_eq(err.text, "relations are nested deeper than "
	    "max_depth of this collector, which is 0");
	ck_assert_ptr_null(plan_kit_read(counted, sizeof(counted) - 1, &err));
	ck_assert_ptr_null(plan_kit_read(ordered, sizeof(ordered) - 1, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
}
END_TEST

START_TEST(many_keys)
{
	struct err err = { 0 };
	struct plan *plan;
	struct buf out;

	buf_init(&out, 0);
	plan_kit_put(&out, "{\"orderBy\":[{}");
	for (int i = 1; i < PLAN_ORDER_MAX; i++)
		plan_kit_put(&out, ",{\"boss\":{\"name\":\"asc\"}}");
	plan_kit_put(&out, "]}");
	plan = plan_kit_read(out.data, out.len, &err);
	ck_assert_msg(plan != NULL, "%s", err.text);
	ck_assert_uint_eq(plan->root->norder, 2);
	plan_free(&plan);
	out.len -= 2;
	plan_kit_put(&out, ",{}]}");
	ck_assert_ptr_null(plan_kit_read(out.data, out.len, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	ck_assert_str_eq(err.text,
	    "option \"orderBy\" on Author has more than 32 keys");
	buf_fini(&out);
}
END_TEST

/* What a call means where the collector has defaults. */
static const struct {
	const char *defaults, *options, *want;
} defaulted[] = {
	{ "{}", "", EVERYTHING },
	{ "{\"take\":5}", "", EVERYTHING " take 5" },
	{ "{\"take\":5}", "null", EVERYTHING " take 5" },
	{ "{\"take\":5}", "[]", EVERYTHING " take 5" },
	{ "{\"take\":5,\"skip\":1}", "{\"take\":2}",
	    EVERYTHING " skip 1 take 2" },
	{ "{\"orderBy\":{\"name\":\"asc\"}}", "{\"orderBy\":[]}", EVERYTHING },
	{ "{\"where\":{\"name\":\"x\"}}", "{\"where\":{\"mail\":\"y\"}}",
	    EVERYTHING "<4mail>" },
	/* What is shown is one thing. */
	{ "{\"select\":[\"name\"]}", "", "Author(name|id)" },
	{ "{\"select\":[\"name\"]}", "{\"take\":1}",
	    "Author(name|id) take 1" },
	{ "{\"select\":[\"name\"]}", "{\"select\":null}", "Author(name|id)" },
	{ "{\"select\":[\"name\"]}", "{\"select\":[\"mail\"]}",
	    "Author(mail|id)" },
	{ "{\"select\":[\"name\"]}", "{\"include\":[]}", EVERYTHING },
	{ "{\"omit\":{\"photo\":true}}", "{\"select\":[\"photo\"]}",
	    "Author(photo|id)" },
	{ "{\"omit\":{\"photo\":true}}", "{\"include\":[\"_count\"]}",
	    EVERYTHING "{#team[id=bossId]: Author(_count|bossId) "
	    "#books[id=authorId]: Book(_count|authorId)}" },
	/* At the root only. */
	{ "{\"take\":5}", "{\"include\":[\"team\"]}", EVERYTHING
	    " take 5{team[id=bossId]: " EVERYTHING "}" },
};

START_TEST(defaults)
{
	plan_kit_collector.defaults = defaulted[_i].defaults;
	plan_kit_accept(defaulted[_i].options, defaulted[_i].want);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("plan_rows");

	tcase_add_checked_fixture(tc, plan_kit_setup, plan_kit_teardown);
	tcase_add_loop_test(tc, accepts, 0, COUNT(accepted));
	tcase_add_loop_test(tc, refuses, 0, COUNT(refused));
	tcase_add_test(tc, max_depth);
	tcase_add_test(tc, many_keys);
	tcase_add_loop_test(tc, defaults, 0, COUNT(defaulted));
	return unit_run("plan_rows", tc);
}
