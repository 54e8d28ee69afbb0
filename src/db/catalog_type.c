/*
 * Types as they are declared, to Prisma's.  The words of @db are those that
 * Prisma has for the family; what is not in the tables is Unsupported, except
 * in SQLite, which takes any word and goes by the letters in it.
 */
#include "db/catalog_type.h"

#include <ctype.h>
#include <string.h>

#include "base/num.h"

/* The longest type that is looked up; longer ones are nobody's. */
#define NAME_MAX_BYTES 64

struct type_row {
	const char *declared;	/* without brackets, or with them if it has */
	enum scalar_type type;
	const char *native;	/* NULL: what @db would say goes unsaid */
	int nargs;		/* of @db, at most */
};

#define ROWS_END { NULL, SCALAR_UNSUPPORTED, NULL, 0 }

static const struct type_row sqlite_rows[] = {
	{ "", SCALAR_STRING, NULL, 0 },	/* the result of an expression */
	{ "int8", SCALAR_BIGINT, NULL, 0 },
	{ "bigint", SCALAR_BIGINT, NULL, 0 },
	{ "unsigned big int", SCALAR_BIGINT, NULL, 0 },
	{ "bool", SCALAR_BOOLEAN, NULL, 0 },
	{ "boolean", SCALAR_BOOLEAN, NULL, 0 },
	{ "bit", SCALAR_BOOLEAN, NULL, 0 },
	{ "year", SCALAR_INT, NULL, 0 },
	{ "num", SCALAR_DECIMAL, NULL, 0 },
	{ "numeric", SCALAR_DECIMAL, NULL, 0 },
	{ "decimal", SCALAR_DECIMAL, NULL, 0 },
	{ "money", SCALAR_DECIMAL, NULL, 0 },
	{ "date", SCALAR_DATETIME, NULL, 0 },
	{ "datetime", SCALAR_DATETIME, NULL, 0 },
	{ "timestamp", SCALAR_DATETIME, NULL, 0 },
	{ "time", SCALAR_STRING, NULL, 0 },
	{ "string", SCALAR_STRING, NULL, 0 },
	{ "uuid", SCALAR_STRING, NULL, 0 },
	{ "guid", SCALAR_STRING, NULL, 0 },
	{ "uniqueidentifier", SCALAR_STRING, NULL, 0 },
	{ "xml", SCALAR_STRING, NULL, 0 },
	{ "json", SCALAR_JSON, NULL, 0 },
	{ "jsonb", SCALAR_JSON, NULL, 0 },
	{ "binary", SCALAR_BYTES, NULL, 0 },
	{ "varbinary", SCALAR_BYTES, NULL, 0 },
	{ "image", SCALAR_BYTES, NULL, 0 },
	ROWS_END
};

/* Its rules of affinity: the first of these that is in the word decides. */
static const struct type_row sqlite_pieces[] = {
	{ "point", SCALAR_UNSUPPORTED, NULL, 0 },	/* has "int" in it */
	{ "int", SCALAR_INT, NULL, 0 },
	{ "char", SCALAR_STRING, NULL, 0 },
	{ "clob", SCALAR_STRING, NULL, 0 },
	{ "text", SCALAR_STRING, NULL, 0 },
	{ "blob", SCALAR_BYTES, NULL, 0 },
	{ "real", SCALAR_FLOAT, NULL, 0 },
	{ "floa", SCALAR_FLOAT, NULL, 0 },
	{ "doub", SCALAR_FLOAT, NULL, 0 },
	ROWS_END
};

