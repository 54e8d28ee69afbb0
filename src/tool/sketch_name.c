/*
 * Names.  Those of the database stay as they are wherever they can: they are
 * what its owner, its queries and its manual call things, and nothing that is
 * added later can make them change.  The rest gets the nearest identifier,
 * with @map or @@map beside it.
 */
#include "tool/sketch.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool
is_letter(char c)
{
	return isalpha((unsigned char)c) != 0 && (unsigned char)c < 0x80;
}

static bool
is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

/*
 * Every run of other characters becomes one "_", none at the ends; a digit
 * that comes first gets an "x" in front, and "x" is what nothing becomes.
 */
const char *
sketch_identifier(struct sketch *s, const char *name)
{
	size_t len = strlen(name), n = 0;
	char *out = sketch_memory(s, arena_get(&s->arena, len + 2, 1));
	const char *p = name;

	if (out == NULL)
		return "";
	while (*p != '\0' && !is_letter(*p) && !isdigit((unsigned char)*p))
		p++;
	if (!is_letter(*p))
		out[n++] = 'x';
	for (; *p != '\0'; p++)
		if (is_word(*p))
			out[n++] = *p;
		else if (n > 0 && out[n - 1] != '_')
			out[n++] = '_';
	while (n > 1 && out[n - 1] == '_' && !is_word(name[len - 1]))
		n--;
	out[n] = '\0';
	return out;
}

const char *
sketch_quoted(struct sketch *s, const char *text)
{
	/* \u0001 is the longest that a byte becomes. */
	char *out = sketch_memory(s, arena_get(&s->arena,
	    6 * strlen(text) + 3, 1)), *to = out;

	if (out == NULL)
		return "";
	*to++ = '"';
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			*to++ = '\\';
		if ((unsigned char)*text < 0x20)
			to += sprintf(to, "\\u%04x", (unsigned int)*text);
		else
			*to++ = *text;
	}
	*to++ = '"';
	*to = '\0';
	return out;
}

const char *
sketch_without_id(struct sketch *s, const char *column)
{
	size_t len = strlen(column);
	const char *end = column + (len < 3 ? 0 : len - 2);

	if (end == column || strcasecmp(end, "id") != 0)
		return NULL;
	if (end[-1] == '_' || end[-1] == ' ' || end[-1] == '-')
		end--;
	else if (end[0] != 'I' || isupper((unsigned char)end[-1]))
		return NULL;	/* "paid", "PAID" */
	return end == column ? NULL :
	    sketch_text(s, "%.*s", (int)(end - column), column);
}

/* A name that somebody else in the database has, as it is. */
static bool
is_promised(const struct sketch *s, const char *name, const char *own)
{
	for (size_t i = 0; i < s->catalog->ntables; i++)
		if (strcmp(s->catalog->tables[i].name, name) == 0)
			return strcmp(name, own) != 0;
	return false;
}

static bool
is_type_free(const struct sketch *s, const char *name, const char *own)
{
	if (schema_is_reserved(name, false) || is_promised(s, name, own) ||
	    (s->old != NULL && schema_has_type(s->old, name)))
		return false;
	for (size_t i = 0; i < s->nmodels; i++)
		if (s->models[i].name != NULL &&
		    strcmp(s->models[i].name, name) == 0)
			return false;
	for (size_t i = 0; i < s->nenums; i++)
		if (s->enums[i].name != NULL &&
		    strcmp(s->enums[i].name, name) == 0)
			return false;
	return true;
}

const char *
sketch_type_name(struct sketch *s, const char *first, const char *own)
{
	const char *base = sketch_identifier(s, first), *name = base;

	if (schema_is_reserved(base, false))
		name = sketch_text(s, "%s_", base);
	for (unsigned int i = 2; !is_type_free(s, name, own) &&
	    !s->no_memory; i++)
		name = sketch_text(s, "%s_%u", base, i);
	return name;
}

static bool
is_in_old(const struct schema_model *old, const char *name)
{
	for (size_t i = 0; i < old->nfields; i++)
		if (strcmp(old->fields[i].name, name) == 0)
			return true;
	for (size_t i = 0; i < old->nrelations; i++)
		if (strcmp(old->relations[i].name, name) == 0)
			return true;
	return false;
}

static bool
is_member_free(const struct sketch_model *m, const char *name,
    const char *own)
{
	if (schema_is_reserved(name, true) ||
	    (m->old != NULL && is_in_old(m->old, name)))
		return false;
	for (size_t i = 0; i < m->lines.n; i++)
		if (strcmp(m->lines.v[i].name, name) == 0)
			return false;
	for (size_t i = 0; i < m->table->ncolumns; i++)
		if (strcmp(m->table->columns[i].name, name) == 0)
			return strcmp(name, own) == 0;
	return true;
}

const char *
sketch_member_name(struct sketch *s, const struct sketch_model *m,
    const char *first, const char *second, const char *own)
{
	const char *name = sketch_identifier(s, first), *base = name;

	if (schema_is_reserved(name, true))
		name = base = sketch_text(s, "%s_", name);
	if (!is_member_free(m, name, own) && second != NULL)
		name = base = sketch_identifier(s, second);
	for (unsigned int i = 2; !is_member_free(m, name, own) &&
	    !s->no_memory; i++)
		name = sketch_text(s, "%s_%u", base, i);
	return name;
}
