/*
 * What a database is asked: the file's text with a "?" for each value, or a
 * function that SQLite calls for it.  Each says its type where the database
 * would have to guess it.
 */
#include "model/sql_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "model/json_time.h"
#include "model/plan.h"

/* A moment with microseconds and zone, and room for more. */
#define MOMENT_MAX 40

/*
 * How a value of each type stands in the text; NULL = "?".  PostgreSQL knows
 * no type of a parameter that stands beside nothing typed.
 */
static const char *const marks[DIALECTS][SCALAR_TYPES] = {
	[DIALECT_SQLITE] = {
		[SCALAR_DECIMAL] = "CAST(? AS NUMERIC)",
	},
	[DIALECT_POSTGRESQL] = {
		[SCALAR_STRING] = "CAST(? AS text)",
		[SCALAR_BOOLEAN] = "CAST(? AS boolean)",
		[SCALAR_INT] = "CAST(? AS integer)",
		[SCALAR_BIGINT] = "CAST(? AS bigint)",
		[SCALAR_FLOAT] = "CAST(? AS double precision)",
		[SCALAR_DECIMAL] = "CAST(? AS numeric)",
		[SCALAR_DATETIME] = "CAST(? AS timestamptz)",
	},
	[DIALECT_MARIADB] = {
		[SCALAR_DECIMAL] = "CAST(? AS DECIMAL(65,30))",
		[SCALAR_DATETIME] = "CAST(? AS DATETIME(6))",
	},
	[DIALECT_SQLSERVER] = {
		[SCALAR_INT] = "CAST(? AS int)",
		[SCALAR_DECIMAL] = "CAST(? AS decimal(38,10))",
		[SCALAR_DATETIME] = "CAST(? AS datetime2(7))",
	},
};

/* Date, what is between, time to the millisecond, microseconds, zone. */
static const struct {
	const char *between, *zone;
	bool micro;
} moments[DIALECTS] = {
	/* As Prisma writes them into its files. */
	[DIALECT_SQLITE] = { "T", "+00:00", false },
	[DIALECT_POSTGRESQL] = { " ", "+00", true },
	[DIALECT_MARIADB] = { " ", "", true },
	[DIALECT_SQLSERVER] = { "T", "", true },
};

struct writer {
	const struct dialect *d;
	struct sql *sql;
	struct err *err;
};

static int
no_memory(struct writer *w)
{
	return err_set(w->err, ERR_INTERNAL, "out of memory");
}

static int
set_text(struct writer *w, struct value *v, const char *text, size_t len)
{
	v->kind = VALUE_TEXT;
	v->len = len;
	v->u.text = arena_text(&w->sql->arena, text, len);
	return v->u.text == NULL ? no_memory(w) : 0;
}

static int
set_moment(struct writer *w, struct value *v)
{
	char ms[JSON_TIME_LEN], text[MOMENT_MAX], micro[4] = "";
	int64_t us = v->u.i, rest = us % 1000 + (us % 1000 < 0 ? 1000 : 0);
	int len;

	if (json_time_ms(ms, (us - rest) / 1000) == 0)
		return err_set(w->err, ERR_INTERNAL, "no moment");
	if (moments[w->d->id].micro)
		(void)snprintf(micro, sizeof(micro), "%03u", (unsigned)rest);
	len = snprintf(text, sizeof(text), "%.10s%s%.12s%s%s", ms,
	    moments[w->d->id].between, ms + 11, micro,
	    moments[w->d->id].zone);
	return set_text(w, v, text, (size_t)len);
}

/* In the form that goes through the driver unharmed. */
static int
convert(struct writer *w, enum scalar_type type, struct value *v)
{
	char number[NUM_TEXT_MAX];
	const char *word;

	if (v->kind == VALUE_NULL)
		return 0;
	if (type == SCALAR_DATETIME)
		return set_moment(w, v);
	if (w->d->id != DIALECT_POSTGRESQL)
		return 0;
	if (type == SCALAR_FLOAT)
		return set_text(w, v, number, num_put_double(number, v->u.f));
	if (type != SCALAR_BOOLEAN)
		return 0;
	word = v->u.i != 0 ? "true" : "false";
	return set_text(w, v, word, strlen(word));
}

