/*
 * The grammar of a condition on a model: AND, OR and NOT, and its members.
 * What is said about a field is read in filter_field.c.
 */
#include "model/filter_read.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "model/filter_build.h"
#include "model/json_read.h"

/* Of a name in an error's sentence. */
#define SHOWN_MAX 64

/*
 * AND, OR, NOT
 */

static bool
is_array(json_object *json)
{
	return json_object_is_type(json, json_type_array);
}

static struct filter *
join_list(struct filter_scope *scope, const struct schema_model *m,
    const char *key, json_object *list)
{
	bool all = strcmp(key, "AND") == 0;
	size_t n = json_object_array_length(list);
	struct filter **parts = filter_parts(scope, n);

	if (parts == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		parts[i] = filter_where(scope, m,
		    json_object_array_get_idx(list, i), key);
		if (parts[i] == NULL)
			return NULL;
	}
	return filter_join(scope, all ? FILTER_AND : FILTER_OR, parts, n);
}

static struct filter *
read_and(struct filter_scope *scope, const struct schema_model *m,
    json_object *value)
{
	if (is_array(value))
		return join_list(scope, m, "AND", value);
	return filter_where(scope, m, value, "AND");
}

static struct filter *
read_or(struct filter_scope *scope, const struct schema_model *m,
    json_object *value)
{
	if (is_array(value))
		return join_list(scope, m, "OR", value);
	err_set(scope->err, ERR_BAD_OPTIONS, "\"OR\" of %s is %s where an "
	    "array of objects was expected", m->name, json_kind(value));
	return NULL;
}

/* NOT of no condition is none; NOT of a list is none of it. */
static struct filter *
read_not(struct filter_scope *scope, const struct schema_model *m,
    json_object *value)
{
	struct filter *f;

	if (is_array(value))
		f = join_list(scope, m, "NOT", value);
	else
		f = filter_where(scope, m, value, "NOT");
	if (f == NULL || filter_is_empty(f))
		return f;
	if (f->kind == FILTER_OR && f->nparts == 0)
		return filter_new(scope, FILTER_AND);
	return filter_not(scope, f);
}

static const struct keyword {
	const char *name;
	struct filter *(*read)(struct filter_scope *scope,
	    const struct schema_model *m, json_object *value);
} keywords[] = {
	{ "AND", read_and },
	{ "OR", read_or },
	{ "NOT", read_not },
};
#define NKEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

/*
 * Members
 */

bool
filter_shows(const struct collector *c, const struct schema_field *f)
{
	return !f->ignored && f->type != SCALAR_UNSUPPORTED &&
	    (c == NULL || !collector_hides(c, f));
}

static struct filter *
unknown_member(struct filter_scope *scope, const struct schema_model *m,
    const char *name)
{
	const struct collector *c = scope->collector;
	size_t len = strlen(name);
	int shown = (int)utf8_prefix(name, len < SHOWN_MAX ? len : SHOWN_MAX);
	struct nearest near;

	if (c != NULL && c->model == m && collector_hint(c, name, len)) {
		err_set(scope->err, ERR_UNKNOWN_FIELD, "unknown field "
		    "\"%.*s\" on %s: it %s", shown, name, m->name,
		    collector_hint(c, name, len));
		return NULL;
	}
	nearest_start(&near, name, len);
	for (size_t i = 0; i < m->nfields; i++)
		if (filter_shows(c, &m->fields[i]))
			nearest_try(&near, m->fields[i].name);
	for (size_t i = 0; i < m->nrelations; i++)
		if (!m->relations[i].ignored)
			nearest_try(&near, m->relations[i].name);
	for (size_t i = 0; i < NKEYWORDS; i++)
		nearest_try(&near, keywords[i].name);
	if (near.best != NULL)
		err_set(scope->err, ERR_UNKNOWN_FIELD, "unknown field "
		    "\"%.*s\" on %s; did you mean \"%s\"?", shown, name,
		    m->name, near.best);
	else
		err_set(scope->err, ERR_UNKNOWN_FIELD, "unknown field "
		    "\"%.*s\" on %s", shown, name, m->name);
	return NULL;
}

