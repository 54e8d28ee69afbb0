/* One table: the word, the option that it sets, and how its value is read. */
#include "tool/options.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

enum form {
	FORM_WHOLE,	/* all options at once */
	FORM_NAMES,	/* a,b,c or JSON */
	FORM_FLAGS,	/* the same, as {"a":true} */
	FORM_JSON,
	FORM_PARAM	/* name=value */
};

static const struct word {
	const char *name;	/* on the command line */
	const char *key;	/* in the options */
	enum form form;
} words[] = {
	{ "options", NULL, FORM_WHOLE },
	{ "select", "select", FORM_NAMES },
	{ "include", "include", FORM_NAMES },
	{ "omit", "omit", FORM_FLAGS },
	{ "distinct", "distinct", FORM_NAMES },
	{ "where", "where", FORM_JSON },
	{ "order-by", "orderBy", FORM_JSON },
	{ "cursor", "cursor", FORM_JSON },
	{ "take", "take", FORM_JSON },
	{ "skip", "skip", FORM_JSON },
	{ "param", NULL, FORM_PARAM },
};

/* NULL when the text is no JSON; its null is no value either. */
static json_object *
parse(const char *text)
{
	json_tokener *tokener = json_tokener_new_ex(512);
	json_object *json = NULL;

	if (tokener == NULL)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	json = json_tokener_parse_ex(tokener, text, (int)strlen(text) + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		json_object_put(json);
		json = NULL;
	}
	json_tokener_free(tokener);
	return json;
}

/* "a, b" to ["a","b"], or to {"a":true,"b":true}. */
static json_object *
split(const char *text, bool flags)
{
	json_object *names = flags ? json_object_new_object() :
	    json_object_new_array();

	while (names != NULL && *text != '\0') {
		char name[128];
		size_t len;

		text += strspn(text, ", ");
		len = strcspn(text, ", ");
		if (len >= sizeof(name)) {
			json_object_put(names);
			return NULL;
		}
		memcpy(name, text, len);
		name[len] = '\0';
		if (len > 0 && flags)
			json_object_object_add(names, name,
			    json_object_new_boolean(true));
		else if (len > 0)
			json_object_array_add(names,
			    json_object_new_string(name));
		text += len;
	}
	return names;
}

static int
set(struct options *o, const char *key, json_object *value)
{
	if (o->json == NULL)
		o->json = json_object_new_object();
	return json_object_object_add(o->json, key, value);
}

static int
add_param(struct options *o, const char *value, struct err *err)
{
	const char *equals = strchr(value, '=');
	char name[128];
	json_object *json;

	if (equals == NULL || equals == value ||
	    (size_t)(equals - value) >= sizeof(name))
		return err_set(err, ERR_BAD_OPTIONS, "--param takes "
		    "name=value, not \"%s\"", value);
	memcpy(name, value, (size_t)(equals - value));
	name[equals - value] = '\0';
	json = parse(equals + 1);
	if (json == NULL && strcmp(equals + 1, "null") != 0)
		json = json_object_new_string(equals + 1);
	return set(o, name, json);
}

/* The keys of an object, each in the place of what was said before. */
static int
add_whole(struct options *o, const char *value, struct err *err)
{
	json_object *json = parse(value);

	if (!json_object_is_type(json, json_type_object)) {
		json_object_put(json);
		return err_set(err, ERR_BAD_OPTIONS,
		    "--options takes an object in JSON, not \"%s\"", value);
	}
	json_object_object_foreach(json, key, member)
		if (set(o, key, json_object_get(member)) != 0) {
			json_object_put(json);
			return err_set(err, ERR_INTERNAL, "out of memory");
		}
	json_object_put(json);
	return 0;
}

static int
add_value(struct options *o, const struct word *w, const char *value,
    struct err *err)
{
	bool listed = w->form == FORM_NAMES || w->form == FORM_FLAGS;
	char first = value[strspn(value, " ")];
	json_object *json = listed && first != '{' && first != '[' ?
	    split(value, w->form == FORM_FLAGS) : parse(value);

	if (json == NULL)
		return err_set(err, ERR_BAD_OPTIONS, "--%s takes %s, not "
		    "\"%s\"", w->name, listed ?
		    "names with commas between them, or JSON" : "JSON", value);
	return set(o, w->key, json);
}

int
options_add(struct options *o, const char *name, const char *value,
    struct err *err)
{
	const struct word *w = words;

	while (strcmp(w->name, name) != 0)
		w++;
	if (w->form == FORM_WHOLE)
		return add_whole(o, value, err);
	if (w->form == FORM_PARAM)
		return add_param(o, value, err);
	return add_value(o, w, value, err);
}

const char *
options_text(const struct options *o)
{
	return o->json == NULL ? "" : json_object_to_json_string_ext(o->json,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

void
options_fini(struct options *o)
{
	json_object_put(o->json);
	o->json = NULL;
}
