/*
 * What clients can neither see nor take away: fields that are withheld, and
 * conditions that bind every row of a model.
 */
#include "model/collector_build.h"

#include <json-c/json.h>
#include <string.h>

#include "base/nearest.h"
#include "model/filter_read.h"
#include "model/json_read.h"

/*
 * hide
 */

static bool
shows_anything(const struct collector *c, const struct schema_model *m)
{
	for (size_t i = 0; i < m->nfields; i++)
		if (filter_shows(c, &m->fields[i]))
			return true;
	return false;
}

/* A field named twice is hidden once. */
static void
hide_field(struct collector_work *w, const struct collector_entry *e,
    const struct schema_model *m, const char *name)
{
	struct collector *c = w->c;
	const struct schema_field *f = schema_field(m, name, strlen(name));
	struct nearest near;

	if (f == NULL) {
		nearest_start(&near, name, strlen(name));
		collector_try_members(&near, m, false);
		collector_unknown(w, e, "field", &near);
	} else if (!collector_hides(c, f)) {
		c->hidden[c->nhidden++] = f;
		if (!shows_anything(c, m))
			collector_fault(w->faults, e->line, "every field of "
			    "\"%s\" is hidden, expected at least one to be "
			    "left", m->name);
	}
}

/* "field", or "Model.field" of another model. */
static void
hide_name(struct collector_work *w, const struct collector_entry *e)
{
	const char *dot = strchr(e->text, '.');
	const struct schema_model *m = w->c->model;

	if (dot != NULL)
		m = collector_model(w, e, e->text, (size_t)(dot - e->text));
	if (m != NULL)
		hide_field(w, e, m, dot != NULL ? dot + 1 : e->text);
}

void
collector_read_hide(struct collector_work *w, const struct collector_entry *e)
{
	struct collector_entry single = *e;
	const struct collector_entry *list = e->inside;

	if (e->text != NULL) {
		single.next = NULL;
		list = &single;
	}
	w->c->hidden = collector_get(w, collector_count(list),
	    sizeof(*w->c->hidden));
	for (; w->c->hidden != NULL && list != NULL; list = list->next)
		hide_name(w, list);
}

/*
 * where
 */

/* Conditions may name what is hidden: they are not the client's. */
static const struct filter *
read_filter(struct collector_work *w, const struct schema_model *m,
    const char *text, struct err *err)
{
	const struct collector open = { .model = w->c->model };
	struct filter_scope scope = {
		.collector = &open,
		.arena = &w->c->arena,
		.err = err,
	};
	const struct filter *f;
	json_object *json;

	if (json_read(text, strlen(text), COLLECTOR_JSON_DEPTH, &json, err)
	    != 0)
		return NULL;
	f = filter_read(&scope, m, json);
	json_object_put(json);
	return f;
}

static void
add_filter(struct collector_work *w, const struct collector_entry *e)
{
	struct collector *c = w->c;
	const struct schema_model *m = collector_model(w, e, e->key,
	    strlen(e->key));
	const struct filter *where;
	struct err err;

	if (m == NULL)
		return;
	if (collector_filter(c, m) != NULL) {
		collector_fault(w->faults, e->line, "\"%s\" has a condition "
		    "already, expected one for each model", m->name);
		return;
	}
	where = read_filter(w, m, e->text, &err);
	if (where == NULL)
		collector_fault(w->faults, e->line, "condition of \"%s\": "
		    "%s", m->name, err.text);
	else
		c->filters[c->nfilters++] = (struct collector_filter){ m,
		    where };
}

void
collector_read_where(struct collector_work *w,
    const struct collector_entry *e)
{
	w->c->filters = collector_get(w, collector_count(e->inside),
	    sizeof(*w->c->filters));
	if (w->c->filters == NULL)
		return;
	for (e = e->inside; e != NULL; e = e->next)
		add_filter(w, e);
}
