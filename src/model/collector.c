/*
 * What a .collector file means: one table of keys, each with the form of its
 * value and the function that applies it.
 */
#include "model/collector.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/num.h"
#include "model/collector_build.h"
#include "model/collector_source.h"
#include "model/json_read.h"
#include "model/plan.h"

enum form {
	FORM_VALUE,
	FORM_LIST,	/* one value is a list of one */
	FORM_SECTION
};

struct key_rule {
	const char *name;
	enum form form;
	bool lines;	/* its texts may go over several lines */
	void (*apply)(struct collector_work *w,
	    const struct collector_entry *e);
};

/*
 * Helpers
 */

size_t
collector_count(const struct collector_entry *list)
{
	size_t n;

	for (n = 0; list != NULL; list = list->next)
		n++;
	return n;
}

void *
collector_get(struct collector_work *w, size_t n, size_t size)
{
	return collector_memory(w->faults, arena_get(&w->c->arena, n, size));
}

void
collector_unknown(struct collector_work *w, const struct collector_entry *e,
    const char *what, const struct nearest *near)
{
	int len = (int)near->len;

	if (near->best != NULL)
		collector_fault(w->faults, e->line,
		    "unknown %s \"%.*s\": did you mean \"%s\"?", what, len,
		    near->word, near->best);
	else
		collector_fault(w->faults, e->line, "unknown %s \"%.*s\"",
		    what, len, near->word);
}

void
collector_try_members(struct nearest *near, const struct schema_model *m,
    bool relations)
{
	size_t i;

	for (i = 0; i < m->nfields; i++)
		if (!m->fields[i].ignored)
			nearest_try(near, m->fields[i].name);
	for (i = 0; relations && i < m->nrelations; i++)
		if (!m->relations[i].ignored)
			nearest_try(near, m->relations[i].name);
}

const struct schema_model *
collector_model(struct collector_work *w, const struct collector_entry *e,
    const char *name, size_t len)
{
	const struct schema_model *m = schema_model(w->schema, name, len);
	struct nearest near;

	if (m != NULL)
		return m;
	nearest_start(&near, name, len);
	for (size_t i = 0; i < schema_nmodels(w->schema); i++) {
		m = schema_model_at(w->schema, i);
		if (!m->ignored)
			nearest_try(&near, m->name);
	}
	collector_unknown(w, e, "model", &near);
	return NULL;
}

/*
 * Keys
 */

static void
apply_model(struct collector_work *w, const struct collector_entry *e)
{
	w->c->model = collector_model(w, e, e->text, strlen(e->text));
}

static void
apply_max_rows(struct collector_work *w, const struct collector_entry *e)
{
	if (num_read_i64(e->text, strlen(e->text), &w->c->max_rows) != 0 ||
	    w->c->max_rows < 0)
		collector_fault(w->faults, e->line, "\"max_rows\" is \"%s\", "
		    "expected a number, 0 for no limit", e->text);
}

static void
apply_max_running(struct collector_work *w, const struct collector_entry *e)
{
	int64_t *n = &w->c->max_running;

	if (num_read_i64(e->text, strlen(e->text), n) != 0 || *n < 0 ||
	    *n > COLLECTOR_RUNNING_MAX)
		collector_fault(w->faults, e->line, "\"max_running\" is "
		    "\"%s\", expected a number up to %d, 0 for no limit",
		    e->text, COLLECTOR_RUNNING_MAX);
}

static void
apply_max_depth(struct collector_work *w, const struct collector_entry *e)
{
	int64_t n;

	if (num_read_i64(e->text, strlen(e->text), &n) != 0 || n < 0 ||
	    n > PLAN_DEPTH_MAX) {
		collector_fault(w->faults, e->line, "\"max_depth\" is "
		    "\"%s\", expected a number up to %d, 0 for no relations",
		    e->text, PLAN_DEPTH_MAX);
		return;
	}
	w->c->depth_limited = true;
	w->c->max_depth = (size_t)n;
}

/* Is it the second of two words? */
static bool
is_second(struct collector_work *w, const struct collector_entry *e,
    const char *first, const char *second)
{
	if (strcmp(e->text, second) == 0)
		return true;
	if (strcmp(e->text, first) != 0)
		collector_fault(w->faults, e->line, "\"%s\" is \"%s\", "
		    "expected %s or %s", e->key, e->text, first, second);
	return false;
}

static void
apply_bytes(struct collector_work *w, const struct collector_entry *e)
{
	w->c->bytes_base64 = is_second(w, e, "attachment", "base64");
}

static void
apply_snapshot(struct collector_work *w, const struct collector_entry *e)
{
	w->c->snapshot = is_second(w, e, "false", "true");
}

static void
apply_coalesce(struct collector_work *w, const struct collector_entry *e)
{
	w->c->coalesce = is_second(w, e, "false", "true");
}

static void
apply_defaults(struct collector_work *w, const struct collector_entry *e)
{
	struct err err;
	json_object *json;
	bool object;

	if (json_read(e->text, strlen(e->text), COLLECTOR_JSON_DEPTH, &json,
	    &err) != 0) {
		collector_fault(w->faults, e->line, "\"defaults\": %s",
		    err.text);
		return;
	}
	object = json_object_is_type(json, json_type_object);
	if (!object)
		collector_fault(w->faults, e->line, "\"defaults\" is %s, "
		    "expected an object of options in JSON",
		    json_kind(json));
	json_object_put(json);
	if (object)
		w->c->defaults = e->text;
}

