/*
 * Fuzz target: .collector files against a small schema.  What is read is
 * sound, what is not is told why.
 */
#include "target.h"

#include "model/collector.h"
#include "model/plan.h"

static const char schema_text[] =
    "model Item {\n"
    "  id Int @id\n"
    "  name String\n"
    "  price Decimal\n"
    "  parts Part[]\n"
    "}\n"
    "model Part {\n"
    "  id Int @id\n"
    "  itemId Int\n"
    "  item Item @relation(fields: [itemId], references: [id])\n"
    "}\n";

static void
count(void *ctx, const char *line)
{
	require(strncmp(line, "f:", 2) == 0);
	++*(size_t *)ctx;
}

/* A file that is sound answers a call without options. */
static void
check_plan(const struct collector *c)
{
	static const struct plan_limits limits = { 64, PLAN_DEPTH_MAX };
	struct err err = { 0 };
	struct plan *plan = plan_read(c, "", 0, &limits, &err);

	require(plan != NULL);
	plan_free(&plan);
}

static void
check_collector(const struct collector *c)
{
	const struct collector_alias *alias;
	size_t i;

	require(c->model != NULL && c->max_rows >= 0);
	for (i = 0; i < c->nhidden; i++)
		require(collector_hides(c, c->hidden[i]));
	for (i = 0; i < c->naliases; i++) {
		alias = &c->aliases[i];
		require(collector_hint(c, alias->name, strlen(alias->name)) ==
		    alias->hint);
	}
	for (i = 0; i < c->nfilters; i++)
		require(collector_filter(c, c->filters[i].model) ==
		    c->filters[i].where);
	check_plan(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct schema *schema;
	struct collector *c;
	size_t faults = 0;
	char *text;

	if (schema == NULL)
		schema = schema_read("s", schema_text, strlen(schema_text),
		    count, &faults);
	text = malloc(size + 1);
	if (schema == NULL || text == NULL)
		abort();
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	c = collector_read(schema, "items", "f", text, count, &faults);
	require((c == NULL) == (faults > 0));
	if (c != NULL)
		check_collector(c);
	collector_free(&c);
	free(text);
	return 0;
}
