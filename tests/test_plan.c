/* Options in, a plan or a refusal out: what is shown, and limits. */
#include "model/plan.h"

#include <string.h>

#include "plan_kit.h"
#include "unit.h"

static const struct {
	const char *options, *want;
} accepted[] = {
	/* No object means everything. */
	{ "", EVERYTHING },
	{ "null", EVERYTHING },
	{ "5", EVERYTHING },
	{ "\"select\"", EVERYTHING },
	{ "[]", EVERYTHING },
	{ "[\"name\"]", EVERYTHING },
	{ "false", EVERYTHING },
	{ "true", EVERYTHING },
	{ "{}", EVERYTHING },
	{ " { } ", EVERYTHING },
	/* What is false for JavaScript is not there. */
	{ "{\"select\":null,\"include\":null}", EVERYTHING },
	{ "{\"select\":0}", EVERYTHING },
	{ "{\"select\":-0.0}", EVERYTHING },
	{ "{\"select\":\"\"}", EVERYTHING },
	{ "{\"select\":false,\"include\":\"\"}", EVERYTHING },
	{ "{\"select\":[\"name\"],\"include\":null}", "Author(name|id)" },
	/* Lists. */
	{ "{\"select\":[\"name\",\"id\"]}", "Author(name,id)" },
	{ "{\"select\":[\"name\",\"id\",\"name\"]}", "Author(name,id)" },
	{ "{\"select\":[[\"name\"]]}", "Author(name|id)" },
	{ "{\"select\":[\"n\\u0061me\"]}", "Author(name|id)" },
	{ "{\"include\":[]}", EVERYTHING },
	{ "{\"include\":[\"boss\"]}",
	    EVERYTHING "{boss[bossId=id]: " EVERYTHING "}" },
	{ "{\"include\":[\"boss\",\"boss\"]}",
	    EVERYTHING "{boss[bossId=id]: " EVERYTHING "}" },
	{ "{\"select\":[\"books\",\"name\"]}", "Author(name|id)"
	    "{books[id=authorId]: Book(isbn,edition,title,authorId)}" },
	{ "{\"select\":[\"team\"]}",
	    "Author(|id){team[id=bossId]: " EVERYTHING "}" },
	/* Objects. */
	{ "{\"select\":{\"name\":true,\"id\":true}}", "Author(name,id)" },
	{ "{\"select\":{\"name\":1,\"id\":0,\"mail\":\"\",\"photo\":{},"
	    "\"bossId\":[]}}", "Author(name,id,mail,photo,bossId)" },
	{ "{\"select\":{\"name\":true,\"id\":false}}", "Author(name|id)" },
	{ "{\"select\":{\"name\":false,\"id\":true,\"name\":true}}",
	    "Author(name,id)" },
	{ "{\"include\":{}}", EVERYTHING },
	{ "{\"include\":true}", EVERYTHING },
	{ "{\"include\":5}", EVERYTHING },
	{ "{\"include\":{\"boss\":false}}", EVERYTHING },
	{ "{\"select\":{\"boss\":{},\"books\":false}}",
	    "Author(|bossId,id){boss[bossId=id]: " EVERYTHING "}" },
	{ "{\"select\":{\"boss\":1}}",
	    "Author(|bossId,id){boss[bossId=id]: " EVERYTHING "}" },
	{ "{\"select\":{\"boss\":\"\"}}",
	    "Author(|bossId,id){boss[bossId=id]: " EVERYTHING "}" },
	{ "{\"select\":{\"boss\":{\"select\":{\"name\":true}}}}",
	    "Author(|bossId,id){boss[bossId=id]: Author(name|id)}" },
	{ "{\"select\":{\"boss\":{\"select\":null,\"include\":[]}}}",
	    "Author(|bossId,id){boss[bossId=id]: " EVERYTHING "}" },
	{ "{\"select\":{\"id\":true,\"team\":{\"select\":{\"id\":true,"
	    "\"team\":{\"select\":{\"name\":true}}}}}}",
	    "Author(id){team[id=bossId]: Author(id|bossId)"
	    "{team[id=bossId]: Author(name|bossId,id)}}" },
	/* Keys of several columns. */
	{ "{\"select\":{\"books\":{\"select\":{\"reviews\":{\"select\":"
	    "{\"stars\":true}}}}}}",
	    "Author(|id){books[id=authorId]: Book(|authorId,isbn,edition)"
	    "{reviews[isbn=bookIsbn][edition=bookEdition]: "
	    "Review(stars|bookIsbn,bookEdition,id)}}" },
	/* omit. */
	{ "{\"omit\":{\"mail\":true,\"id\":false,\"photo\":true}}",
	    "Author(id,name,bossId)" },
	{ "{\"omit\":{\"id\":true}}", "Author(name,mail,photo,bossId|id)" },
	{ "{\"omit\":{}}", EVERYTHING },
	{ "{\"omit\":null}", EVERYTHING },
	{ "{\"omit\":true}", EVERYTHING },
	{ "{\"omit\":[]}", EVERYTHING },
	{ "{\"select\":[\"name\"],\"omit\":false}", "Author(name|id)" },
	{ "{\"omit\":{\"id\":true,\"name\":true,\"mail\":true,"
	    "\"photo\":true,\"bossId\":true},\"include\":[\"boss\"]}",
	    "Author(|bossId,id){boss[bossId=id]: " EVERYTHING "}" },
	/* _count. */
	{ "{\"select\":[\"_count\",\"name\"]}", "Author(name|id)"
	    "{#team[id=bossId]: Author(_count|bossId) "
	    "#books[id=authorId]: Book(_count|authorId)}" },
	{ "{\"select\":[\"_count\",\"_count\"]}", "Author(|id)"
	    "{#team[id=bossId]: Author(_count|bossId) "
	    "#books[id=authorId]: Book(_count|authorId)}" },
	{ "{\"include\":{\"boss\":true,\"_count\":{\"select\":{\"books\":true,"
	    "\"team\":{}}}},\"omit\":{\"photo\":true}}",
	    "Author(id,name,mail,bossId)"
	    "{boss[bossId=id]: " EVERYTHING " "
	    "#books[id=authorId]: Book(_count|authorId) "
	    "#team[id=bossId]: Author(_count|bossId)}" },
	{ "{\"include\":{\"_count\":{\"select\":{\"books\":{\"where\":"
	    "{\"title\":\"x\"}},\"team\":false}},\"books\":1}}",
	    EVERYTHING "{#books[id=authorId]: Book(_count|authorId)<4title> "
	    "books[id=authorId]: Book(isbn,edition,title,authorId)}" },
	{ "{\"include\":{\"_count\":false}}", EVERYTHING },
	{ "{\"select\":{\"books\":{\"select\":{\"_count\":true}}}}",
	    "Author(|id){books[id=authorId]: Book(|authorId,isbn,edition)"
	    "{#reviews[isbn=bookIsbn][edition=bookEdition]: "
	    "Review(_count|bookIsbn,bookEdition)}}" },
};