/* In the order in which they are applied, whatever the file's order. */
static const struct key_rule rules[] = {
	{ "model", FORM_VALUE, false, apply_model },
	{ "max_rows", FORM_VALUE, false, apply_max_rows },
	{ "max_running", FORM_VALUE, false, apply_max_running },
	{ "max_depth", FORM_VALUE, false, apply_max_depth },
	{ "bytes", FORM_VALUE, false, apply_bytes },
	{ "snapshot", FORM_VALUE, false, apply_snapshot },
	{ "coalesce", FORM_VALUE, false, apply_coalesce },
	{ "hide", FORM_LIST, false, collector_read_hide },
	{ "alias", FORM_SECTION, false, collector_read_alias },
	{ "hint", FORM_SECTION, false, collector_read_hint },
	{ "where", FORM_SECTION, true, collector_read_where },
	{ "defaults", FORM_VALUE, true, apply_defaults },
};
#define NRULES (sizeof(rules) / sizeof(rules[0]))

/*
 * The file
 */

static const char *const forms[] = {
	[FORM_VALUE] = "key = value",
	[FORM_LIST] = "key = { value, value }",
	[FORM_SECTION] = "key { name = value }",
};

static bool
has_form(const struct collector_entry *e, enum form form)
{
	if (form == FORM_SECTION || e->section)
		return form == FORM_SECTION && e->section;
	return form == FORM_LIST || e->text != NULL;
}

static bool
has_lines(const struct collector_entry *e)
{
	if (e->text != NULL && strchr(e->text, '\n') != NULL)
		return true;
	for (e = e->inside; e != NULL; e = e->next)
		if (has_lines(e))
			return true;
	return false;
}

/* Put the entry where its rule is, or tell why that cannot be. */
static void
sort_entry(struct collector_work *w, const struct collector_entry *e,
    const struct collector_entry *given[NRULES])
{
	struct nearest near;
	size_t i;

	nearest_start(&near, e->key, strlen(e->key));
	for (i = 0; i < NRULES && strcmp(rules[i].name, e->key) != 0; i++)
		nearest_try(&near, rules[i].name);
	if (i == NRULES)
		collector_unknown(w, e, "key", &near);
	else if (!has_form(e, rules[i].form))
		collector_fault(w->faults, e->line, "\"%s\" is written "
		    "wrongly, expected %s", e->key, forms[rules[i].form]);
	else if (!rules[i].lines && has_lines(e))
		collector_fault(w->faults, e->line, "\"%s\" goes over the "
		    "end of its line, expected a quote before it", e->key);
	else if (given[i] != NULL)
		collector_fault(w->faults, e->line, "\"%s\" is there "
		    "already, in line %u", e->key, given[i]->line);
	else
		given[i] = e;
}

/*
 * Make the plan of a call without options, as every call will: whether the
 * defaults are of the grammar, and whether there is anything to show.
 */
static void
check_plan(struct collector_work *w, const struct collector_entry *defaults)
{
	static const struct plan_limits limits = {
		COLLECTOR_JSON_DEPTH, PLAN_DEPTH_MAX
	};
	struct err err;
	struct plan *plan = plan_read(w->c, "", 0, &limits, &err);

	if (plan == NULL && defaults != NULL)
		collector_fault(w->faults, defaults->line,
		    "\"defaults\": %s", err.text);
	else if (plan == NULL)
		collector_fault(w->faults, 1, "%s", err.text);
	plan_free(&plan);
}

static void
read_file(struct collector_work *w, const char *text, struct arena *arena)
{
	const struct collector_entry *given[NRULES] = { NULL }, *e;
	bool whole;
	size_t i;

	e = collector_file(text, arena, w->faults);
	whole = !w->faults->any;
	for (; e != NULL; e = e->next)
		sort_entry(w, e, given);
	for (i = 0; i < NRULES; i++)
		if (given[i] != NULL)
			rules[i].apply(w, given[i]);
	if (given[0] == NULL && whole)
		collector_fault(w->faults, 1, "no \"model\", expected "
		    "model = Name");
	if (!w->faults->any)
		check_plan(w, given[NRULES - 1]);
}

struct collector *
collector_read(const struct schema *s, const char *name, const char *path,
    const char *text, void (*fault)(void *ctx, const char *line), void *ctx)
{
	struct collector_faults faults = {
		.path = path, .tell = fault, .ctx = ctx,
	};
	struct collector_work w = { .schema = s, .faults = &faults };
	struct collector *c;

	c = w.c = collector_memory(&faults, calloc(1, sizeof(*c)));
	if (c == NULL)
		return NULL;
	arena_init(&c->arena);
	collector_check_name(&faults, name);
	c->name = collector_memory(&faults,
	    arena_text(&c->arena, name, strlen(name)));
	read_file(&w, text, &c->arena);
	if (faults.any)
		collector_free(&c);
	return c;
}

void
collector_free(struct collector **c)
{
	if (*c == NULL)
		return;
	arena_fini(&(*c)->arena);
	free(*c);
	*c = NULL;
}

bool
collector_hides(const struct collector *c, const struct schema_field *f)
{
	size_t i;

	for (i = 0; i < c->nhidden; i++)
		if (c->hidden[i] == f)
			return true;
	return false;
}

const struct filter *
collector_filter(const struct collector *c, const struct schema_model *m)
{
	for (size_t i = 0; i < c->nfilters; i++)
		if (c->filters[i].model == m)
			return c->filters[i].where;
	return NULL;
}

const char *
collector_hint(const struct collector *c, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < c->naliases; i++)
		if (strlen(c->aliases[i].name) == len &&
		    memcmp(c->aliases[i].name, name, len) == 0)
			return c->aliases[i].hint;
	return NULL;
}
