/*
 * Fuzz target: the Prisma schema.  A schema that is read is sound: whoever
 * follows its pointers needs no check.  One that is not is told why, in file
 * order.
 */
#include "target.h"

#include "model/schema.h"

struct told {
	size_t n;
	unsigned long line, column;
};

static void
note(void *ctx, const char *text)
{
	struct told *t = ctx;
	unsigned long line, column;
	char *end;

	require(strncmp(text, "t:", 2) == 0);
	line = strtoul(text + 2, &end, 10);
	require(*end == ':');
	column = strtoul(end + 1, &end, 10);
	require(*end == ':' && line > 0 && column > 0);
	require(line > t->line || (line == t->line && column >= t->column));
	t->line = line;
	t->column = column;
	t->n++;
}

static void
check_key(const struct schema_model *m, const struct schema_key *key)
{
	size_t i;

	require(key->n <= SCHEMA_KEY_MAX);
	for (i = 0; i < key->n; i++)
		require(key->fields[i] >= m->fields &&
		    key->fields[i] < m->fields + m->nfields);
}

static void
check_relation(const struct schema_relation *r)
{
	require(r->opposite->opposite == r && r->opposite != r);
	require(r->target == r->opposite->model);
	require(r->holds_key != r->opposite->holds_key);
	require(r->from.n > 0 && r->from.n == r->to.n);
	require(!r->list || !r->holds_key);
	check_key(r->model, &r->from);
	check_key(r->target, &r->to);
	require(schema_relation(r->model, r->name, strlen(r->name)) ==
	    (r->ignored ? NULL : r));
}

static void
check_model(const struct schema *s, const struct schema_model *m)
{
	const struct schema_field *f;
	size_t i;

	require(schema_model(s, m->name, strlen(m->name)) ==
	    (m->ignored ? NULL : m));
	require(m->key.n > 0 || m->view || m->ignored);
	require(m->nfields > 0 && *m->table != '\0');
	check_key(m, &m->key);
	for (i = 0; i < m->nuniques; i++)
		check_key(m, &m->uniques[i]);
	for (i = 0; i < m->nfields; i++) {
		f = &m->fields[i];
		require(f->type < SCALAR_TYPES && *f->column != '\0');
		require((f->type == SCALAR_ENUM) == (f->enumeration != NULL));
		require(schema_field(m, f->name, strlen(f->name)) ==
		    (f->ignored ? NULL : f));
	}
	for (i = 0; i < m->nrelations; i++)
		check_relation(&m->relations[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct told told = { 0 };
	struct schema *s;
	size_t i;

	s = schema_read("t", (const char *)data, size, note, &told);
	require((s == NULL) == (told.n > 0) && told.n <= 100);
	if (s == NULL)
		return 0;
	for (i = 0; i < schema_nmodels(s); i++)
		check_model(s, schema_model_at(s, i));
	schema_free(&s);
	return 0;
}