static const struct plan_kit_refused refused[] = {
	{ "{", ERR_BAD_OPTIONS, NULL },
	{ "{} x", ERR_BAD_OPTIONS, NULL },
	{ "{\"select\":[\"name\",]}", ERR_BAD_OPTIONS, NULL },
	{ "{'select':[]}", ERR_BAD_OPTIONS, NULL },
	{ "{\"take\":NaN}", ERR_BAD_OPTIONS, NULL },
	{ "-Infinity", ERR_BAD_OPTIONS, NULL },
	{ "\"\\", ERR_BAD_OPTIONS, NULL },
	{ "{\"select\":[\"name\\u0000\"]}", ERR_BAD_OPTIONS,
	    "options hold a NUL character" },
	{ "{\"select\":{\"name\\u0000x\":true}}", ERR_BAD_OPTIONS,
	    "options hold a NUL character" },
	/* Option names. */
	{ "{\"selct\":[\"name\"]}", ERR_BAD_OPTIONS,
	    "unknown option \"selct\"; did you mean \"select\"?" },
	{ "{\"foo\":1}", ERR_BAD_OPTIONS, "unknown option \"foo\"" },
	{ "{\"relationLoadStrategy\":\"join\"}", ERR_BAD_OPTIONS,
	    "option \"relationLoadStrategy\" is not offered here" },
	{ "{\"tkae\":1}", ERR_BAD_OPTIONS,
	    "unknown option \"tkae\"; did you mean \"take\"?" },
	/* _count. */
	{ "{\"select\":{\"_count\":{\"select\":{\"boss\":true}}}}",
	    ERR_UNKNOWN_FIELD, "unknown relation \"boss\" on Author; did you "
	    "mean \"books\"?" },
	{ "{\"select\":{\"_count\":{\"select\":{\"temm\":true}}}}",
	    ERR_UNKNOWN_FIELD,
	    "unknown relation \"temm\" on Author; did you mean \"team\"?" },
	{ "{\"select\":{\"_count\":{\"select\":{\"lost\":true}}}}",
	    ERR_UNKNOWN_FIELD, NULL },
	{ "{\"select\":{\"_count\":{\"select\":{\"books\":false}}}}",
	    ERR_BAD_OPTIONS, "\"_count\" of Author names nothing: at least "
	    "one relation to many is needed" },
	{ "{\"select\":{\"_count\":{\"select\":{}}}}", ERR_BAD_OPTIONS, NULL },
#define COUNT_FORM "\"_count\" of Author takes true or " \
	"{\"select\":{\"relation\":true}}, and nothing else"
	{ "{\"select\":{\"_count\":{}}}", ERR_BAD_OPTIONS, COUNT_FORM },
	{ "{\"select\":{\"_count\":{\"select\":[\"books\"]}}}",
	    ERR_BAD_OPTIONS, COUNT_FORM },
	{ "{\"select\":{\"_count\":{\"where\":{}}}}", ERR_BAD_OPTIONS,
	    COUNT_FORM },
	{ "{\"select\":{\"_count\":{\"select\":{\"books\":true},"
	    "\"where\":{}}}}",
	    ERR_BAD_OPTIONS, COUNT_FORM },
	{ "{\"select\":{\"_count\":null}}", ERR_BAD_OPTIONS, "\"_count\" of "
	    "Author is null where true, false or an object was expected" },
	{ "{\"select\":{\"_count\":1}}", ERR_BAD_OPTIONS, NULL },
	{ "{\"include\":{\"books\":{\"include\":{\"reviews\":{\"include\":"
	    "{\"_count\":true}}}}}}", ERR_BAD_OPTIONS, "\"_count\" cannot be "
	    "had on Review, which has no relation to many" },
	/* omit. */
	{ "{\"select\":[\"name\"],\"omit\":{}}", ERR_BAD_OPTIONS, "options "
	    "\"select\" and \"omit\" are both given on Author: only one of "
	    "them is possible" },
	{ "{\"omit\":{\"nmae\":true}}", ERR_UNKNOWN_FIELD,
	    "unknown field \"nmae\" on Author; did you mean \"name\"?" },
	{ "{\"omit\":{\"secret\":true}}", ERR_UNKNOWN_FIELD,
	    "unknown field \"secret\" on Author" },
	{ "{\"omit\":{\"_count\":true}}", ERR_UNKNOWN_FIELD, NULL },
	{ "{\"omit\":{\"pseudonym\":true}}", ERR_UNKNOWN_FIELD,
	    "unknown field \"pseudonym\" on Author: it is now name" },
	{ "{\"omit\":{\"boss\":true}}", ERR_BAD_OPTIONS, "\"boss\" is a "
	    "relation of Author, and omit takes fields only" },
	{ "{\"omit\":{\"boss\":false}}", ERR_BAD_OPTIONS, NULL },
	{ "{\"omit\":{\"name\":1}}", ERR_BAD_OPTIONS, "\"name\" of Author is a "
	    "number in option \"omit\" where true or false was expected" },
	{ "{\"omit\":{\"name\":null}}", ERR_BAD_OPTIONS, "\"name\" of Author "
	    "is null in option \"omit\" where true or false was expected" },
	{ "{\"omit\":[\"name\"]}", ERR_BAD_OPTIONS, "option \"omit\" is an "
	    "array where an object, {\"name\":true}, was expected" },
	{ "{\"omit\":\"name\"}", ERR_BAD_OPTIONS, "option \"omit\" is a "
	    "string where an object, {\"name\":true}, was expected" },
	{ "{\"omit\":{\"id\":true,\"name\":true,\"mail\":true,"
	    "\"photo\":true,\"bossId\":true}}", ERR_BAD_OPTIONS,
	    "option \"omit\" leaves nothing of Author: at least one field or "
	    "relation is needed" },
	/* Both. */
	{ "{\"select\":[\"name\"],\"include\":[\"boss\"]}", ERR_BAD_OPTIONS,
	    "options \"select\" and \"include\" are both "
	    "given on Author: only one of them is possible" },
	{ "{\"select\":{},\"include\":{}}", ERR_BAD_OPTIONS,
	    "options \"select\" and \"include\" are both "
	    "given on Author: only one of them is possible" },
	{ "{\"select\":{\"books\":{\"select\":[],\"include\":[]}}}",
	    ERR_BAD_OPTIONS, "options \"select\" and \"include\" are "
	    "both given on Book: only one of them is possible" },
	/* Nothing. */
#define NOTHING "option \"select\" on Author names nothing: at least one " \
	"field or relation is needed"
	{ "{\"select\":[]}", ERR_BAD_OPTIONS, NOTHING },
	{ "{\"select\":{}}", ERR_BAD_OPTIONS, NOTHING },
	{ "{\"select\":{\"name\":false}}", ERR_BAD_OPTIONS, NOTHING },
	{ "{\"select\":5}", ERR_BAD_OPTIONS, NOTHING },
	{ "{\"select\":true}", ERR_BAD_OPTIONS, NOTHING },
	{ "{\"include\":{\"boss\":{\"select\":[]}}}", ERR_BAD_OPTIONS,
	    NOTHING },
	/* Kinds. */
	{ "{\"select\":\"name\"}", ERR_BAD_OPTIONS,
	    "option \"select\" is a string where "
	    "names in a list or an object were expected" },
	{ "{\"include\":\"boss\"}", ERR_BAD_OPTIONS,
	    "option \"include\" is a string "
	    "where names in a list or an object were expected" },
	{ "{\"select\":[1]}", ERR_BAD_OPTIONS,
	    "option \"select\" holds a number where a name was expected" },
	{ "{\"select\":[null]}", ERR_BAD_OPTIONS,
	    "option \"select\" holds null where a name was expected" },
	{ "{\"select\":[[]]}", ERR_BAD_OPTIONS,
	    "option \"select\" holds an array where a name was expected" },
	{ "{\"include\":[{}]}", ERR_BAD_OPTIONS,
	    "option \"include\" holds an object where a name was expected" },
	{ "{\"select\":{\"name\":\"yes\"}}", ERR_BAD_OPTIONS, "\"name\" of "
	    "Author is a string where true, false or an object was expected" },
	{ "{\"select\":{\"name\":null}}", ERR_BAD_OPTIONS, "\"name\" of "
	    "Author is null where true, false or an object was expected" },
	{ "{\"select\":{\"name\":{\"select\":{}}}}", ERR_BAD_OPTIONS,
	    "\"name\" of Author is no relation and takes no options" },
	{ "{\"include\":{\"boss\":null}}", ERR_BAD_OPTIONS, "\"boss\" of "
	    "Author is null where true, false or an object was expected" },
	{ "{\"include\":{\"boss\":[\"name\"]}}", ERR_BAD_OPTIONS, "\"boss\" "
	    "of Author is an array where true, false or an object was "
	    "expected" },
	{ "{\"include\":{\"boss\":{\"select\":[\"name\"]}}}",
	    ERR_BAD_OPTIONS, "option \"select\" inside a relation "
	    "takes an object, {\"name\":true}, not a list" },
	{ "{\"include\":[\"name\"]}", ERR_BAD_OPTIONS, "\"name\" is a field "
	    "of Author, and include takes relations only" },
	{ "{\"include\":{\"name\":false}}", ERR_BAD_OPTIONS, "\"name\" is a "
	    "field of Author, and include takes relations only" },
	/* Unknown. */
	{ "{\"select\":[\"nmae\",\"nope\"]}", ERR_UNKNOWN_FIELD,
	    "unknown field \"nmae\" on Author; did you mean \"name\"?" },
	{ "{\"select\":{\"Name\":false}}", ERR_UNKNOWN_FIELD,
	    "unknown field \"Name\" on Author; did you mean \"name\"?" },
	{ "{\"select\":[\"\"]}", ERR_UNKNOWN_FIELD,
	    "unknown field \"\" on Author" },
	{ "{\"select\":[\"__proto__\"]}", ERR_UNKNOWN_FIELD,
	    "unknown field \"__proto__\" on Author" },
	{ "{\"select\":[\"book\"]}", ERR_UNKNOWN_FIELD,
	    "unknown field \"book\" on Author; did you mean \"books\"?" },
	{ "{\"include\":[\"bosss\"]}", ERR_UNKNOWN_FIELD,
	    "unknown relation \"bosss\" on Author; did you mean \"boss\"?" },
	{ "{\"include\":{\"books\":{\"select\":{\"titel\":true}}}}",
	    ERR_UNKNOWN_FIELD,
	    "unknown field \"titel\" on Book; did you mean \"title\"?" },
	{ "{\"select\":[\"pseudonym\"]}", ERR_UNKNOWN_FIELD,
	    "unknown field \"pseudonym\" on Author: it is now name" },
	{ "{\"include\":{\"books\":{\"include\":{\"pseudonym\":true}}}}",
	    ERR_UNKNOWN_FIELD, "unknown relation \"pseudonym\" on Book" },
	/* As if not there. */
	{ "{\"select\":[\"secret\"]}", ERR_UNKNOWN_FIELD,
	    "unknown field \"secret\" on Author" },
	{ "{\"include\":{\"boss\":{\"select\":{\"secret\":true}}}}",
	    ERR_UNKNOWN_FIELD, "unknown field \"secret\" on Author" },
	{ "{\"select\":[\"forgotten\"]}", ERR_UNKNOWN_FIELD,
	    "unknown field \"forgotten\" on Author" },
	{ "{\"select\":[\"shape\"]}", ERR_UNKNOWN_FIELD,
	    "unknown field \"shape\" on Author" },
	{ "{\"include\":[\"lost\"]}", ERR_UNKNOWN_FIELD, NULL },
	/* Limits. */
	{ "{\"include\":{\"boss\":{\"include\":{\"boss\":{\"include\":"
	    "{\"boss\":{\"include\":{\"boss\":{\"include\":{\"boss\":true}}"
	    "}}}}}}}}", ERR_LIMIT, "relations are nested deeper than "
	    "include_depth, which is 4" },
	{ "[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]", ERR_LIMIT, "options are nested "
	    "deeper than json_depth, which is 12" },
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

/* No prefix of options that are an object is taken for options. */
START_TEST(cut_short)
{
	static const char options[] = "{\"select\":{\"name\":true,\"boss\":"
	    "{\"select\":{\"id\":true}}}}";
	struct plan *plan;

	for (size_t len = 1; len < sizeof(options) - 1; len++)
		ck_assert_ptr_null(plan_kit_read(options, len, NULL));
	plan = plan_kit_read(options, sizeof(options) - 1, NULL);
	ck_assert_ptr_nonnull(plan);
	plan_free(&plan);
}
END_TEST

START_TEST(labels)
{
	static const char options[] = "{\"include\":[\"boss\"]}";
	struct plan *plan = plan_kit_read(options, sizeof(options) - 1, NULL);
	const struct plan_node *root;

	ck_assert_ptr_nonnull(plan);
	root = plan->root;
	ck_assert_mem_eq(root->labels[1].text, ",\"name\":", 8);
	ck_assert_uint_eq(root->labels[1].len, 8);
	ck_assert_mem_eq(root->children[0].label.text, ",\"boss\":", 8);
	ck_assert_uint_eq(root->children[0].label.len, 8);
	ck_assert_uint_eq(root->label.len, 0);
	ck_assert_uint_eq(plan->nnodes, 2);
	plan_free(&plan);
}
END_TEST

/* Counts that stand side by side share an object. */
START_TEST(count_labels)
{
	static const char options[] = "{\"select\":{\"_count\":true,"
	    "\"books\":{\"select\":{\"_count\":true}}}}";
	struct plan *plan = plan_kit_read(options, sizeof(options) - 1, NULL);
	const struct plan_node *child;

	ck_assert_ptr_nonnull(plan);
	child = plan->root->children;
	ck_assert_str_eq(plan->root->closing, "");
	ck_assert_str_eq(child[0].label.text, ",\"_count\":{\"team\":");
	ck_assert_uint_eq(child[0].label.len, 18);
	ck_assert_uint_eq(child[0].labels[0].len, 0);
	ck_assert_str_eq(child[0].closing, "");
	ck_assert_str_eq(child[1].label.text, ",\"books\":");
	ck_assert_str_eq(child[1].closing, "}");
	ck_assert_str_eq(child[2].label.text, ",\"books\":");
	ck_assert_str_eq(child[2].closing, "");
	child = child[2].children;
	ck_assert_str_eq(child->label.text, ",\"_count\":{\"reviews\":");
	ck_assert_str_eq(child->closing, "}");
	ck_assert_uint_eq(plan->nnodes, 5);
	plan_free(&plan);
}
END_TEST

START_TEST(attachments)
{
	struct plan *plan = plan_kit_read("", 0, NULL);

	ck_assert(plan->attachments && !plan->bytes_base64);
	plan_free(&plan);
	plan = plan_kit_read("{\"select\":[\"name\"]}", 19, NULL);
	ck_assert(!plan->attachments);
	plan_free(&plan);
	plan_kit_collector.bytes_base64 = true;
	plan = plan_kit_read("", 0, NULL);
	ck_assert(!plan->attachments && plan->bytes_base64);
	plan_free(&plan);
}
END_TEST

/* Four levels of all relations of Author are within the bound of nodes. */
START_TEST(widest)
{
	static const char level[] = "{\"include\":{\"boss\":";
	struct buf out;
	struct err err = { 0 };
	struct plan *plan;

	buf_init(&out, 0);
	for (int i = 0; i < 3; i++)
		plan_kit_put(&out, level);
	plan_kit_put(&out, "true");
	for (int i = 0; i < 3; i++)
		plan_kit_put(&out, ",\"team\":true,\"books\":true}}");
	plan = plan_kit_read(out.data, out.len, &err);
	ck_assert_msg(plan != NULL, "%s", err.text);
	ck_assert_uint_eq(plan->nnodes, 10);
	plan_free(&plan);
	buf_fini(&out);
}
END_TEST

/* A tree of two relations per level breaks the bound on its breadth. */
static void
put_tree(struct buf *out, int depth)
{
	if (depth == 0) {
		plan_kit_put(out, "true");
		return;
	}
	plan_kit_put(out, "{\"include\":{\"boss\":");
	put_tree(out, depth - 1);
	plan_kit_put(out, ",\"team\":");
	put_tree(out, depth - 1);
	plan_kit_put(out, "}}");
}

START_TEST(too_wide)
{
	const struct plan_limits wide = { 64, 64 };
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, 0);
	put_tree(&out, 10);
	ck_assert_ptr_null(plan_read(&plan_kit_collector, out.data, out.len,
	    &wide, &err));
	ck_assert_int_eq(err.code, ERR_LIMIT);
	ck_assert_str_eq(err.text,
	    "the options follow more than 1000 relations");
	buf_fini(&out);
}
END_TEST

START_TEST(long_names)
{
	enum { N = 3000 };
	char options[N + 32];
	struct err err = { 0 };
	size_t len = 0;

	memcpy(options, "{\"select\":[\"", 12);
	for (len = 12; len < N; len += 3)
		memcpy(options + len, "\xe4\xb8\xad", 3);
	memcpy(options + len, "\"]}", 3);
	ck_assert_ptr_null(plan_kit_read(options, len + 3, &err));
	ck_assert_int_eq(err.code, ERR_UNKNOWN_FIELD);
	ck_assert_uint_lt(strlen(err.text), 120);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("plan");

	tcase_add_checked_fixture(tc, plan_kit_setup, plan_kit_teardown);
	tcase_add_loop_test(tc, accepts, 0, COUNT(accepted));
	tcase_add_loop_test(tc, refuses, 0, COUNT(refused));
	tcase_add_test(tc, cut_short);
	tcase_add_test(tc, labels);
	tcase_add_test(tc, count_labels);
	tcase_add_test(tc, attachments);
	tcase_add_test(tc, widest);
	tcase_add_test(tc, too_wide);
	tcase_add_test(tc, long_names);
	return unit_run("plan", tc);
}