static const struct type_row pg_rows[] = {
	{ "smallint", SCALAR_INT, "SmallInt", 0 },
	{ "integer", SCALAR_INT, NULL, 0 },
	{ "bigint", SCALAR_BIGINT, NULL, 0 },
	{ "oid", SCALAR_INT, "Oid", 0 },
	{ "boolean", SCALAR_BOOLEAN, NULL, 0 },
	{ "real", SCALAR_FLOAT, "Real", 0 },
	{ "double precision", SCALAR_FLOAT, NULL, 0 },
	{ "numeric", SCALAR_DECIMAL, "Decimal", 2 },
	{ "money", SCALAR_DECIMAL, "Money", 0 },
	{ "text", SCALAR_STRING, NULL, 0 },
	{ "character varying", SCALAR_STRING, "VarChar", 1 },
	{ "character", SCALAR_STRING, "Char", 1 },
	{ "citext", SCALAR_STRING, "Citext", 0 },
	{ "uuid", SCALAR_STRING, "Uuid", 0 },
	{ "inet", SCALAR_STRING, "Inet", 0 },
	{ "xml", SCALAR_STRING, "Xml", 0 },
	{ "bit", SCALAR_STRING, "Bit", 1 },
	{ "bit varying", SCALAR_STRING, "VarBit", 1 },
	{ "json", SCALAR_JSON, "Json", 0 },
	{ "jsonb", SCALAR_JSON, NULL, 0 },
	{ "bytea", SCALAR_BYTES, NULL, 0 },
	{ "date", SCALAR_DATETIME, "Date", 0 },
	{ "time without time zone", SCALAR_DATETIME, "Time", 1 },
	{ "time with time zone", SCALAR_DATETIME, "Timetz", 1 },
	{ "timestamp without time zone", SCALAR_DATETIME, "Timestamp", 1 },
	{ "timestamp with time zone", SCALAR_DATETIME, "Timestamptz", 1 },
	ROWS_END
};

static const struct type_row mariadb_rows[] = {
	{ "tinyint(1)", SCALAR_BOOLEAN, NULL, 0 },
	{ "tinyint", SCALAR_INT, "TinyInt", 0 },
	{ "tinyint unsigned", SCALAR_INT, "UnsignedTinyInt", 0 },
	{ "smallint", SCALAR_INT, "SmallInt", 0 },
	{ "smallint unsigned", SCALAR_INT, "UnsignedSmallInt", 0 },
	{ "mediumint", SCALAR_INT, "MediumInt", 0 },
	{ "mediumint unsigned", SCALAR_INT, "UnsignedMediumInt", 0 },
	{ "int", SCALAR_INT, NULL, 0 },
	{ "int unsigned", SCALAR_INT, "UnsignedInt", 0 },
	{ "bigint", SCALAR_BIGINT, NULL, 0 },
	{ "bigint unsigned", SCALAR_BIGINT, "UnsignedBigInt", 0 },
	{ "year", SCALAR_INT, "Year", 0 },
	{ "bit(1)", SCALAR_BOOLEAN, "Bit", 1 },
	{ "bit", SCALAR_BYTES, "Bit", 1 },
	{ "float", SCALAR_FLOAT, "Float", 0 },
	{ "float unsigned", SCALAR_FLOAT, "Float", 0 },
	{ "double", SCALAR_FLOAT, NULL, 0 },
	{ "double unsigned", SCALAR_FLOAT, NULL, 0 },
	{ "decimal", SCALAR_DECIMAL, "Decimal", 2 },
	{ "decimal unsigned", SCALAR_DECIMAL, "Decimal", 2 },
	{ "char", SCALAR_STRING, "Char", 1 },
	{ "varchar", SCALAR_STRING, "VarChar", 1 },
	{ "tinytext", SCALAR_STRING, "TinyText", 0 },
	{ "text", SCALAR_STRING, "Text", 0 },
	{ "mediumtext", SCALAR_STRING, "MediumText", 0 },
	{ "longtext", SCALAR_STRING, "LongText", 0 },
	{ "set", SCALAR_STRING, NULL, 0 },
	{ "uuid", SCALAR_STRING, NULL, 0 },
	{ "json", SCALAR_JSON, NULL, 0 },
	{ "binary", SCALAR_BYTES, "Binary", 1 },
	{ "varbinary", SCALAR_BYTES, "VarBinary", 1 },
	{ "tinyblob", SCALAR_BYTES, "TinyBlob", 0 },
	{ "blob", SCALAR_BYTES, "Blob", 0 },
	{ "mediumblob", SCALAR_BYTES, "MediumBlob", 0 },
	{ "longblob", SCALAR_BYTES, NULL, 0 },
	{ "date", SCALAR_DATETIME, "Date", 0 },
	{ "time", SCALAR_DATETIME, "Time", 1 },
	{ "datetime", SCALAR_DATETIME, "DateTime", 1 },
	{ "timestamp", SCALAR_DATETIME, "Timestamp", 1 },
	{ "enum", SCALAR_ENUM, NULL, 0 },
	ROWS_END
};

