#include "plan_kit.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
struct collector plan_kit_collector;
static const struct schema_field *hidden[1];
static struct collector_alias aliases[1];
static char old_name[] = "pseudonym", old_hint[] = "is now name";

static void
fault(void *ctx, const char *line)
{
	(void)ctx;
	ck_abort_msg("%s", line);
}

void
plan_kit_setup(void)
{
	schema = schema_read("t.prisma", schema_text, strlen(schema_text),
	    fault, NULL);
	ck_assert_ptr_nonnull(schema);
	plan_kit_collector = (struct collector){
		.model = schema_model(schema, "Author", 6),
		.nhidden = 1,
		.hidden = hidden,
		.naliases = 1,
		.aliases = aliases,
	};
	hidden[0] = schema_field(plan_kit_collector.model, "secret", 6);
	aliases[0] = (struct collector_alias){ old_name, old_hint };
}

void
plan_kit_teardown(void)
{
	schema_free(&schema);
}

void
plan_kit_put(struct buf *out, const char *text)
{
	ck_assert_int_eq(buf_puts(out, text), 0);
}

static void
put_number(struct buf *out, const char *before, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%ju", before, (uintmax_t)n);
	plan_kit_put(out, text);
}

/* Only what tells one condition from another; test_filter_read has all. */
static void
put_filter(struct buf *out, const char *before, const struct filter *f)
{
	if (f == NULL)
		return;
	plan_kit_put(out, before);
	plan_kit_put(out, "<");
	put_number(out, "", f->kind);
	plan_kit_put(out, f->field != NULL ? f->field->name : "");
	plan_kit_put(out, ">");
}

static void
put_columns(struct buf *out, const struct plan_node *node)
{
	plan_kit_put(out, node->model->name);
	plan_kit_put(out, "(");
	for (size_t i = 0; i < node->ncolumns; i++) {
		if (i == node->nshown)
			plan_kit_put(out, "|");
		if (i == node->nplain)
			plan_kit_put(out, i == node->nshown ? "" : "|");
		else if (i > 0 && i != node->nshown)
			plan_kit_put(out, ",");
		plan_kit_put(out, node->columns[i]->name);
	}
	plan_kit_put(out, ")");
}

static void
put_key(struct buf *out, const struct plan_node *node,
    const struct plan_order *key)
{
	static const char *const nulls[] = {
		[PLAN_NULLS_FIRST] = "(nulls first)",
		[PLAN_NULLS_LAST] = "(nulls last)",
	};

	ck_assert_uint_lt(key->column, node->ncolumns);
	ck_assert_ptr_eq(node->columns[key->column],
	    key->field != NULL ? key->field : &plan_count_field);
	ck_assert((key->nhops == 0) == (key->column < node->nplain));
	plan_kit_put(out, key->descending ? "-" : "");
	plan_kit_put(out, key->field == NULL ? "#" : "");
	for (size_t i = 0; i < key->nhops; i++) {
		plan_kit_put(out, i > 0 ? "." : "");
		plan_kit_put(out, key->hops[i]->name);
	}
	if (key->field != NULL) {
		plan_kit_put(out, key->nhops > 0 ? "." : "");
		plan_kit_put(out, key->field->name);
	}
	if (key->nulls != PLAN_NULLS_DEFAULT)
		plan_kit_put(out, nulls[key->nulls]);
	plan_kit_put(out, key->nullable ? "?" : "");
}

/* Own keys come first. */
static size_t
first_key(const struct plan_node *node)
{
	size_t n = node->via == NULL || node->count ? 0 : node->via->to.n;

	for (size_t i = 0; i < n; i++)
		ck_assert(node->order[i].field == node->via->to.fields[i] &&
		    node->order[i].column == node->own_keys[i] &&
		    node->order[i].nhops == 0 && !node->order[i].nullable);
	return n;
}

static bool
is_own(const struct plan_node *node, const struct schema_field *f)
{
	for (size_t i = 0; i < first_key(node); i++)
		if (node->order[i].field == f)
			return true;
	return false;
}

