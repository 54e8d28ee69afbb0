/*
 * What a .collector file means: one table of keys, each with the form of its
 * value and the function that applies it.
 */
#include "model/collector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/num.h"
#include "model/collector_file.h"

/* A name goes through logs, status lines and TypeScript. */
#define NAME_LEN_MAX 127

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

struct work {
	struct collector *c;
	const struct schema *schema;
	struct collector_faults *faults;
};

enum form {
	FORM_VALUE,
	FORM_LIST,	/* one value is a list of one */
	FORM_SECTION
};

struct key_rule {
	const char *name;
	enum form form;
	void (*apply)(struct work *w, const struct collector_entry *e);
};

/*
 * Helpers
 */

static size_t
count(const struct collector_entry *list)
{
	size_t n;

	for (n = 0; list != NULL; list = list->next)
		n++;
	return n;
}

static void *
get(struct work *w, size_t n, size_t size)
{
	return collector_memory(w->faults, arena_get(&w->c->arena, n, size));
}

static void
fault_unknown(struct work *w, const struct collector_entry *e,
    const char *what, const struct nearest *near)
{
	if (near->best != NULL)
		collector_fault(w->faults, e->line,
		    "unknown %s \"%s\": did you mean \"%s\"?", what,
		    near->word, near->best);
	else
		collector_fault(w->faults, e->line, "unknown %s \"%s\"", what,
		    near->word);
}

