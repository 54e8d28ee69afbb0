/* The options of a call: parameters by name, and which rows of the result. */
#include "model/sql_call.h"

#include <json-c/json.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "model/filter_build.h"
#include "model/json_read.h"
#include "model/plan.h"

/* Of a name in an error's sentence. */
#define SHOWN_MAX 64

/* What the collectors of models know, and a SELECT of its own does not. */
static const char *const others[] = {
	"select", "include", "omit", "where", "orderBy", "cursor", "distinct",
	"_count",
};

static bool
is_other(const char *name)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i], name) == 0)
			return true;
	return false;
}

bool
sql_call_reserves(const char *name)
{
	return strcmp(name, "take") == 0 || strcmp(name, "skip") == 0 ||
	    is_other(name);
}

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_INTERNAL, "out of memory");
}

/* ---- values -------------------------------------------------------------- */

/* An array that is not empty: an empty IN () exists in no database. */
static int
check_list(const struct sql_file *f, const struct sql_parameter *p,
    json_object *json, struct err *err)
{
	if (!json_object_is_type(json, json_type_array))
		return err_set(err, ERR_BAD_OPTIONS, "\"%s\" of %s is %s "
		    "where an array was expected", p->field.name,
		    f->model.name, json_kind(json));
	if (json_object_array_length(json) == 0)
		return err_set(err, ERR_BAD_OPTIONS, "\"%s\" of %s is an "
		    "empty array where at least one value was expected",
		    p->field.name, f->model.name);
	return 0;
}

int
sql_call_argument(const struct sql_file *f, const struct sql_parameter *p,
    json_object *json, struct arena *arena, struct sql_argument *out,
    struct err *err)
{
	struct filter_scope scope = { .arena = arena, .err = err };
	const struct filter_place place = { .model = &f->model,
	    .field = &p->field };
	bool list = p->field.list;

	if (list && check_list(f, p, json, err) != 0)
		return -1;
	out->n = list ? json_object_array_length(json) : 1;
	out->values = arena_get(arena, out->n, sizeof(*out->values));
	if (out->values == NULL)
		return no_memory(err);
	if (json == NULL && p->field.optional)
		return 0;
	for (size_t i = 0; i < out->n; i++)
		if (filter_operand(&scope, &place, list ?
		    json_object_array_get_idx(json, i) : json,
		    &out->values[i]) != 0)
			return -1;
	return 0;
}

/* ---- options ------------------------------------------------------------- */

static int
read_count(const char *option, json_object *json, uint64_t *out,
    struct err *err)
{
	bool number = json_object_is_type(json, json_type_int) ||
	    json_object_is_type(json, json_type_double);
	int64_t n;

	if (json_integer(json, &n) != 0 || n < 0)
		return err_set(err, ERR_BAD_OPTIONS, "option \"%s\" is %s "
		    "where a whole number from 0 was expected", option,
		    number ? json_object_to_json_string(json) :
		    json_kind(json));
	*out = (uint64_t)n;
	return 0;
}

static int
refuse_option(const struct sql_file *f, const char *name, struct err *err)
{
	size_t len = strlen(name);
	struct nearest near;

	if (is_other(name))
		return err_set(err, ERR_BAD_OPTIONS, "%s has no option "
		    "\"%s\": it is a query of its own, which takes its "
		    "parameters, take and skip", f->model.name, name);
	nearest_start(&near, name, len);
	for (size_t i = 0; i < f->nparameters; i++)
		nearest_try(&near, f->parameters[i].field.name);
	nearest_try(&near, "take");
	nearest_try(&near, "skip");
	return err_set(err, ERR_BAD_OPTIONS, "%s has no parameter "
	    "\"%.*s\"%s%s%s", f->model.name,
	    (int)utf8_prefix(name, len < SHOWN_MAX ? len : SHOWN_MAX), name,
	    near.best != NULL ? "; did you mean \"" : "",
	    near.best != NULL ? near.best : "",
	    near.best != NULL ? "\"?" : "");
}

static int
read_option(struct sql_call *c, const char *name, json_object *json,
    struct err *err)
{
	const struct sql_file *f = c->file;
	const struct sql_parameter *p;

	if (strcmp(name, "take") == 0)
		return read_count(name, json, &c->take, err);
	if (strcmp(name, "skip") == 0)
		return read_count(name, json, &c->skip, err);
	p = sql_file_parameter(f, name, strlen(name));
	if (p == NULL)
		return refuse_option(f, name, err);
	return sql_call_argument(f, p, json, &c->arena,
	    &c->arguments[p - f->parameters], err);
}

/* What was not given is the default, or null. */
static int
complete(struct sql_call *c, struct err *err)
{
	const struct sql_file *f = c->file;

	for (size_t i = 0; i < f->nparameters; i++) {
		const struct sql_parameter *p = &f->parameters[i];
		struct sql_argument *a = &c->arguments[i];

		if (a->n > 0)
			continue;
		if (p->has_fallback)
			*a = p->fallback;
		else if (!p->field.optional)
			return err_set(err, ERR_BAD_OPTIONS, "parameter "
			    "\"%s\" of %s is missing, expected %s%s",
			    p->field.name, f->model.name,
			    p->field.list ? "an array of " : "",
			    scalar_type_name(p->field.type));
		else if (sql_call_argument(f, p, NULL, &c->arena, a,
		    err) != 0)
			return -1;
	}
	return 0;
}

static int
init(struct sql_call *c, const struct sql_file *f, struct err *err)
{
	*c = (struct sql_call){ .file = f, .take = PLAN_ALL };
	arena_init(&c->arena);
	c->arguments = arena_get(&c->arena, f->nparameters,
	    sizeof(*c->arguments));
	return c->arguments == NULL ? no_memory(err) : 0;
}

int
sql_call_blank(struct sql_call *c, const struct sql_file *f, struct err *err)
{
	if (init(c, f, err) != 0)
		return -1;
	for (size_t i = 0; i < f->nparameters; i++) {
		c->arguments[i].n = 1;
		c->arguments[i].values = arena_get(&c->arena, 1,
		    sizeof(struct value));
		if (c->arguments[i].values == NULL)
			return no_memory(err);
	}
	return 0;
}

int
sql_call_read(struct sql_call *c, const struct sql_file *f,
    const char *options, size_t len, size_t json_depth, struct err *err)
{
	json_object *all = NULL;
	int result = 0;

	if (init(c, f, err) != 0)
		return -1;
	if (len > 0 && json_read(options, len, json_depth, &all, err) != 0)
		return -1;
	/* What is no object means nothing, as with all collectors. */
	if (json_object_is_type(all, json_type_object)) {
		json_object_object_foreach(all, name, value)
			if (result == 0)
				result = read_option(c, name, value, err);
	}
	json_object_put(all);
	return result == 0 ? complete(c, err) : -1;
}

void
sql_call_fini(struct sql_call *c)
{
	arena_fini(&c->arena);
}
