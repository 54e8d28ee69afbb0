/*
 * Options in, a plan as text out, or the refusal.  A node is written as
 *
 *	Model(shown,shown|keys){relation[parent=own]: Model(...) ...}
 */
#include "model/plan.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const char schema_text[] =
    "datasource db {\n"
    "  provider = \"sqlite\"\n"
    "}\n"
    "model Author {\n"
    "  id Int @id\n"
    "  name String\n"
    "  mail String?\n"
    "  photo Bytes?\n"
    "  secret String?\n"
    "  forgotten String? @ignore\n"
    "  shape Unsupported(\"geometry\")?\n"
    "  bossId Int?\n"
    "  boss Author? @relation(\"Boss\", fields: [bossId],"
    " references: [id])\n"
    "  team Author[] @relation(\"Boss\")\n"
    "  books Book[]\n"
    "  lost Lost[] @ignore\n"
    "}\n"
    "model Book {\n"
    "  isbn String\n"
    "  edition Int\n"
    "  title String\n"
    "  authorId Int\n"
    "  author Author @relation(fields: [authorId], references: [id])\n"
    "  reviews Review[]\n"
    "  @@id([isbn, edition])\n"
    "}\n"
    "model Review {\n"
    "  id Int @id\n"
    "  stars Int\n"
    "  bookIsbn String\n"
    "  bookEdition Int\n"
    "  book Book @relation(fields: [bookIsbn, bookEdition],"
    " references: [isbn, edition])\n"
    "}\n"
    "model Lost {\n"
    "  id Int @id\n"
    "  authorId Int\n"
    "  author Author @relation(fields: [authorId], references: [id])\n"
    "  @@ignore\n"
    "}\n";

static const struct plan_limits limits = {
	.json_depth = 12,
	.include_depth = 4
};

static struct schema *schema;
static struct collector collector;
static const struct schema_field *hidden[1];
static struct collector_alias aliases[1];
static char old_name[] = "pseudonym", old_hint[] = "is now name";

static void
fault(void *ctx, const char *line)
{
	(void)ctx;
	ck_abort_msg("%s", line);
}

static void
setup(void)
{
	schema = schema_read("t.prisma", schema_text, strlen(schema_text),
	    fault, NULL);
	ck_assert_ptr_nonnull(schema);
	collector = (struct collector){
		.model = schema_model(schema, "Author", 6),
		.nhidden = 1,
		.hidden = hidden,
		.naliases = 1,
		.aliases = aliases,
	};
	hidden[0] = schema_field(collector.model, "secret", 6);
	aliases[0] = (struct collector_alias){ old_name, old_hint };
}

static void
teardown(void)
{
	schema_free(&schema);
}

static void
put(struct buf *out, const char *text)
{
	ck_assert_int_eq(buf_puts(out, text), 0);
}

static void
put_node(struct buf *out, const struct plan_node *node)
{
	put(out, node->model->name);
	put(out, "(");
	for (size_t i = 0; i < node->ncolumns; i++) {
		if (i == node->nshown)
			put(out, "|");
		else if (i > 0)
			put(out, ",");
		put(out, node->columns[i]->name);
	}
	put(out, ")");
	if (node->nchildren > 0)
		put(out, "{");
	for (size_t k = 0; k < node->nchildren; k++) {
		const struct plan_node *child = &node->children[k];

		ck_assert_ptr_eq(child->parent, node);
		put(out, k > 0 ? " " : "");
		put(out, child->via->name);
		for (size_t i = 0; i < child->via->from.n; i++) {
			put(out, "[");
			put(out, node->columns[child->parent_keys[i]]->name);
			put(out, "=");
			put(out, child->columns[child->own_keys[i]]->name);
			put(out, "]");
		}
		put(out, ": ");
		put_node(out, child);
	}
	if (node->nchildren > 0)
		put(out, "}");
}

