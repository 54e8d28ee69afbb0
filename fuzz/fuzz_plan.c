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

static void
check_node(const struct plan_node *node)
{
	struct buf out;

	require(node->nshown <= node->ncolumns && node->ncolumns > 0);
	for (int i = 0; i < DIALECTS; i++) {
		buf_init(&out, 0);
		require(sql_rows(&out, node,
		    dialect_by_id((enum dialect_id)i),
		    node->via == NULL ? 0 : 2, (size_t)i) == 0);
		require(memcmp(out.data, "SELECT ", 7) == 0);
		buf_fini(&out);
	}
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