static struct filter *
read_member(struct filter_scope *scope, const struct schema_model *m,
    const char *name, json_object *value)
{
	const struct schema_field *f;
	const struct schema_relation *r;

	for (size_t i = 0; i < NKEYWORDS; i++)
		if (strcmp(keywords[i].name, name) == 0)
			return keywords[i].read(scope, m, value);
	f = schema_field(m, name, strlen(name));
	if (f != NULL && filter_shows(scope->collector, f))
		return filter_field(scope, m, f, value);
	r = schema_relation(m, name, strlen(name));
	if (r != NULL)
		return filter_relation(scope, r, value);
	return unknown_member(scope, m, name);
}

struct filter *
filter_where(struct filter_scope *scope, const struct schema_model *m,
    json_object *where, const char *what)
{
	struct filter **parts;
	size_t n = 0;

	if (!json_object_is_type(where, json_type_object)) {
		err_set(scope->err, ERR_BAD_OPTIONS, "\"%s\" holds %s where an "
		    "object of conditions on %s was expected", what,
		    json_kind(where), m->name);
		return NULL;
	}
	parts = filter_parts(scope, (size_t)json_object_object_length(where));
	if (parts == NULL)
		return NULL;
	json_object_object_foreach(where, name, value) {
		parts[n] = read_member(scope, m, name, value);
		if (parts[n++] == NULL)
			return NULL;
	}
	return filter_join(scope, FILTER_AND, parts, n);
}

struct filter *
filter_read(struct filter_scope *scope, const struct schema_model *m,
    json_object *where)
{
	struct filter *f = filter_where(scope, m, where, "where");

	return f == NULL ? NULL : filter_settle(scope, f, false);
}

/*
 * Cursors
 */

/* Is there a value for each field of the key, not a condition on it? */
static bool
gives_key(json_object *object, const struct schema_key *key)
{
	json_object *value;

	for (size_t i = 0; i < key->n; i++)
		if (!json_object_object_get_ex(object, key->fields[i]->name,
		    &value) || value == NULL ||
		    json_object_is_type(value, json_type_object))
			return false;
	return true;
}

/* Prisma's name of a compound key: its fields', joined by "_". */
static bool
is_key_name(const struct schema_key *key, const char *name)
{
	for (size_t i = 0; i < key->n; i++) {
		size_t len = strlen(key->fields[i]->name);

		if (strncmp(name, key->fields[i]->name, len) != 0 ||
		    name[len] != (i + 1 < key->n ? '_' : '\0'))
			return false;
		name += len + 1;
	}
	return key->n > 1;
}

static const struct schema_key *
key_named(const struct schema_model *m, const char *name)
{
	for (size_t i = 0; i < m->nuniques; i++)
		if (is_key_name(&m->uniques[i], name))
			return &m->uniques[i];
	return NULL;
}

static void
refuse_cursor(struct filter_scope *scope, const struct schema_model *m)
{
	const struct schema_key *key;
	char list[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < m->nuniques; i++) {
		key = &m->uniques[i];
		for (size_t j = 0; j < key->n && used < sizeof(list); j++)
			used += (size_t)snprintf(list + used,
			    sizeof(list) - used, "%s%s", j > 0 ? " and " :
			    i > 0 ? ", or of " : "", key->fields[j]->name);
	}
	if (used > 0)
		err_set(scope->err, ERR_BAD_OPTIONS, "\"cursor\" on %s names "
		    "no row: the value of %s was expected", m->name, list);
	else
		err_set(scope->err, ERR_BAD_OPTIONS, "%s has no unique field, "
		    "and so no cursor", m->name);
}

struct filter *
filter_read_cursor(struct filter_scope *scope, const struct schema_model *m,
    json_object *cursor)
{
	struct filter **parts, *f;
	bool found = false;
	size_t n = 0;

	if (!json_object_is_type(cursor, json_type_object))
		return filter_where(scope, m, cursor, "cursor");
	parts = filter_parts(scope, (size_t)json_object_object_length(cursor));
	if (parts == NULL)
		return NULL;
	for (size_t i = 0; i < m->nuniques && !found; i++)
		found = gives_key(cursor, &m->uniques[i]);
	json_object_object_foreach(cursor, name, value) {
		const struct schema_key *key = key_named(m, name);

		parts[n] = key == NULL ? read_member(scope, m, name, value) :
		    filter_where(scope, m, value, name);
		if (parts[n++] == NULL)
			return NULL;
		found = found || (key != NULL && gives_key(value, key));
	}
	if (!found) {
		refuse_cursor(scope, m);
		return NULL;
	}
	f = filter_join(scope, FILTER_AND, parts, n);
	return f == NULL ? NULL : filter_settle(scope, f, false);
}
