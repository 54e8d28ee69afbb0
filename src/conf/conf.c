/* The life of a struct conf, and the list of what is wrong with it. */
#include "conf/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_table.h"

/* A sentence with two paths in it. */
#define FAULT_MAX (ERR_TEXT_MAX * 4)

int
conf_init(struct conf *c)
{
	memset(c, 0, sizeof(*c));
	c->lines = calloc(conf_table_rows, sizeof(*c->lines));
	if (c->lines != NULL && conf_rows_init(c, false) == 0)
		return 0;
	conf_fini(c);
	return -1;
}

static void
key_fini(struct conf_key *key)
{
	conf_rows_fini(key, true);
	free(key->name);
}

static void
file_fini(struct conf_file *f)
{
	free(f->name);
	free(f->path);
	free(f->text);
	conf_list_fini(&f->namespaces);
}

void
conf_files_free(struct conf_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++)
		file_fini(&files[i]);
	free(files);
}

void
conf_fini(struct conf *c)
{
	for (size_t i = 0; i < c->nkeys; i++)
		key_fini(&c->keys[i]);
	free(c->keys);
	conf_files_free(c->collectors, c->ncollectors);
	conf_files_free(c->bundle, c->nbundle);
	file_fini(&c->schema);
	conf_rows_fini(c, false);
	free(c->database.folder);
	free(c->lines);
	free(c->file);
	memset(c, 0, sizeof(*c));
}

bool
conf_list_has(const struct conf_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], "*") == 0 || strcmp(l->v[i], name) == 0)
			return true;
	return false;
}

const struct conf_key *
conf_key_by_name(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->nkeys; i++)
		if (strcmp(c->keys[i].name, name) == 0)
			return &c->keys[i];
	return NULL;
}

static __attribute__((format(printf, 4, 0))) void
add_line(struct conf_faults *f, const char *file, unsigned int line,
    const char *fmt, va_list ap)
{
	char text[FAULT_MAX], *whole;
	int n;

	vsnprintf(text, sizeof(text), fmt, ap);
	if (file == NULL)
		n = asprintf(&whole, "%s", text);
	else if (line == 0)
		n = asprintf(&whole, "%s: %s", file, text);
	else
		n = asprintf(&whole, "%s:%u: %s", file, line, text);
	if (n == -1)
		return;
	if (conf_list_add(&f->lines, whole) == -1)
		log_error("%s", whole);
	free(whole);
}

void
conf_fault(struct conf_faults *f, const char *file, unsigned int line,
    const char *fmt, ...)
{
	va_list ap;

	f->count++;
	va_start(ap, fmt);
	add_line(f, file, line, fmt, ap);
	va_end(ap);
}

void
conf_fault_at(struct conf_faults *f, const struct conf *c,
    const void *setting, const char *fmt, ...)
{
	va_list ap;

	f->count++;
	va_start(ap, fmt);
	add_line(f, c->file, conf_line(c, setting), fmt, ap);
	va_end(ap);
}

void
conf_refuse(struct conf_faults *f, const char *fmt, ...)
{
	va_list ap;

	f->refused++;
	va_start(ap, fmt);
	add_line(f, NULL, 0, fmt, ap);
	va_end(ap);
}

void
conf_faults_fini(struct conf_faults *f)
{
	conf_list_fini(&f->lines);
	f->count = 0;
	f->refused = 0;
}

unsigned int
conf_line(const struct conf *c, const void *setting)
{
	for (size_t i = 0; c->lines != NULL && i < conf_table_rows; i++)
		if (!conf_row_of_key(&conf_table[i]) &&
		    (const char *)c + conf_table[i].offset == setting)
			return c->lines[i];
	return 0;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_list(const struct conf_list *a, const struct conf_list *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = strcmp(a->v[i], b->v[i]) == 0;
	return same;
}

static bool
same_value(const struct conf_row *row, const struct conf *a,
    const struct conf *b)
{
	if (row->kind == CONF_LIST)
		return same_list(conf_list_at(row, a), conf_list_at(row, b));
	if (row->kind == CONF_STRING || row->kind == CONF_PATH)
		return same_text(*conf_string_at(row, a),
		    *conf_string_at(row, b));
	return *conf_number_at(row, a) == *conf_number_at(row, b);
}

void
conf_tell_fixed(const struct conf *was, const struct conf *is,
    void (*tell)(void *ctx, const char *name), void *ctx)
{
	char name[CONF_ROW_NAME_MAX];

	for (size_t i = 0; i < conf_table_rows; i++) {
		const struct conf_row *row = &conf_table[i];

		if (row->reloadable || conf_row_of_key(row) ||
		    same_value(row, was, is))
			continue;
		conf_row_name(row, name);
		tell(ctx, name);
	}
}
