/*
 * The members of a model as clients name them, and the sentence for a name
 * that is none.
 */
#include "model/plan_build.h"

#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"

/* Of a name in an error's sentence. */
#define SHOWN_MAX 64

struct plan_name
plan_name(const char *text)
{
	return (struct plan_name){ text, strlen(text) };
}

int
plan_shown(const struct plan_name *name)
{
	return (int)utf8_prefix(name->text,
	    name->len < SHOWN_MAX ? name->len : SHOWN_MAX);
}

const struct schema_field *
plan_field(const struct plan_build *b, const struct schema_model *m,
    const struct plan_name *name)
{
	const struct schema_field *f = schema_field(m, name->text, name->len);

	return f != NULL && filter_shows(b->collector, f) ? f : NULL;
}

const struct schema_relation *
plan_relation(const struct schema_model *m, const struct plan_name *name)
{
	const struct schema_relation *r = schema_relation(m, name->text,
	    name->len);

	return r != NULL && !r->ignored ? r : NULL;
}

static void
try_members(struct nearest *near, const struct plan_build *b,
    const struct schema_model *m, unsigned int members)
{
	for (size_t i = 0; i < m->nrelations; i++) {
		const struct schema_relation *r = &m->relations[i];

		if (!r->ignored &&
		    members & (r->list ? PLAN_TO_MANY : PLAN_TO_ONE))
			nearest_try(near, r->name);
	}
	for (size_t i = 0; members & PLAN_FIELDS && i < m->nfields; i++)
		if (filter_shows(b->collector, &m->fields[i]))
			nearest_try(near, m->fields[i].name);
}

int
plan_unknown(struct plan_build *b, const struct schema_model *m,
    const struct plan_name *name, unsigned int members)
{
	const struct collector *c = b->collector;
	const char *what = members & PLAN_FIELDS ? "field" : "relation";
	const char *hint = NULL;
	struct nearest near;

	if (m == c->model)
		hint = collector_hint(c, name->text, name->len);
	if (hint != NULL)
		return err_set(b->err, ERR_UNKNOWN_FIELD, "unknown %s "
		    "\"%.*s\" on %s: it %s", what, plan_shown(name),
		    name->text, m->name, hint);
	nearest_start(&near, name->text, name->len);
	try_members(&near, b, m, members);
	if (near.best != NULL)
		return err_set(b->err, ERR_UNKNOWN_FIELD, "unknown %s "
		    "\"%.*s\" on %s; did you mean \"%s\"?", what,
		    plan_shown(name), name->text, m->name, near.best);
	return err_set(b->err, ERR_UNKNOWN_FIELD,
	    "unknown %s \"%.*s\" on %s", what, plan_shown(name), name->text,
	    m->name);
}