static const struct type_row sqlserver_rows[] = {
	{ "tinyint", SCALAR_INT, "TinyInt", 0 },
	{ "smallint", SCALAR_INT, "SmallInt", 0 },
	{ "int", SCALAR_INT, NULL, 0 },
	{ "bigint", SCALAR_BIGINT, NULL, 0 },
	{ "bit", SCALAR_BOOLEAN, NULL, 0 },
	{ "real", SCALAR_FLOAT, "Real", 0 },
	{ "float", SCALAR_FLOAT, NULL, 0 },
	{ "money", SCALAR_FLOAT, "Money", 0 },
	{ "smallmoney", SCALAR_FLOAT, "SmallMoney", 0 },
	{ "decimal", SCALAR_DECIMAL, "Decimal", 2 },
	{ "numeric", SCALAR_DECIMAL, "Decimal", 2 },
	{ "char", SCALAR_STRING, "Char", 1 },
	{ "varchar", SCALAR_STRING, "VarChar", 1 },
	{ "text", SCALAR_STRING, "Text", 0 },
	{ "nchar", SCALAR_STRING, "NChar", 1 },
	{ "nvarchar", SCALAR_STRING, "NVarChar", 1 },
	{ "ntext", SCALAR_STRING, "NText", 0 },
	{ "xml", SCALAR_STRING, "Xml", 0 },
	{ "uniqueidentifier", SCALAR_STRING, "UniqueIdentifier", 0 },
	{ "binary", SCALAR_BYTES, "Binary", 1 },
	{ "varbinary", SCALAR_BYTES, "VarBinary", 1 },
	{ "image", SCALAR_BYTES, "Image", 0 },
	{ "date", SCALAR_DATETIME, "Date", 0 },
	{ "time", SCALAR_DATETIME, "Time", 0 },
	{ "datetime", SCALAR_DATETIME, "DateTime", 0 },
	{ "datetime2", SCALAR_DATETIME, NULL, 0 },
	{ "smalldatetime", SCALAR_DATETIME, "SmallDateTime", 0 },
	{ "datetimeoffset", SCALAR_DATETIME, "DateTimeOffset", 0 },
	ROWS_END
};

static const struct type_row *const rows[DIALECTS] = {
	[DIALECT_SQLITE] = sqlite_rows,
	[DIALECT_POSTGRESQL] = pg_rows,
	[DIALECT_MARIADB] = mariadb_rows,
	[DIALECT_SQLSERVER] = sqlserver_rows,
};

/* A declared type, taken apart: in small letters, without its brackets. */
struct word {
	char name[NAME_MAX_BYTES];
	char whole[NAME_MAX_BYTES];	/* with its brackets */
	int args[2];
	bool list;
};

static void
put(char *out, char c)
{
	size_t len = strlen(out);

	if (len + 1 < NAME_MAX_BYTES && !(c == ' ' && (len == 0 ||
	    out[len - 1] == ' '))) {
		out[len] = c;
		out[len + 1] = '\0';
	}
}

static void
end_word(char *out, const char *tail)
{
	size_t len = strlen(out), cut = strlen(tail);

	while (len > 0 && out[len - 1] == ' ')
		out[--len] = '\0';
	if (len >= cut && strcmp(out + len - cut, tail) == 0)
		out[len - cut] = '\0';
}

