/*
 * Fuzz target: the options of a request, against a small schema.  A refusal
 * has a code and a sentence; a plan has its keys among its columns, and can
 * be written as SQL for every database.
 */
#include "target.h"

#include "model/plan.h"
#include "model/sql.h"

static const char schema_text[] =
    "datasource db {\n"
    "  provider = \"sqlite\"\n"
    "}\n"
    "model Author {\n"
    "  id Int @id\n"
    "  name String\n"
    "  photo Bytes?\n"
    "  born DateTime?\n"
    "  rate Decimal?\n"
    "  notes Json?\n"
    "  active Boolean?\n"
    "  secret String?\n"
    "  bossId Int?\n"
    "  boss Author? @relation(\"Boss\", fields: [bossId],"
    " references: [id])\n"
    "  team Author[] @relation(\"Boss\")\n"
    "  books Book[]\n"
    "}\n"
    "model Book {\n"
    "  isbn String\n"
    "  edition Int\n"
    "  authorId Int\n"
    "  author Author @relation(fields: [authorId], references: [id])\n"
    "  reviews Review[]\n"
    "  @@id([isbn, edition])\n"
    "}\n"
    "model Review {\n"
    "  id Int @id\n"
    "  bookIsbn String\n"
    "  bookEdition Int\n"
    "  book Book @relation(fields: [bookIsbn, bookEdition],"
    " references: [isbn, edition])\n"
    "}\n";

/* No text of a client is in a statement: each "?" has its value. */
static void
check_statement(const struct sql *sql)
{
	size_t marks = 0;

	require(sql->text.len > 0);
	for (size_t i = 0; i < sql->text.len; i++)
		marks += sql->text.data[i] == '?';
	require(marks == sql->nparams);
	require(memcmp(sql->text.data, "SELECT ", 7) == 0 ||
	    memcmp(sql->text.data, "WITH ", 5) == 0);
}

/* A statement is written, or refused by name. */
static void
check_sql(const struct plan_node *node, const struct dialect *d)
{
	const struct schema_field *columns[PLAN_ORDER_MAX + 2 *
	    SCHEMA_KEY_MAX];
	static const struct value values[PLAN_ORDER_MAX + 2 * SCHEMA_KEY_MAX];
	struct sql_rows r = {
		.node = node,
		.limit = PLAN_ALL,
		.keys = values,
		.nkeys = node->via == NULL ? 0 : 2,
	};
	struct err err = { 0 };
	struct sql sql;

	sql_init(&sql);
	if (sql_rows(&sql, &r, d, &err) == 0)
		check_statement(&sql);
	else
		require(err.code == ERR_BAD_OPTIONS);
	if (node->cursor != NULL) {
		sql_clear(&sql);
		if (sql_cursor(&sql, node, d, columns, &err) == 0)
			check_statement(&sql);
		r.from = values;
	}
	if (node->via == NULL && node->norder > 0) {
		sql_clear(&sql);
		r.after = values;
		r.limit = 100;
		if (sql_rows(&sql, &r, d, &err) == 0)
			check_statement(&sql);
	}
	sql_fini(&sql);
}

static void
check_order(const struct plan_node *node)
{
	for (size_t i = 0; i < node->norder; i++) {
		const struct plan_order *key = &node->order[i];

		require(key->column < node->ncolumns);
		require((key->nhops == 0) == (key->column < node->nplain));
		require(node->columns[key->column] == (key->field != NULL ?
		    key->field : &plan_count_field));
	}
	require(node->count || node->model->key.n <= node->norder);
}

static void
check_node(const struct plan_node *node)
{
	require(node->nshown <= node->nplain && node->nplain > 0);
	require(node->nplain <= node->ncolumns);
	check_order(node);
	for (int i = 0; i < DIALECTS; i++)
		check_sql(node, dialect_by_id((enum dialect_id)i));
	for (size_t k = 0; k < node->nchildren; k++) {
		const struct plan_node *child = &node->children[k];

		for (size_t i = 0; i < child->via->from.n; i++)
			require(node->columns[child->parent_keys[i]] ==
			    child->via->from.fields[i] &&
			    child->columns[child->own_keys[i]] ==
			    child->via->to.fields[i]);
		check_node(child);
	}
}

static void
no_fault(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
	require(false);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct schema *schema;
	static const struct plan_limits limits = { 32, 8 };
	const struct schema_field *hidden[1];
	struct collector collector = { .nhidden = 1, .hidden = hidden };
	struct err err = { 0 };
	struct plan *plan;

	if (schema == NULL)
		schema = schema_read("fuzz.prisma", schema_text,
		    strlen(schema_text), no_fault, NULL);
	require(schema != NULL);
	collector.model = schema_model(schema, "Author", 6);
	hidden[0] = schema_field(collector.model, "secret", 6);
	plan = plan_read(&collector, (const char *)data, size, &limits, &err);
	require(plan != NULL || (err.code != ERR_NONE && err.text[0] != '\0'));
	if (plan != NULL)
		check_node(plan->root);
	plan_free(&plan);
	return 0;
}