/* Feed all members that clients can name. */
static void
try_members(struct nearest *near, const struct schema_model *m,
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

/*
 * Keys
 */

static void
apply_model(struct work *w, const struct collector_entry *e)
{
	const struct schema_model *m;
	struct nearest near;
	size_t i;

	w->c->model = schema_model(w->schema, e->text, strlen(e->text));
	if (w->c->model != NULL)
		return;
	nearest_start(&near, e->text, strlen(e->text));
	for (i = 0; i < schema_nmodels(w->schema); i++) {
		m = schema_model_at(w->schema, i);
		if (!m->ignored)
			nearest_try(&near, m->name);
	}
	fault_unknown(w, e, "model", &near);
}

static void
apply_max_rows(struct work *w, const struct collector_entry *e)
{
	if (num_read_i64(e->text, strlen(e->text), &w->c->max_rows) != 0 ||
	    w->c->max_rows < 0)
		collector_fault(w->faults, e->line, "\"max_rows\" is \"%s\", "
		    "expected a number, 0 for no limit", e->text);
}

static void
apply_bytes(struct work *w, const struct collector_entry *e)
{
	w->c->bytes_base64 = strcmp(e->text, "base64") == 0;
	if (!w->c->bytes_base64 && strcmp(e->text, "attachment") != 0)
		collector_fault(w->faults, e->line, "\"bytes\" is \"%s\", "
		    "expected attachment or base64", e->text);
}

/* A field named twice is hidden once. */
static void
hide_field(struct work *w, const struct collector_entry *e)
{
	const struct schema_model *m = w->c->model;
	const struct schema_field *f;
	struct nearest near;

	f = schema_field(m, e->text, strlen(e->text));
	if (f != NULL) {
		if (!collector_hides(w->c, f))
			w->c->hidden[w->c->nhidden++] = f;
		return;
	}
	nearest_start(&near, e->text, strlen(e->text));
	try_members(&near, m, false);
	fault_unknown(w, e, "field", &near);
}

static void
apply_hide(struct work *w, const struct collector_entry *e)
{
	struct collector_entry single = *e;
	const struct collector_entry *list = e->inside;

	if (e->text != NULL) {
		single.next = NULL;
		list = &single;
	}
	w->c->hidden = get(w, count(list), sizeof(*w->c->hidden));
	if (w->c->hidden == NULL || w->c->model == NULL)
		return;
	for (; list != NULL; list = list->next)
		hide_field(w, list);
}

/* Room for the entries of a further section. */
static int
grow_aliases(struct work *w, size_t n)
{
	struct collector *c = w->c;
	struct collector_alias *grown;

	grown = get(w, c->naliases + n, sizeof(*grown));
	if (grown == NULL)
		return -1;
	if (c->naliases > 0)
		memcpy(grown, c->aliases, c->naliases * sizeof(*grown));
	c->aliases = grown;
	return 0;
}

static bool
is_visible(const struct collector *c, const char *name)
{
	const struct schema_field *f;

	f = schema_field(c->model, name, strlen(name));
	if (f != NULL)
		return !collector_hides(c, f);
	return schema_relation(c->model, name, strlen(name)) != NULL;
}

static void
add_alias(struct work *w, const struct collector_entry *e, const char *hint)
{
	struct collector *c = w->c;

	if (is_visible(c, e->key)) {
		collector_fault(w->faults, e->line, "\"%s\" is a member of "
		    "model \"%s\", expected a name that is not in use",
		    e->key, c->model->name);
	} else if (collector_hint(c, e->key, strlen(e->key)) != NULL) {
		collector_fault(w->faults, e->line, "\"%s\" has a hint "
		    "already, expected one for each old name", e->key);
	} else if (hint != NULL) {
		c->aliases[c->naliases].name = e->key;
		c->aliases[c->naliases++].hint = hint;
	}
}

static void
apply_alias(struct work *w, const struct collector_entry *e)
{
	const struct collector_entry *pair;
	struct nearest near;
	char *hint;
	size_t size;

	if (w->c->model == NULL || grow_aliases(w, count(e->inside)) != 0)
		return;
	for (pair = e->inside; pair != NULL; pair = pair->next) {
		if (!is_visible(w->c, pair->text)) {
			nearest_start(&near, pair->text, strlen(pair->text));
			try_members(&near, w->c->model, true);
			fault_unknown(w, pair, "field or relation", &near);
			continue;
		}
		size = strlen(pair->text) + sizeof("is now ");
		hint = get(w, size, 1);
		if (hint != NULL)
			(void)snprintf(hint, size, "is now %s", pair->text);
		add_alias(w, pair, hint);
	}
}

static void
apply_hint(struct work *w, const struct collector_entry *e)
{
	const struct collector_entry *pair;

	if (w->c->model == NULL || grow_aliases(w, count(e->inside)) != 0)
		return;
	for (pair = e->inside; pair != NULL; pair = pair->next)
		add_alias(w, pair, pair->text);
}

/* In the order in which they are applied, whatever the file's order. */
static const struct key_rule rules[] = {
	{ "model", FORM_VALUE, apply_model },
	{ "max_rows", FORM_VALUE, apply_max_rows },
	{ "bytes", FORM_VALUE, apply_bytes },
	{ "hide", FORM_LIST, apply_hide },
	{ "alias", FORM_SECTION, apply_alias },
	{ "hint", FORM_SECTION, apply_hint },
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

/* Put the entry where its rule is, or tell why that cannot be. */
static void
sort_entry(struct work *w, const struct collector_entry *e,
    const struct collector_entry *given[NRULES])
{
	struct nearest near;
	size_t i;

	nearest_start(&near, e->key, strlen(e->key));
	for (i = 0; i < NRULES && strcmp(rules[i].name, e->key) != 0; i++)
		nearest_try(&near, rules[i].name);
	if (i == NRULES)
		fault_unknown(w, e, "key", &near);
	else if (!has_form(e, rules[i].form))
		collector_fault(w->faults, e->line, "\"%s\" is written "
		    "wrongly, expected %s", e->key, forms[rules[i].form]);
	else if (given[i] != NULL)
		collector_fault(w->faults, e->line, "\"%s\" is there "
		    "already, in line %u", e->key, given[i]->line);
	else
		given[i] = e;
}

static bool
shows_anything(const struct collector *c)
{
	const struct schema_field *f = c->model->fields;
	size_t i;

	for (i = 0; i < c->model->nfields; i++)
		if (!f[i].ignored && f[i].type != SCALAR_UNSUPPORTED &&
		    !collector_hides(c, &f[i]))
			return true;
	return false;
}

static void
read_file(struct work *w, const char *text, struct arena *arena)
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
	if (w->c->model != NULL && !shows_anything(w->c))
		collector_fault(w->faults, 1, "every field is hidden, "
		    "expected at least one to be left");
}

/*
 * Is this a name that a client can emit and a program can write?  The names
 * that are refused mean something to every Socket.IO client.
 */
static void
check_name(struct work *w, const char *name)
{
	static const char *const reserved[] = {
		"connect", "connect_error", "disconnect", "disconnecting",
		"newListener", "removeListener",
	};
	size_t len = strlen(name), i;

	if (len == 0 || len > NAME_LEN_MAX || strspn(name, LETTERS DIGITS) <
	    len || strspn(name, DIGITS) > 0)
		collector_fault(w->faults, 1, "\"%s\" cannot be called, "
		    "expected a file name of letters, digits and \"_\", at "
		    "most %d, not beginning with a digit", name, NAME_LEN_MAX);
	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(reserved[i], name) == 0)
			collector_fault(w->faults, 1, "\"%s\" is an event of "
			    "Socket.IO itself, expected another file name",
			    name);
}

struct collector *
collector_read(const struct schema *s, const char *name, const char *path,
    const char *text, void (*fault)(void *ctx, const char *line), void *ctx)
{
	struct collector_faults faults = {
		.path = path, .tell = fault, .ctx = ctx,
	};
	struct work w = { .schema = s, .faults = &faults };
	struct collector *c;

	c = w.c = collector_memory(&faults, calloc(1, sizeof(*c)));
	if (c == NULL)
		return NULL;
	arena_init(&c->arena);
	check_name(&w, name);
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