#define EVERYTHING "Author(id,name,mail,photo,bossId)"

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
	{ "{\"select\":[\"name\"],\"include\":null}", "Author(name)" },
	/* Lists. */
	{ "{\"select\":[\"name\",\"id\"]}", "Author(name,id)" },
	{ "{\"select\":[\"name\",\"id\",\"name\"]}", "Author(name,id)" },
	{ "{\"select\":[[\"name\"]]}", "Author(name)" },
	{ "{\"select\":[\"n\\u0061me\"]}", "Author(name)" },
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
	{ "{\"select\":{\"name\":true,\"id\":false}}", "Author(name)" },
	{ "{\"select\":{\"name\":false,\"id\":true,\"name\":true}}",
	    "Author(name,id)" },
	{ "{\"include\":{}}", EVERYTHING },
	{ "{\"include\":true}", EVERYTHING },
	{ "{\"include\":5}", EVERYTHING },
	{ "{\"include\":{\"boss\":false}}", EVERYTHING },
	{ "{\"select\":{\"boss\":{},\"books\":false}}",
	    "Author(|bossId){boss[bossId=id]: " EVERYTHING "}" },
	{ "{\"select\":{\"boss\":1}}",
	    "Author(|bossId){boss[bossId=id]: " EVERYTHING "}" },
	{ "{\"select\":{\"boss\":\"\"}}",
	    "Author(|bossId){boss[bossId=id]: " EVERYTHING "}" },
	{ "{\"select\":{\"boss\":{\"select\":{\"name\":true}}}}",
	    "Author(|bossId){boss[bossId=id]: Author(name|id)}" },
	{ "{\"select\":{\"boss\":{\"select\":null,\"include\":[]}}}",
	    "Author(|bossId){boss[bossId=id]: " EVERYTHING "}" },
	{ "{\"select\":{\"id\":true,\"team\":{\"select\":{\"id\":true,"
	    "\"team\":{\"select\":{\"name\":true}}}}}}",
	    "Author(id){team[id=bossId]: Author(id|bossId)"
	    "{team[id=bossId]: Author(name|bossId)}}" },
	/* Keys of several columns. */
	{ "{\"select\":{\"books\":{\"select\":{\"reviews\":{\"select\":"
	    "{\"stars\":true}}}}}}",
	    "Author(|id){books[id=authorId]: Book(|authorId,isbn,edition)"
	    "{reviews[isbn=bookIsbn][edition=bookEdition]: "
	    "Review(stars|bookIsbn,bookEdition)}}" },
};

static const struct {
	const char *options;
	enum err_code code;
	const char *want;
} refused[] = {
	{ "{", ERR_BAD_OPTIONS, NULL },
	{ "{} x", ERR_BAD_OPTIONS, NULL },
	{ "{\"select\":[\"name\",]}", ERR_BAD_OPTIONS, NULL },
	{ "{'select':[]}", ERR_BAD_OPTIONS, NULL },
	{ "{\"select\":[\"name\\u0000\"]}", ERR_BAD_OPTIONS,
	    "options hold a NUL character" },
	{ "{\"select\":{\"name\\u0000x\":true}}", ERR_BAD_OPTIONS,
	    "options hold a NUL character" },
	/* Option names. */
	{ "{\"selct\":[\"name\"]}", ERR_BAD_OPTIONS,
	    "unknown option \"selct\"; did you mean \"select\"?" },
	{ "{\"foo\":1}", ERR_BAD_OPTIONS, "unknown option \"foo\"" },
	{ "{\"where\":{}}", ERR_BAD_OPTIONS,
	    "option \"where\" is not offered here" },
	{ "{\"orderBy\":null}", ERR_BAD_OPTIONS,
	    "option \"orderBy\" is not offered here" },
	{ "{\"include\":{\"team\":{\"take\":1}}}", ERR_BAD_OPTIONS,
	    "option \"take\" is not offered here" },
	{ "{\"skip\":1}", ERR_BAD_OPTIONS,
	    "option \"skip\" is not offered here" },
	{ "{\"cursor\":1}", ERR_BAD_OPTIONS,
	    "option \"cursor\" is not offered here" },
	{ "{\"distinct\":1}", ERR_BAD_OPTIONS,
	    "option \"distinct\" is not offered here" },
	{ "{\"omit\":{\"name\":true}}", ERR_BAD_OPTIONS,
	    "option \"omit\" is not offered here" },
	{ "{\"select\":{\"_count\":true}}", ERR_BAD_OPTIONS,
	    "\"_count\" is not offered here" },
	{ "{\"include\":[\"_count\"]}", ERR_BAD_OPTIONS,
	    "\"_count\" is not offered here" },
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

static struct plan *
read_plan(const char *options, size_t len, struct err *err)
{
	char *exact = malloc(len + 1);	/* no terminator is relied on */
	struct plan *plan;

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, options, len);
	plan = plan_read(&collector, exact, len, &limits, err);
	free(exact);
	return plan;
}

