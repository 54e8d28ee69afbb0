/*
 * The head of a .sql file: comments that begin with one of a table of
 * keywords.
 *
 *	-- describe Tickets that are open.
 *	-- max_rows 1000
 *	-- max_running 2
 *	-- bytes base64
 *	-- coalesce true
 *	-- param minId Int = 0 : smallest id
 *	-- param name String? : only those of this name
 *	-- param ids Int[] : one of these
 */
#include "model/sql_file.h"

#include <json-c/json.h>
#include <string.h>

#include "base/num.h"
#include "model/json_read.h"
#include "model/sql_call.h"

#define BLANKS " \t\r"
#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

/* A list of values in a default. */
#define DEFAULT_DEPTH 2

struct head {
	struct sql_file *f;
	char *at;		/* what is left of the line */
	unsigned int line;
	struct arena *arena;
	struct collector_faults *faults;
};

static void
skip_blanks(struct head *h)
{
	h->at += strspn(h->at, BLANKS);
}

/* The rest of the line without blanks around it. */
static char *
take_rest(struct head *h)
{
	char *rest, *end;

	skip_blanks(h);
	rest = h->at;
	end = rest + strlen(rest);
	while (end > rest && strchr(BLANKS, end[-1]) != NULL)
		end--;
	*end = '\0';
	return rest;
}

/* ---- parameters ---------------------------------------------------------- */

static int
take_name(struct head *h, struct sql_parameter *p)
{
	size_t len;

	skip_blanks(h);
	len = strspn(h->at, LETTERS DIGITS);
	if (len == 0 || strchr(DIGITS, *h->at) != NULL) {
		collector_fault(h->faults, h->line, "a parameter without a "
		    "name, expected -- param NAME TYPE = default : "
		    "description");
		return -1;
	}
	p->field.name = collector_memory(h->faults,
	    arena_text(h->arena, h->at, len));
	h->at += len;
	if (p->field.name == NULL)
		return -1;
	if (sql_call_reserves(p->field.name)) {
		collector_fault(h->faults, h->line, "\"%s\" is an option "
		    "already, expected another name", p->field.name);
		return -1;
	}
	if (sql_file_parameter(h->f, p->field.name, len) == NULL)
		return 0;
	collector_fault(h->faults, h->line, "parameter \"%s\" is declared "
	    "twice, expected once", p->field.name);
	return -1;
}

static bool
find_type(const char *name, size_t len, enum scalar_type *out)
{
	static const enum scalar_type types[] = {
		SCALAR_STRING, SCALAR_INT, SCALAR_BIGINT, SCALAR_FLOAT,
		SCALAR_DECIMAL, SCALAR_BOOLEAN, SCALAR_DATETIME,
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const char *is = scalar_type_name(types[i]);

		if (strlen(is) == len && memcmp(is, name, len) == 0) {
			*out = types[i];
			return true;
		}
	}
	return false;
}

static bool
take(struct head *h, const char *mark)
{
	size_t len = strlen(mark);

	if (strncmp(h->at, mark, len) != 0)
		return false;
	h->at += len;
	return true;
}

/* Int, Int? or Int[] */
static int
take_type(struct head *h, struct sql_parameter *p)
{
	size_t len;

	skip_blanks(h);
	len = strspn(h->at, LETTERS DIGITS);
	if (!find_type(h->at, len, &p->field.type)) {
		collector_fault(h->faults, h->line, "parameter \"%s\" has "
		    "the type \"%.*s\", expected String, Int, BigInt, Float, "
		    "Decimal, Boolean or DateTime", p->field.name,
		    (int)strcspn(h->at, BLANKS), h->at);
		return -1;
	}
	h->at += len;
	p->field.list = take(h, "[]");
	p->field.optional = take(h, "?");
	if (!p->field.list || !p->field.optional)
		return 0;
	collector_fault(h->faults, h->line, "parameter \"%s\" is a list, "
	    "which cannot be null, expected no \"?\"", p->field.name);
	return -1;
}

/* 'text' with '' for a quote; NULL: it does not end. */
static json_object *
take_text(struct head *h)
{
	char *to = h->at, *from = h->at + 1, *text = h->at;

	for (;; *to++ = *from++) {
		if (*from == '\0')
			return NULL;
		if (*from == '\'' && *++from != '\'')
			break;
	}
	h->at = from;
	return json_object_new_string_len(text, (int)(to - text));
}

/* Where a JSON value ends; inside of quotes and brackets all goes on. */
static size_t
value_length(const char *text)
{
	bool quoted = false;
	size_t i, depth = 0;

	for (i = 0; text[i] != '\0'; i++) {
		if (quoted && text[i] == '\\' && text[i + 1] != '\0')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && strchr("[{", text[i]) != NULL)
			depth++;
		else if (!quoted && strchr("]}", text[i]) != NULL && depth > 0)
			depth--;
		else if (!quoted && depth == 0 &&
		    strchr(BLANKS ":", text[i]) != NULL)
			break;
	}
	return i;
}

