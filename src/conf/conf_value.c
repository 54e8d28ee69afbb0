/*
 * One row's value: from text into its member, and back out of memory.  Which
 * values are right is the row's business, not this file's.
 */
#include "conf/conf_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/num.h"

void
conf_row_name(const struct conf_row *row, char out[CONF_ROW_NAME_MAX])
{
	snprintf(out, CONF_ROW_NAME_MAX, "%s%s%s", row->section,
	    *row->section == '\0' ? "" : ".", row->key);
}

/* The one place where the table's offsets become pointers again. */
static void *
member_at(const struct conf_row *row, const void *base)
{
	return (char *)(uintptr_t)base + row->offset;
}

char **
conf_string_at(const struct conf_row *row, const void *base)
{
	return member_at(row, base);
}

struct conf_list *
conf_list_at(const struct conf_row *row, const void *base)
{
	return member_at(row, base);
}

int64_t *
conf_number_at(const struct conf_row *row, const void *base)
{
	return member_at(row, base);
}

int
conf_list_add(struct conf_list *l, const char *text)
{
	char **v = realloc(l->v, (l->n + 1) * sizeof(*v));

	if (v == NULL)
		return -1;
	l->v = v;
	v[l->n] = strdup(text);
	if (v[l->n] == NULL)
		return -1;
	l->n++;
	return 0;
}

void
conf_list_fini(struct conf_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	l->v = NULL;
	l->n = 0;
}

static int
set_string(const struct conf_row *row, void *base, const char *text)
{
	char **at = conf_string_at(row, base);
	char *copy = strdup(text);

	if (copy == NULL)
		return -1;
	if (row->secret && *at != NULL)
		explicit_bzero(*at, strlen(*at));
	free(*at);
	*at = copy;
	return 0;
}

/* What a string or an element of a list must be, if it is not. */
static const char *
string_fault(const struct conf_row *row, const char *text)
{
	if (*text == '\0')
		return "must not be empty";
	return row->check == NULL ? NULL : row->check(text);
}

static int
set_text(const struct conf_row *row, void *base, const char *text,
    struct err *err)
{
	const char *must = string_fault(row, text);
	int result;

	if (must != NULL && (row->secret || *text == '\0'))
		return err_set(err, ERR_BAD_OPTIONS, "%s", must);
	if (must != NULL)
		return err_set(err, ERR_BAD_OPTIONS, "\"%s\" %s", text, must);
	if (row->kind == CONF_LIST)
		result = conf_list_add(conf_list_at(row, base), text);
	else
		result = set_string(row, base, text);
	return result == 0 ? 0 : err_set(err, ERR_INTERNAL, "out of memory");
}

static int
set_enum(const struct conf_row *row, void *base, const char *text,
    struct err *err)
{
	struct nearest near;
	size_t i;

	nearest_start(&near, text, strlen(text));
	for (i = 0; row->names[i] != NULL; i++) {
		if (strcmp(row->names[i], text) == 0) {
			*conf_number_at(row, base) = (int64_t)i;
			return 0;
		}
		nearest_try(&near, row->names[i]);
	}
	if (near.best != NULL)
		return err_set(err, ERR_BAD_OPTIONS,
		    "\"%s\" is not known; did you mean %s?", text, near.best);
	return err_set(err, ERR_BAD_OPTIONS, "\"%s\" is not known; it must be "
	    "one of %s to %s", text, row->names[0], row->names[i - 1]);
}

static int
read_int(const char *text, int64_t *out)
{
	return num_read_i64(text, strlen(text), out);
}

/* How the three kinds of amounts are read, written and described. */
static const struct amount {
	int (*read)(const char *text, int64_t *out);
	size_t (*put)(char out[NUM_TEXT_MAX], int64_t v);
	const char *like;
} amounts[CONF_KINDS] = {
	[CONF_INT] = { read_int, num_put_i64, "a whole number" },
	[CONF_DURATION] = { num_read_duration, num_put_duration,
	    "a duration like 300ms, 25s or 2min" },
	[CONF_SIZE] = { num_read_size, num_put_size,
	    "a size like 1000000, 64K or 100M" }
};

static int
set_amount(const struct conf_row *row, void *base, const char *text,
    struct err *err)
{
	const struct amount *a = &amounts[row->kind];
	char min[NUM_TEXT_MAX], max[NUM_TEXT_MAX];
	int64_t n;

	if (a->read(text, &n) == -1)
		return err_set(err, ERR_BAD_OPTIONS, "\"%s\" is not %s", text,
		    a->like);
	if (n < row->min || n > row->max) {
		a->put(min, row->min);
		a->put(max, row->max);
		return err_set(err, ERR_BAD_OPTIONS,
		    "%s is out of range: %s to %s%s%s", text, min, max,
		    row->unit == NULL ? "" : " ",
		    row->unit == NULL ? "" : row->unit);
	}
	*conf_number_at(row, base) = n;
	return 0;
}

int
conf_row_set(const struct conf_row *row, void *base, const char *text,
    struct err *err)
{
	if (amounts[row->kind].read != NULL)
		return set_amount(row, base, text, err);
	if (row->kind == CONF_ENUM)
		return set_enum(row, base, text, err);
	return set_text(row, base, text, err);
}

int
conf_rows_init(void *base, bool key)
{
	for (size_t i = 0; i < conf_table_rows; i++) {
		const struct conf_row *row = &conf_table[i];

		if (conf_row_of_key(row) == key && row->standard != NULL &&
		    conf_row_set(row, base, row->standard, NULL) == -1)
			return -1;
	}
	return 0;
}

void
conf_rows_fini(void *base, bool key)
{
	for (size_t i = 0; i < conf_table_rows; i++) {
		const struct conf_row *row = &conf_table[i];
		char **at;

		if (conf_row_of_key(row) != key)
			continue;
		if (row->kind == CONF_LIST)
			conf_list_fini(conf_list_at(row, base));
		if (row->kind != CONF_STRING && row->kind != CONF_PATH)
			continue;
		at = conf_string_at(row, base);
		if (row->secret && *at != NULL)
			explicit_bzero(*at, strlen(*at));
		free(*at);
		*at = NULL;
	}
}