/* In another way than by the model's key? */
static bool
is_ordered(const struct plan_node *node)
{
	const struct schema_key *k = &node->model->key;
	size_t n = 0;

	for (size_t i = first_key(node); i < node->norder; i++, n++) {
		const struct plan_order *o = &node->order[i];

		while (n < k->n && k->fields[n] != o->field &&
		    is_own(node, k->fields[n]))
			n++;
		if (n >= k->n || o->field != k->fields[n] || o->descending ||
		    o->nhops > 0)
			return true;
	}
	return false;
}

static void
put_rows(struct buf *out, const struct plan_node *node)
{
	size_t first;

	put_filter(out, "", node->where);
	put_filter(out, "@", node->cursor);
	for (size_t i = 0; i < node->ndistinct; i++) {
		plan_kit_put(out, i > 0 ? "," : " distinct ");
		plan_kit_put(out, node->distinct[i]->name);
	}
	first = is_ordered(node) ? first_key(node) : node->norder;
	for (size_t i = first; i < node->norder; i++) {
		plan_kit_put(out, i > first ? "," : " by ");
		put_key(out, node, &node->order[i]);
	}
	if (node->skip > 0)
		put_number(out, " skip ", node->skip);
	if (node->take != PLAN_ALL)
		put_number(out, " take ", node->take);
	plan_kit_put(out, node->backwards ? " backwards" : "");
}

static void
put_node(struct buf *out, const struct plan_node *node)
{
	ck_assert_ptr_eq(node->collector, &plan_kit_collector);
	put_columns(out, node);
	put_rows(out, node);
	if (node->nchildren > 0)
		plan_kit_put(out, "{");
	for (size_t k = 0; k < node->nchildren; k++) {
		const struct plan_node *child = &node->children[k];

		ck_assert_ptr_eq(child->parent, node);
		plan_kit_put(out, k > 0 ? " " : "");
		plan_kit_put(out, child->count ? "#" : "");
		plan_kit_put(out, child->via->name);
		for (size_t i = 0; i < child->via->from.n; i++) {
			plan_kit_put(out, "[");
			plan_kit_put(out, node->columns[
			    child->parent_keys[i]]->name);
			plan_kit_put(out, "=");
			plan_kit_put(out, child->columns[
			    child->own_keys[i]]->name);
			plan_kit_put(out, "]");
		}
		plan_kit_put(out, ": ");
		put_node(out, child);
	}
	if (node->nchildren > 0)
		plan_kit_put(out, "}");
}

struct plan *
plan_kit_read(const char *options, size_t len, struct err *err)
{
	char *exact = malloc(len + 1);	/* no terminator is relied on */
	struct plan *plan;

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, options, len);
	plan = plan_read(&plan_kit_collector, exact, len, &limits, err);
	free(exact);
	return plan;
}

void
plan_kit_accept(const char *options, const char *want)
{
	struct err err = { 0 };
	struct plan *plan = plan_kit_read(options, strlen(options), &err);
	struct buf out;

	ck_assert_msg(plan != NULL, "%s: %s", options, err.text);
	buf_init(&out, 0);
	put_node(&out, plan->root);
	ck_assert_int_eq(buf_putc(&out, '\0'), 0);
	ck_assert_str_eq(out.data, want);
	buf_fini(&out);
	plan_free(&plan);
	ck_assert_ptr_null(plan);
	plan_free(&plan);
}

void
plan_kit_refuse(const struct plan_kit_refused *row)
{
	const char *options = row->options;
	struct err err = { 0 };

	ck_assert_msg(plan_kit_read(options, strlen(options), &err) == NULL,
	    "%s", options);
	ck_assert_msg(err.code == row->code, "%s: %s", options, err.text);
	ck_assert(err.text[0] != '\0');
	if (row->want != NULL)
		ck_assert_str_eq(err.text, row->want);
}
