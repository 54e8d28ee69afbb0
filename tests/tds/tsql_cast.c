/* CAST to the types of SQL Server, and what a value of a column looks like. */
#include "tsql.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct type {
	char name[24];
	int args[2];		/* -1 = not given, or max */
};

static void
read_type(const char *s, struct type *out)
{
	size_t n = strcspn(s, "(");
	const char *comma = strchr(s, ',');

	snprintf(out->name, sizeof(out->name), "%.*s", (int)n, s);
	out->args[0] = s[n] == '(' && isdigit((unsigned char)s[n + 1]) ?
	    atoi(s + n + 1) : -1;
	out->args[1] = comma != NULL ? atoi(comma + 1) : -1;
}

static void
fail(sqlite3_context *c, const char *what)
{
	sqlite3_result_error(c, what, -1);
}

static void
to_integer(sqlite3_context *c, sqlite3_value *v, const struct type *t)
{
	size_t len;
	const char *s;
	char *end;

	(void)t;
	if (sqlite3_value_type(v) != SQLITE_TEXT) {
		sqlite3_result_int64(c, sqlite3_value_int64(v));
		return;
	}
	s = tsql_text(v, &len);
	sqlite3_result_int64(c, strtoll(s, &end, 10));
	if (end != s + len)
		fail(c, "245|Conversion failed when converting the nvarchar "
		    "value to data type int.");
}

static void
to_bit(sqlite3_context *c, sqlite3_value *v, const struct type *t)
{
	const char *s = (const char *)sqlite3_value_text(v);

	(void)t;
	sqlite3_result_int(c, sqlite3_value_double(v) != 0 ||
	    (s != NULL && sqlite3_stricmp(s, "true") == 0));
}

static void
to_float(sqlite3_context *c, sqlite3_value *v, const struct type *t)
{
	double d = sqlite3_value_double(v);

	if (strcmp(t->name, "real") == 0 || (t->args[0] > 0 &&
	    t->args[0] < 25))
		d = (double)(float)d;
	sqlite3_result_double(c, d);
}

static void
to_decimal(sqlite3_context *c, sqlite3_value *v, const struct type *t)
{
	bool money = strstr(t->name, "money") != NULL;
	int precision = t->args[0] < 0 ? money ? 19 : 18 : t->args[0];
	struct tsql_decimal d;
	char out[TSQL_DIGITS_MAX * 2];
	size_t len;
	const char *s = tsql_text(v, &len);

	if (tsql_decimal_read(s, len, &d) != 0) {
		fail(c, "8114|Error converting data type nvarchar to numeric.");
		return;
	}
	if (tsql_decimal_rescale(&d, money ? 4 : t->args[1] < 0 ? 0 :
	    t->args[1]) != 0 || d.len > precision) {
		fail(c, "8115|Arithmetic overflow error converting nvarchar "
		    "to data type numeric.");
		return;
	}
	tsql_decimal_write(&d, out);
	sqlite3_result_text(c, out, -1, SQLITE_TRANSIENT);
}

static void
to_text(sqlite3_context *c, sqlite3_value *v, const struct type *t)
{
	bool padded = strcmp(t->name, "char") == 0 ||
	    strcmp(t->name, "nchar") == 0;
	size_t len, end;
	const char *s = tsql_text(v, &len);
	int n;

	end = tsql_units(s, len, t->args[0], &n);
	if (!padded || n >= t->args[0]) {
		sqlite3_result_text(c, s, (int)end, SQLITE_TRANSIENT);
		return;
	}
	char *out = sqlite3_mprintf("%.*s%*s", (int)end, s, t->args[0] - n, "");

	sqlite3_result_text(c, out, -1, sqlite3_free);
}

static void
to_binary(sqlite3_context *c, sqlite3_value *v, const struct type *t)
{
	int len = sqlite3_value_bytes(v), size = len;
	char *out;

	if (t->args[0] >= 0 && (len > t->args[0] ||
	    strcmp(t->name, "binary") == 0))
		size = t->args[0];
	out = calloc(1, (size_t)size + 1);
	if (out == NULL) {
		sqlite3_result_error_nomem(c);
		return;
	}
	/* Empty bytes have no address. */
	if (len > 0)
		memcpy(out, sqlite3_value_blob(v),
		    (size_t)(len < size ? len : size));
	sqlite3_result_blob(c, out, size, free);
}

static void
to_time(sqlite3_context *c, sqlite3_value *v, const struct type *t)
{
	struct tsql_time time;
	char out[40];
	size_t len;
	const char *s = tsql_text(v, &len);

	if (tsql_time_read(s, len, &time) != 0) {
		fail(c, "241|Conversion failed when converting date and/or "
		    "time from character string.");
		return;
	}
	tsql_time_write(&time, t->name, t->args[0], out);
	sqlite3_result_text(c, out, -1, SQLITE_TRANSIENT);
}

/* Groups and a length, in upper case. */
static void
to_guid(sqlite3_context *c, sqlite3_value *v, const struct type *t)
{
	char out[37];
	size_t len;
	const char *s = tsql_text(v, &len);

	(void)t;
	for (size_t i = 0; i < len && i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			len = 0;
		else
			out[i] = (char)toupper((unsigned char)s[i]);
	}
	if (len < 36)
		fail(c, "8169|Conversion failed when converting from a "
		    "character string to uniqueidentifier.");
	else
		sqlite3_result_text(c, out, 36, SQLITE_TRANSIENT);
}

static const struct {
	const char *name;
	void (*convert)(sqlite3_context *c, sqlite3_value *v,
	    const struct type *t);
} conversions[] = {
	{ "bit", to_bit },
	{ "tinyint", to_integer }, { "smallint", to_integer },
	{ "int", to_integer }, { "bigint", to_integer },
	{ "float", to_float }, { "real", to_float },
	{ "decimal", to_decimal }, { "numeric", to_decimal },
	{ "money", to_decimal }, { "smallmoney", to_decimal },
	{ "char", to_text }, { "varchar", to_text }, { "text", to_text },
	{ "nchar", to_text }, { "nvarchar", to_text }, { "ntext", to_text },
	{ "sysname", to_text }, { "xml", to_text },
	{ "binary", to_binary }, { "varbinary", to_binary },
	{ "image", to_binary },
	{ "date", to_time }, { "time", to_time }, { "datetime", to_time },
	{ "smalldatetime", to_time }, { "datetime2", to_time },
	{ "datetimeoffset", to_time },
	{ "uniqueidentifier", to_guid },
};

/* tsql_cast(value, 'decimal(38,10)') */
void
tsql_cast(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct type t;

	(void)n;
	if (sqlite3_value_type(v[0]) == SQLITE_NULL)
		return;
	read_type((const char *)sqlite3_value_text(v[1]), &t);
	for (size_t i = 0; i < sizeof(conversions) / sizeof(*conversions); i++)
		if (strcmp(conversions[i].name, t.name) == 0) {
			conversions[i].convert(c, v[0], &t);
			return;
		}
	fail(c, "243|Type is not a defined system type.");
}