/* "(18, 2)" at p; its end. */
static const char *
read_brackets(const char *p, struct word *w)
{
	size_t n = 0, len;
	int64_t number;

	for (p++; *p != '\0' && *p != ')'; p += len) {
		len = strspn(p, "0123456789");
		if (len > 0 && n < 2 && num_read_i64(p, len, &number) == 0 &&
		    number <= INT32_MAX)
			w->args[n++] = (int)number;
		if (len == 0)
			len = 1;
	}
	return *p == '\0' ? p : p + 1;
}

static void
take_apart(const char *declared, struct word *w)
{
	const char *p = declared;

	memset(w, 0, sizeof(*w));
	w->args[0] = w->args[1] = -1;
	for (; *p != '\0'; p++)
		put(w->whole, (char)tolower((unsigned char)*p));
	for (p = declared; *p != '\0';) {
		if (*p == '(') {
			p = read_brackets(p, w);
		} else if (strncmp(p, "[]", 2) == 0) {
			w->list = true;
			p += 2;
		} else {
			put(w->name, (char)tolower((unsigned char)*p++));
		}
	}
	end_word(w->name, " zerofill");
	end_word(w->name, "");
}

static const struct type_row *
find(const struct type_row *row, const char *name)
{
	while (row->declared != NULL && strcmp(row->declared, name) != 0)
		row++;
	return row;
}

static const struct type_row *
find_row(enum dialect_id id, const struct word *w)
{
	const struct type_row *row = find(rows[id], w->whole);

	if (row->declared == NULL)
		row = find(rows[id], w->name);
	if (row->declared != NULL || id != DIALECT_SQLITE)
		return row;
	for (row = sqlite_pieces; row->declared != NULL &&
	    strstr(w->name, row->declared) == NULL; row++)
		;
	return row;
}

int
catalog_type(struct catalog_column *c, enum dialect_id id, struct arena *arena)
{
	const struct type_row *row;
	struct word w;
	int told[2] = { c->native_args[0], c->native_args[1] };

	take_apart(c->declared, &w);
	row = find_row(id, &w);
	c->list = w.list;
	c->type = c->enumeration != NULL ? SCALAR_ENUM : row->type;
	c->native = c->enumeration != NULL ? NULL : row->native;
	c->native_max = c->native_max && row->nargs > 0;
	for (int i = 0; i < 2; i++) {
		c->native_args[i] = -1;
		if (i < row->nargs && !c->native_max)
			c->native_args[i] = told[i] != -1 ? told[i] :
			    w.args[i];
	}
	if (c->type == SCALAR_ENUM && c->enumeration == NULL)
		c->enumeration = catalog_type_enum(c->declared, arena);
	return c->type == SCALAR_ENUM && c->enumeration == NULL ? -1 : 0;
}

/* 'it''s' at p, which moves behind it. */
static const char *
read_value(const char **p, struct arena *arena)
{
	char *value = arena_text(arena, *p, strlen(*p)), *to = value;
	const char *from = *p + 1;

	if (value == NULL)
		return NULL;
	while (*from != '\0' && !(from[0] == '\'' && from[1] != '\'')) {
		from += *from == '\'';
		*to++ = *from++;
	}
	*to = '\0';
	*p = *from == '\0' ? from : from + 1;
	return value;
}

struct catalog_enum *
catalog_type_enum(const char *declared, struct arena *arena)
{
	struct catalog_enum *e = arena_get(arena, 1, sizeof(*e));
	const char *p = strchr(declared, '(');

	if (e == NULL || p == NULL)
		return NULL;
	/* Each value takes three bytes at least. */
	e->values = arena_get(arena, strlen(p) / 3 + 1, sizeof(*e->values));
	while (e->values != NULL && (p = strchr(p, '\'')) != NULL) {
		e->values[e->nvalues] = read_value(&p, arena);
		if (e->values[e->nvalues++] == NULL)
			return NULL;
	}
	return e->values == NULL ? NULL : e;
}