/* Room for one more value; NULL when there is no memory. */
static struct value *
add_value(struct sql *sql)
{
	struct value *grown;

	if (sql->nparams == sql->size) {
		grown = reallocarray(sql->params, sql->size * 2 + 8,
		    sizeof(*grown));
		if (grown == NULL)
			return NULL;
		sql->params = grown;
		sql->size = sql->size * 2 + 8;
	}
	return &sql->params[sql->nparams++];
}

static int
put_value(struct writer *w, enum scalar_type type, const struct value *v)
{
	struct value *to;

	if (w->sql->nparams == w->d->parameters_max)
		return err_set(w->err, ERR_LIMIT, "the parameters have more "
		    "than %zu values together", w->d->parameters_max);
	to = add_value(w->sql);
	if (to == NULL)
		return no_memory(w);
	*to = *v;
	return convert(w, type, to);
}

/*
 * Lists are filled up with their last value to a power of two, so that few
 * texts are prepared.
 */
static size_t
padded(size_t n, size_t max)
{
	size_t size = 1;

	while (size < n)
		size *= 2;
	return size > max ? n : size;
}

/* In the place of the value that is put next. */
static int
put_mark(struct writer *w, enum scalar_type type)
{
	struct buf *text = &w->sql->text;
	const char *mark = marks[w->d->id][type];
	size_t before;

	if (mark == NULL)
		mark = "?";
	if (w->d->id != DIALECT_SQLITE)
		return buf_puts(text, mark);
	before = strcspn(mark, "?");
	if (buf_put(text, mark, before) != 0 ||
	    buf_printf(text, DIALECT_SQLITE_VALUE "(%zu)",
	    w->sql->nparams) != 0)
		return -1;
	return buf_puts(text, mark + before + 1);
}

static int
put_argument(struct writer *w, const struct sql_parameter *p,
    const struct sql_argument *a)
{
	size_t n = padded(a->n, w->d->parameters_max - w->sql->nparams);

	for (size_t i = 0; i < n; i++)
		if ((i > 0 && buf_puts(&w->sql->text, ", ") != 0) ||
		    put_mark(w, p->field.type) != 0)
			return no_memory(w);
		else if (put_value(w, p->field.type,
		    &a->values[i < a->n ? i : a->n - 1]) != 0)
			return -1;
	return 0;
}

int
sql_call_write(const struct sql_call *c, const struct dialect *d,
    struct sql *sql, struct err *err)
{
	struct writer w = { .d = d, .sql = sql, .err = err };
	const struct sql_file *f = c->file;

	for (size_t i = 0; i < f->npieces; i++) {
		const struct sql_piece *piece = &f->pieces[i];

		if (buf_put(&sql->text, piece->text, piece->len) != 0)
			return no_memory(&w);
		if (piece->parameter != NULL && put_argument(&w,
		    piece->parameter,
		    &c->arguments[piece->parameter - f->parameters]) != 0)
			return -1;
	}
	return 0;
}

bool
sql_call_pages(const struct sql_call *c, const struct dialect *d)
{
	return !d->streams && !c->file->limited;
}

/* Numbers above the 63 bits mean all rows, too. */
static int
put_count(struct sql *sql, uint64_t n)
{
	struct value *to = add_value(sql);

	if (to == NULL)
		return -1;
	to->kind = VALUE_INT;
	to->u.i = n > INT64_MAX ? INT64_MAX : (int64_t)n;
	return 0;
}

int
sql_call_write_page(const struct sql_call *c, uint64_t max_rows,
    struct sql *sql, struct err *err)
{
	uint64_t take = c->take;

	if (max_rows > 0 && max_rows < take)
		take = max_rows + 1;
	if (take == PLAN_ALL && c->skip == 0)
		return 0;
	if (buf_puts(&sql->text, "\nLIMIT ? OFFSET ?") != 0 ||
	    put_count(sql, take) != 0 || put_count(sql, c->skip) != 0)
		return err_set(err, ERR_INTERNAL, "out of memory");
	return 0;
}