START_TEST(accepts)
{
	const char *options = accepted[_i].options;
	struct err err = { 0 };
	struct plan *plan = read_plan(options, strlen(options), &err);
	struct buf out;

	ck_assert_msg(plan != NULL, "%s: %s", options, err.text);
	buf_init(&out, 0);
	put_node(&out, plan->root);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	ck_assert_str_eq(out.data, accepted[_i].want);
	buf_fini(&out);
	plan_free(&plan);
	ck_assert_ptr_null(plan);
	plan_free(&plan);
}
END_TEST

START_TEST(refuses)
{
	const char *options = refused[_i].options;
	struct err err = { 0 };

	ck_assert_msg(read_plan(options, strlen(options), &err) == NULL,
	    "%s", options);
	ck_assert_msg(err.code == refused[_i].code, "%s: %s", options,
	    err.text);
	ck_assert(err.text[0] != '\0');
	if (refused[_i].want != NULL)
		ck_assert_str_eq(err.text, refused[_i].want);
}
END_TEST

/* No prefix of options that are an object is taken for options. */
START_TEST(cut_short)
{
	static const char options[] = "{\"select\":{\"name\":true,\"boss\":"
	    "{\"select\":{\"id\":true}}}}";
	struct plan *plan;

	for (size_t len = 1; len < sizeof(options) - 1; len++)
		ck_assert_ptr_null(read_plan(options, len, NULL));
	plan = read_plan(options, sizeof(options) - 1, NULL);
	ck_assert_ptr_nonnull(plan);
	plan_free(&plan);
}
END_TEST

START_TEST(labels)
{
	static const char options[] = "{\"include\":[\"boss\"]}";
	struct plan *plan = read_plan(options, sizeof(options) - 1, NULL);
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

START_TEST(attachments)
{
	struct plan *plan = read_plan("", 0, NULL);

	ck_assert(plan->attachments && !plan->bytes_base64);
	plan_free(&plan);
	plan = read_plan("{\"select\":[\"name\"]}", 19, NULL);
	ck_assert(!plan->attachments);
	plan_free(&plan);
	collector.bytes_base64 = true;
	plan = read_plan("", 0, NULL);
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
		put(&out, level);
	put(&out, "true");
	for (int i = 0; i < 3; i++)
		put(&out, ",\"team\":true,\"books\":true}}");
	plan = read_plan(out.data, out.len, &err);
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
		put(out, "true");
		return;
	}
	put(out, "{\"include\":{\"boss\":");
	put_tree(out, depth - 1);
	put(out, ",\"team\":");
	put_tree(out, depth - 1);
	put(out, "}}");
}

START_TEST(too_wide)
{
	const struct plan_limits wide = { 64, 64 };
	struct err err = { 0 };
	struct buf out;

	buf_init(&out, 0);
	put_tree(&out, 10);
	ck_assert_ptr_null(plan_read(&collector, out.data, out.len, &wide,
	    &err));
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
	ck_assert_ptr_null(read_plan(options, len + 3, &err));
	ck_assert_int_eq(err.code, ERR_UNKNOWN_FIELD);
	ck_assert_uint_lt(strlen(err.text), 120);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("plan");
	TCase *tc = tcase_create("plan");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, accepts, 0,
	    sizeof(accepted) / sizeof(*accepted));
	tcase_add_loop_test(tc, refuses, 0,
	    sizeof(refused) / sizeof(*refused));
	tcase_add_test(tc, cut_short);
	tcase_add_test(tc, labels);
	tcase_add_test(tc, attachments);
	tcase_add_test(tc, widest);
	tcase_add_test(tc, too_wide);
	tcase_add_test(tc, long_names);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
