/*
 * Fuzz target: .sql files, each in the way of one database.  The first byte
 * says which.  What is read has all its parameters declared, used and bound;
 * what is not is told why.
 */
#include "target.h"

#include "model/collector_source.h"
#include "model/sql_call.h"

static void
count(void *ctx, const char *line)
{
	require(strncmp(line, "f.sql:", 6) == 0);
	++*(size_t *)ctx;
}

/* Every "?" outside of quotes is a value of ours: there are enough. */
static void
check_text(const struct sql *sql)
{
	size_t marks = 0;

	for (size_t i = 0; i < sql->text.len; i++)
		marks += sql->text.data[i] == '?';
	require(marks >= sql->nparams);
	require(memchr(sql->text.data, '\0', sql->text.len) == NULL);
}

static void
check_call(const struct sql_file *f, const struct dialect *d)
{
	struct sql_call call;
	struct sql sql;
	struct err err;

	sql_init(&sql);
	if (sql_call_read(&call, f, "{\"take\":5,\"skip\":1}", 19, 8,
	    &err) == 0) {
		require(call.take == 5 && call.skip == 1);
		if (sql_call_write(&call, d, &sql, &err) == 0)
			check_text(&sql);
		else
			require(err.code == ERR_LIMIT);
	} else {
		require(err.code == ERR_BAD_OPTIONS);
	}
	sql_call_fini(&call);
	sql_fini(&sql);
}

static void
check_file(const struct sql_file *f)
{
	require(f->npieces > 0);
	for (size_t i = 0; i < f->npieces; i++)
		require((f->pieces[i].parameter == NULL) ==
		    (i + 1 == f->npieces));
	for (size_t i = 0; i < f->nparameters; i++)
		require(f->parameters[i].used);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dialect *d;
	struct collector_source source = { .name = "items", .path = "f.sql" };
	struct collector *c;
	size_t faults = 0;
	char *text;

	if (size == 0)
		return 0;
	d = dialect_by_id((enum dialect_id)(data[0] % DIALECTS));
	text = copy((const char *)data + 1, size - 1);
	source.text = text;
	source.len = size - 1;
	/* With its bit 7 the database is not known at load. */
	c = collector_source_read(NULL, data[0] & 0x80 ? NULL : d, &source,
	    count, &faults);
	free(text);
	require((c == NULL) == (faults > 0));
	if (c != NULL) {
		check_file(c->sql);
		check_call(c->sql, d);
	}
	collector_free(&c);
	return 0;
}
