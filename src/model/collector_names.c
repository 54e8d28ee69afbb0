/* Old names and their hints: the sections alias and hint. */
#include "model/collector_build.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "model/filter_read.h"

/* Room for the entries of a further section. */
static int
grow_aliases(struct collector_work *w, size_t n)
{
	struct collector *c = w->c;
	struct collector_alias *grown;

	grown = collector_get(w, c->naliases + n, sizeof(*grown));
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
		return filter_shows(c, f);
	return schema_relation(c->model, name, strlen(name)) != NULL;
}

static void
add_alias(struct collector_work *w, const struct collector_entry *e,
    const char *hint)
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

void
collector_read_alias(struct collector_work *w, const struct collector_entry *e)
{
	const struct collector_entry *pair;
	struct nearest near;
	char *hint;
	size_t size;

	if (w->c->model == NULL ||
	    grow_aliases(w, collector_count(e->inside)) != 0)
		return;
	for (pair = e->inside; pair != NULL; pair = pair->next) {
		if (!is_visible(w->c, pair->text)) {
			nearest_start(&near, pair->text, strlen(pair->text));
			collector_try_members(&near, w->c->model, true);
			collector_unknown(w, pair, "field or relation", &near);
			continue;
		}
		size = strlen(pair->text) + sizeof("is now ");
		hint = collector_get(w, size, 1);
		if (hint != NULL)
			(void)snprintf(hint, size, "is now %s", pair->text);
		add_alias(w, pair, hint);
	}
}

void
collector_read_hint(struct collector_work *w, const struct collector_entry *e)
{
	const struct collector_entry *pair;

	if (w->c->model == NULL ||
	    grow_aliases(w, collector_count(e->inside)) != 0)
		return;
	for (pair = e->inside; pair != NULL; pair = pair->next)
		add_alias(w, pair, pair->text);
}