static int
take_default(struct head *h, struct sql_parameter *p)
{
	struct err err = { 0 };
	json_object *value = NULL;
	size_t len;
	int result = -1;

	skip_blanks(h);
	if (*h->at == '\'') {
		value = take_text(h);
		if (value != NULL)
			result = 0;
		else
			err_set(&err, ERR_BAD_OPTIONS, "the text has no end, "
			    "expected a quote");
	} else {
		len = value_length(h->at);
		result = json_read(h->at, len, DEFAULT_DEPTH, &value, &err);
		h->at += len;
	}
	if (result == 0)
		result = sql_call_argument(h->f, p, value, h->arena,
		    &p->fallback, &err);
	json_object_put(value);
	if (result != 0)
		collector_fault(h->faults, h->line,
		    "the default of parameter \"%s\": %s", p->field.name,
		    err.text);
	p->has_fallback = result == 0;
	return result;
}

static int
take_rest_of_param(struct head *h, struct sql_parameter *p)
{
	if (take_type(h, p) != 0)
		return -1;
	skip_blanks(h);
	if (take(h, "=") && take_default(h, p) != 0)
		return -1;
	skip_blanks(h);
	if (take(h, ":")) {
		p->field.doc = take_rest(h);
	} else if (*h->at != '\0') {
		collector_fault(h->faults, h->line, "parameter \"%s\" is "
		    "followed by \"%s\", expected = default or : description",
		    p->field.name, take_rest(h));
		return -1;
	}
	return 0;
}

/* What is declared with a fault is declared: its uses have none. */
static void
read_param(struct head *h)
{
	struct sql_file *f = h->f;
	struct sql_parameter p = { .line = h->line };

	if (take_name(h, &p) != 0)
		return;
	(void)take_rest_of_param(h, &p);
	if (f->nparameters == SQL_FILE_PARAMETERS_MAX) {
		collector_fault(h->faults, h->line, "one parameter too many, "
		    "expected at most %d", SQL_FILE_PARAMETERS_MAX);
		return;
	}
	if (f->parameters == NULL)
		f->parameters = collector_memory(h->faults,
		    arena_get(h->arena, SQL_FILE_PARAMETERS_MAX,
		    sizeof(*f->parameters)));
	if (f->parameters != NULL)
		f->parameters[f->nparameters++] = p;
}

/* ---- the other keywords -------------------------------------------------- */

static void
read_describe(struct head *h)
{
	h->f->doc = take_rest(h);
}

static void
read_max_rows(struct head *h)
{
	const char *text = take_rest(h);

	if (num_read_i64(text, strlen(text), &h->f->max_rows) != 0 ||
	    h->f->max_rows < 0)
		collector_fault(h->faults, h->line, "max_rows is \"%s\", "
		    "expected a number, 0 for no limit", text);
}

static void
read_max_running(struct head *h)
{
	const char *text = take_rest(h);

	if (num_read_i64(text, strlen(text), &h->f->max_running) != 0 ||
	    h->f->max_running < 0 ||
	    h->f->max_running > COLLECTOR_RUNNING_MAX)
		collector_fault(h->faults, h->line, "max_running is \"%s\", "
		    "expected a number up to %d, 0 for no limit", text,
		    COLLECTOR_RUNNING_MAX);
}

/* Is what follows the second of two words? */
static bool
read_second(struct head *h, const char *key, const char *first,
    const char *second)
{
	const char *text = take_rest(h);

	if (strcmp(text, second) == 0)
		return true;
	if (strcmp(text, first) != 0)
		collector_fault(h->faults, h->line, "%s is \"%s\", "
		    "expected %s or %s", key, text, first, second);
	return false;
}

static void
read_bytes(struct head *h)
{
	h->f->bytes_base64 = read_second(h, "bytes", "attachment", "base64");
}

static void
read_coalesce(struct head *h)
{
	h->f->coalesce = read_second(h, "coalesce", "false", "true");
}

static const struct {
	const char *name;
	void (*apply)(struct head *h);
} keywords[] = {
	{ "bytes", read_bytes },
	{ "coalesce", read_coalesce },
	{ "describe", read_describe },
	{ "max_rows", read_max_rows },
	{ "max_running", read_max_running },
	{ "param", read_param },
};

void
sql_head_line(struct sql_file *f, const char *text, size_t len,
    unsigned int line, struct arena *arena, struct collector_faults *faults)
{
	struct head h = { .f = f, .line = line, .arena = arena,
	    .faults = faults };
	size_t n;

	h.at = collector_memory(faults, arena_text(arena, text, len));
	if (h.at == NULL)
		return;
	h.at += strspn(h.at, "-");
	skip_blanks(&h);
	n = strcspn(h.at, BLANKS);
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strlen(keywords[i].name) == n &&
		    memcmp(keywords[i].name, h.at, n) == 0) {
			h.at += n;
			keywords[i].apply(&h);
			return;
		}
}
