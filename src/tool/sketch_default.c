/*
 * Defaults.  They tell nothing to who only reads; simple ones are written for
 * the person who does, the rest stays where it is.
 */
#include "tool/sketch.h"

#include <string.h>
#include <strings.h>

/* Calls that give the present moment, up to their brackets. */
static const char *const now[] = {
	"now", "current_timestamp", "localtimestamp", "getdate", "getutcdate",
	"sysdatetime", "sysutcdatetime"
};

/* The brackets in front and behind belong to each other. */
static bool
is_in_brackets(const char *text, size_t len)
{
	size_t depth = 0;

	if (len < 2 || text[0] != '(' || text[len - 1] != ')')
		return false;
	for (size_t i = 0; i + 1 < len; i++) {
		depth += text[i] == '(';
		depth -= text[i] == ')';
		if (depth == 0)
			return false;
	}
	return true;
}

/* Where "::type" begins, outside of quotes, or the end. */
static size_t
without_cast(const char *text, size_t len)
{
	bool quoted = false;

	for (size_t i = 0; i + 1 < len; i++) {
		if (text[i] == '\'')
			quoted = !quoted;
		if (!quoted && text[i] == ':' && text[i + 1] == ':')
			return i;
	}
	return len;
}

/* The value itself: ((0)), N'x', 'x'::text, b'1' are 0, 'x', 'x', '1'. */
static const char *
bare(struct sketch *s, const char *text)
{
	size_t len = strlen(text);

	len = without_cast(text, len);
	while (is_in_brackets(text, len)) {
		text++;
		len = without_cast(text, len - 2);
	}
	if (len > 1 && strchr("NbB", text[0]) != NULL && text[1] == '\'') {
		text++;
		len--;
	}
	return sketch_text(s, "%.*s", (int)len, text);
}

/* 'it''s' to it's; NULL when it is not in quotes. */
static const char *
unquoted(struct sketch *s, const char *text)
{
	size_t len = strlen(text);
	char *out, *to;

	if (len < 2 || text[0] != '\'' || text[len - 1] != '\'')
		return NULL;
	out = to = sketch_memory(s, arena_get(&s->arena, len, 1));
	for (size_t i = 1; out != NULL && i + 1 < len; i++) {
		*to++ = text[i];
		i += text[i] == '\'';
	}
	return out;
}

static bool
is_number(const char *text, bool fraction)
{
	size_t digits;

	text += *text == '-';
	digits = strspn(text, "0123456789");
	text += digits;
	if (fraction && digits > 0 && *text == '.') {
		digits = strspn(text + 1, "0123456789");
		text += digits + 1;
	}
	return digits > 0 && *text == '\0';
}

static bool
is_now(const char *text)
{
	size_t len = strcspn(text, "(");

	for (size_t i = 0; i < sizeof(now) / sizeof(now[0]); i++)
		if (strlen(now[i]) == len &&
		    strncasecmp(now[i], text, len) == 0)
			return true;
	return false;
}

static const char *
value_name(struct sketch *s, const struct catalog_column *c, const char *value)
{
	const struct sketch_enum *e = sketch_enum_of(s, c->enumeration);
	const char *map = sketch_text(s, "@map(%s)", sketch_quoted(s, value));

	for (size_t i = 0; e->old != NULL && i < e->old->nvalues; i++)
		if (strcmp(e->old->columns[i], value) == 0)
			return e->old->values[i];
	for (size_t i = 0; i < e->lines.n; i++)
		if (strcmp(e->lines.v[i].attrs, map) == 0 ||
		    strcmp(e->lines.v[i].name, value) == 0)
			return e->lines.v[i].name;
	return NULL;
}

/* What the default of a type can be told as; NULL = it cannot. */
static const char *
literal(struct sketch *s, const struct catalog_column *c, const char *text)
{
	const char *inner = unquoted(s, text);
	const char *plain = inner != NULL ? inner : text;

	switch (c->type) {
	case SCALAR_STRING:
		return inner == NULL ? NULL : sketch_quoted(s, inner);
	case SCALAR_ENUM:
		return inner == NULL ? NULL : value_name(s, c, inner);
	case SCALAR_INT:
	case SCALAR_BIGINT:
		return is_number(plain, false) ? plain : NULL;
	case SCALAR_FLOAT:
	case SCALAR_DECIMAL:
		return is_number(plain, true) ? plain : NULL;
	case SCALAR_BOOLEAN:
		if (strcasecmp(plain, "true") == 0 || strcmp(plain, "1") == 0)
			return "true";
		return strcasecmp(plain, "false") == 0 ||
		    strcmp(plain, "0") == 0 ? "false" : NULL;
	case SCALAR_DATETIME:
		return is_now(text) ? "now()" : NULL;
	case SCALAR_JSON:
	case SCALAR_BYTES:
	case SCALAR_UNSUPPORTED:
	case SCALAR_TYPES:
		break;
	}
	return NULL;
}

const char *
sketch_default(struct sketch *s, const struct catalog_column *c)
{
	const char *value = NULL;

	if (c->automatic && (c->type == SCALAR_INT ||
	    c->type == SCALAR_BIGINT))
		return " @default(autoincrement())";
	if (c->fallback != NULL && !c->list)
		value = literal(s, c, bare(s, c->fallback));
	return value == NULL ? "" : sketch_text(s, " @default(%s)", value);
}
