/*
 * Values as a dialect wants them.  Those of a filter are of the schema's
 * types; those that were read from a row are as the database spelled them,
 * and mostly go back as they are.
 */
#include <math.h>
#include <string.h>

#include "base/num.h"
#include "model/json_time.h"
#include "model/sql_write.h"

/* "2024-01-02 03:04:05.678900+00" */
#define MOMENT_LEN 29
/* Of JSON's moment: the date, and the time without its zone. */
#define DATE_LEN 10
#define TIME_LEN 12
/* The most digits behind a point that MariaDB and SQL Server both have. */
#define SCALE_MAX 38

static struct value
text_value(struct sql_writer *w, const char *text, size_t len)
{
	struct value v = { .kind = VALUE_TEXT, .len = len };

	v.u.text = arena_text(&w->sql->arena, text, len);
	if (v.u.text == NULL) {
		sql_no_memory(w);
		v.len = 0;
	}
	return v;
}

static struct value
boolean_text(bool b)
{
	struct value v = { .kind = VALUE_TEXT, .len = b ? 4 : 5 };

	v.u.text = b ? "true" : "false";
	return v;
}

static struct value
float_text(struct sql_writer *w, double d)
{
	char text[NUM_TEXT_MAX];

	if (isnan(d))
		return text_value(w, "NaN", 3);
	if (!isfinite(d))
		return d > 0 ? text_value(w, "Infinity", 8) :
		    text_value(w, "-Infinity", 9);
	return text_value(w, text, num_put_double(text, d));
}

/* us before 1970 are negative: away from zero is the earlier millisecond. */
static int64_t
floor_ms(int64_t us)
{
	return us / 1000 - (us % 1000 < 0);
}

static struct value
moment_text(struct sql_writer *w, int64_t us, bool zoned)
{
	char iso[JSON_TIME_LEN], text[MOMENT_LEN];
	int64_t ms = floor_ms(us);
	int rest = (int)(us - ms * 1000);

	if (json_time_ms(iso, ms) == 0) {
		err_set(w->err, ERR_BAD_OPTIONS, "a moment that is not in the"
		    " years 1 to 9999");
		sql_refuse(w, ERR_BAD_OPTIONS);
		return (struct value){ .kind = VALUE_NULL };
	}
	memcpy(text, iso, DATE_LEN);
	text[DATE_LEN] = ' ';
	memcpy(text + DATE_LEN + 1, iso + DATE_LEN + 1, TIME_LEN);
	text[23] = (char)('0' + rest / 100);
	text[24] = (char)('0' + rest / 10 % 10);
	text[25] = (char)('0' + rest % 10);
	memcpy(text + 26, "+00", 3);
	return text_value(w, text, zoned ? MOMENT_LEN : MOMENT_LEN - 3);
}

/* Milliseconds, with a fraction when there is one. */
static struct value
moment_ms(int64_t us)
{
	struct value v = { .kind = VALUE_INT };

	if (us % 1000 == 0) {
		v.u.i = us / 1000;
		return v;
	}
	v.kind = VALUE_FLOAT;
	v.u.f = (double)us / 1000;
	return v;
}

struct value
sql_form(struct sql_writer *w, const struct schema_field *f,
    const struct value *v)
{
	enum dialect_form form = w->dialect->types[f->type].form;

	if (v->kind == VALUE_FLOAT)
		return form == DIALECT_FORM_FLOAT_TEXT ?
		    float_text(w, v->u.f) : *v;
	if (v->kind != VALUE_INT)
		return *v;
	switch (form) {
	case DIALECT_FORM_BOOLEAN_TEXT:
		return boolean_text(v->u.i != 0);
	case DIALECT_FORM_MOMENT_MS:
		return moment_ms(v->u.i);
	case DIALECT_FORM_MOMENT_TEXT:
		return moment_text(w, v->u.i, false);
	case DIALECT_FORM_MOMENT_ZONED:
		return moment_text(w, v->u.i, true);
	case DIALECT_FORM_PLAIN:
	case DIALECT_FORM_FLOAT_TEXT:
		break;
	}
	return *v;
}

/* Digits behind the point of a number in text. */
static size_t
scale_of(const struct value *v)
{
	const char *point;
	size_t scale;

	if (v->kind != VALUE_TEXT || v->len == 0)
		return 0;
	point = memchr(v->u.text, '.', v->len);
	if (point == NULL)
		return 0;
	scale = (size_t)(v->u.text + v->len - point - 1);
	return scale < SCALE_MAX ? scale : SCALE_MAX;
}

static void
put_param(struct sql_writer *w, const struct schema_field *f,
    const struct value *v)
{
	const char *template = dialect_value(w->dialect, f, v), *p;

	sql_param(w, v);
	if (template == NULL) {
		sql_put(w, "?");
		return;
	}
	p = strchr(template, '#');
	if (p == NULL) {
		sql_put(w, template);
		return;
	}
	if (buf_put(&w->sql->text, template, (size_t)(p - template)) != 0)
		sql_no_memory(w);
	sql_put_number(w, "", scale_of(v));
	sql_put(w, p + 1);
}

void
sql_put_value(struct sql_writer *w, const struct schema_field *f,
    const struct value *v)
{
	struct value given = sql_form(w, f, v);

	put_param(w, f, &given);
}

/* A text as the number that its column is ordered by. */
static struct value
read_ms(const struct value *v)
{
	struct value ms = { .kind = VALUE_INT };
	char text[JSON_TIME_LEN];

	if (v->kind != VALUE_TEXT || json_time_text(text, v->u.text,
	    v->len) == 0 || json_time_read(text, sizeof(text), &ms.u.i) != 0)
		return *v;
	ms.u.i /= 1000;
	return ms;
}

struct value
sql_read(struct sql_writer *w, const struct schema_field *f,
    const struct value *v)
{
	/* Moments are read as text, or as the integers that they are. */
	if (f->type != SCALAR_DATETIME)
		return sql_form(w, f, v);
	return w->dialect->types[f->type].form == DIALECT_FORM_MOMENT_MS ?
	    read_ms(v) : *v;
}

void
sql_put_read(struct sql_writer *w, const struct schema_field *f,
    const struct value *v)
{
	struct value given = sql_read(w, f, v);

	put_param(w, f, &given);
}
