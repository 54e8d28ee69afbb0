/* The table of dialects; why a figure is what it is stands beside it. */
#include "model/dialect.h"

#include <assert.h>
#include <string.h>

/*
 * No driver takes more than this safely: SQL Server refuses 2,100, and
 * PostgreSQL's driver corrupts its heap at 65,535.
 */
#define PARAMETERS_MAX 2000

/* Of a function, in SQLite and in PostgreSQL. */
#define ARGUMENTS_MAX 100

/* Of a SELECT and of a record in PostgreSQL. */
#define COLUMNS_MAX 1600

/* SQLite's driver makes text of all values, with 15 digits. */
#define SQLITE_READ DIALECT_SQLITE_REAL "(@)"

/*
 * Its files hold moments as text with a zone or as milliseconds.  A Julian day
 * is a double whose last bit is less than 0.1 ms.
 */
#define SQLITE_MOMENT \
	"CASE typeof(@) WHEN 'text' THEN CAST(round((julianday(@) - " \
	"2440587.5) * 86400000) AS INTEGER) ELSE CAST(@ AS INTEGER) END"

#define SQLITE_JSON "CASE WHEN json_valid(@) THEN json(@) ELSE @ END"

/*
 * DISTINCT, and UNION, make a table with an index of the list, which is not
 * searched from its begin for each row then.
 */
#define MARIADB_LIST(type) \
	"@ IN (SELECT v FROM (SELECT DISTINCT j AS v FROM " \
	"JSON_TABLE(?, '$[*]' COLUMNS (j " type " PATH '$')) l) m)"

/*
 * A text of the list must give way to the column's collation: what
 * JSON_UNQUOTE makes does so, what JSON_TABLE makes does not.  With no row of
 * the column before it, the list has its collation.  Long text has no index.
 */
#define MARIADB_TEXT "LONGTEXT CHARACTER SET utf8mb4"
#define MARIADB_TEXTS \
	"FROM JSON_TABLE(?, '$[*]' COLUMNS (j " MARIADB_TEXT " PATH '$')) l"
#define MARIADB_INTEGERS MARIADB_LIST("BIGINT")

#define SQLSERVER_LIST(type) \
	"@ IN (SELECT v FROM OPENJSON(?) WITH (v " type " '$'))"
#define SQLSERVER_INTEGERS SQLSERVER_LIST("bigint")
#define SQLSERVER_APART "CAST(@ AS varbinary(max))"

static const struct dialect_native no_natives[] = {
	{ SCALAR_TYPES, NULL, NULL, NULL, NULL },
};

static const struct dialect_native mariadb_natives[] = {
	{ SCALAR_FLOAT, "Float", "CAST(? AS FLOAT)", NULL, NULL },
	{ SCALAR_DATETIME, "Date", "CAST(? AS DATE)", NULL, NULL },
	{ SCALAR_DATETIME, "Time", "CAST(? AS TIME(6))", NULL, NULL },
	{ SCALAR_TYPES, NULL, NULL, NULL, NULL },
};

static const struct dialect_native sqlserver_natives[] = {
	{ SCALAR_FLOAT, "Real", "CAST(? AS real)", NULL, NULL },
	{ SCALAR_DATETIME, "Date", "CAST(? AS date)", NULL, NULL },
	{ SCALAR_DATETIME, "Time", "CAST(? AS time(7))", NULL, NULL },
	/* Its ticks of 1/300 s are no decimal fractions. */
	{ SCALAR_DATETIME, "DateTime",
	    "CAST(CAST(? AS datetime2(7)) AS datetime)",
	    "1753-01-01", "9999-12-31 23:59:59.998" },
	{ SCALAR_DATETIME, "DateTimeOffset",
	    "CAST(? AS datetimeoffset(7))", NULL, NULL },
	{ SCALAR_TYPES, NULL, NULL, NULL, NULL },
};

static const struct dialect dialects[] = {
	[DIALECT_SQLITE] = {
		.id = DIALECT_SQLITE,
		.name = "sqlite",
		.quote_open = '"',
		.quote_close = '"',
		.schemas = false,	/* a file is one schema */
		.nulls_syntax = true,
		.limit = DIALECT_LIMIT_END,
		.types = {
			[SCALAR_STRING] = { .apart = "@ COLLATE BINARY" },
			[SCALAR_ENUM] = { .apart = "@ COLLATE BINARY" },
			[SCALAR_FLOAT] = { .read = SQLITE_READ },
			/* The cast makes numbers of both sides. */
			[SCALAR_DECIMAL] = {
				.read = SQLITE_READ,
				.value = "CAST(? AS NUMERIC)",
				.list = "@ IN (SELECT CAST(value AS NUMERIC)"
				    " FROM json_each(?))",
			},
			[SCALAR_DATETIME] = {
				.compared = SQLITE_MOMENT,
				.ordered = SQLITE_MOMENT,
				.apart = SQLITE_MOMENT,
				.form = DIALECT_FORM_MOMENT_MS,
			},
			[SCALAR_JSON] = {
				.compared = SQLITE_JSON,
				.value = "json(?)",
			},
			[SCALAR_BYTES] = {
				.list = "hex(@) IN "
				    "(SELECT value FROM json_each(?))",
			},
		},
		.natives = no_natives,
		.list = "@ IN (SELECT value FROM json_each(?))",
		.keys_are_listed = true,
		.like = "@ LIKE ? ESCAPE '!'",
		.like_special = "!%_",
		.parameters_max = PARAMETERS_MAX,
		.statements_open = 0,
		.pack_columns = DIALECT_SQLITE_ROW,
		.packs = {
			[DIALECT_ROWS] = { .columns_max = ARGUMENTS_MAX - 1 },
		},
		.streams = true,
		.streams_bare = true,
	},
	[DIALECT_POSTGRESQL] = {
		.id = DIALECT_POSTGRESQL,
		.name = "postgresql",
		.quote_open = '"',
		.quote_close = '"',
		.schemas = true,
		.nulls_high = true,
		.nulls_syntax = true,
		.lists_are_arrays = true,
		.limit = DIALECT_LIMIT_END,
		/* Text without a type becomes what it is beside. */
		.types = {
			[SCALAR_BOOLEAN] = {
				.form = DIALECT_FORM_BOOLEAN_TEXT,
			},
			[SCALAR_FLOAT] = { .form = DIALECT_FORM_FLOAT_TEXT },
			/*
			 * The driver takes a moment apart and spells it
			 * again, which costs five times what a text does.
			 */
			[SCALAR_DATETIME] = {
				.read = "CAST(@ AS text)",
				.form = DIALECT_FORM_MOMENT_ZONED,
			},
			/* json, unlike jsonb, has no "=". */
			[SCALAR_JSON] = {
				.compared = "CAST(@ AS jsonb)",
				.ordered = "CAST(@ AS jsonb)",
				.apart = "CAST(@ AS jsonb)",
				.value = "CAST(? AS jsonb)",
				.list = "@ = ANY(CAST(? AS jsonb[]))",
			},
		},
		.natives = no_natives,
		.list = "@ = ANY(?)",
		.keys_are_listed = true,
		.like = "CAST(@ AS text) LIKE ? ESCAPE '!'",
		.like_special = "!%_",
		.fold = "LOWER(CAST(@ AS text))",
		.fold_like = "CAST(@ AS text) ILIKE ? ESCAPE '!'",
		.fold_list = "LOWER(CAST(@ AS text)) IN (SELECT LOWER(v) "
		    "FROM unnest(CAST(? AS text[])) v)",
		.parameters_max = PARAMETERS_MAX,
		/* Of more rows, their own cost is larger than a plan's. */
		.limit_written = 1000,
		.statements_open = 0,
		.packs = {
			[DIALECT_ROWS] = {
				COLUMNS_MAX,
				"SELECT ROW(r.*)::text FROM (", ") r"
			},
			[DIALECT_PAGE] = {
				COLUMNS_MAX,
				"SELECT string_agg(ROW(r.*)::text, '') FROM (",
				") r"
			},
			/*
			 * Spelled by the same functions as a record's, with
			 * DIALECT_FIELD_END and DIALECT_ROW_END between them.
			 */
			[DIALECT_FIELDS] = {
				ARGUMENTS_MAX - 1,
				"SELECT string_agg(concat_ws(E'\\x16', @), "
				    "E'\\x17') FILTER (WHERE ROW(r.*) IS NOT "
				    "NULL), count(*) FROM (",
				") r(@)"
			},
		},
		.streams = false,	/* the driver holds the whole result */
	},
	[DIALECT_MARIADB] = {
		.id = DIALECT_MARIADB,
		.name = "mariadb",
		.quote_open = '`',
		.quote_close = '`',
		.schemas = true,
		.limit = DIALECT_LIMIT_END,
		.types = {
			[SCALAR_STRING] = { .apart = "CAST(@ AS BINARY)" },
			/* Ordered by number, but compared as text. */
			[SCALAR_ENUM] = {
				.ordered = "CAST(@ AS CHAR)",
				.apart = "CAST(@ AS CHAR)",
			},
			[SCALAR_BOOLEAN] = { .list = MARIADB_INTEGERS },
			[SCALAR_INT] = { .list = MARIADB_INTEGERS },
			[SCALAR_BIGINT] = { .list = MARIADB_INTEGERS },
			[SCALAR_FLOAT] = {
				.list = MARIADB_LIST("DOUBLE"),
			},
			/* Beside a text it would become a double. */
			[SCALAR_DECIMAL] = {
				.value = "CAST(? AS DECIMAL(65,#))",
				.list = MARIADB_LIST("DECIMAL(65,30)"),
			},
			/* As with PostgreSQL's driver. */
			[SCALAR_DATETIME] = {
				.read = "CAST(@ AS CHAR)",
				.list = MARIADB_LIST("DATETIME(6)"),
				.form = DIALECT_FORM_MOMENT_TEXT,
			},
			[SCALAR_JSON] = {
				.compared = "JSON_NORMALIZE(@)",
				.value = "JSON_NORMALIZE(?)",
				.list = "@ IN (SELECT JSON_NORMALIZE(j) "
				    MARIADB_TEXTS ")",
			},
			[SCALAR_BYTES] = {
				.list = "HEX(@) IN (SELECT j "
				    MARIADB_TEXTS ")",
			},
		},
		.natives = mariadb_natives,
		.list = "@ IN (SELECT JSON_UNQUOTE(JSON_QUOTE(j)) "
		    MARIADB_TEXTS ")",
		.list_short = "@ IN (SELECT v FROM (SELECT LEFT(@,190) AS v "
		    "FROM ~ WHERE 1=0 UNION "
		    "SELECT LEFT(JSON_UNQUOTE(JSON_QUOTE(j)),190) "
		    MARIADB_TEXTS ") m)",
		.like = "@ LIKE ? ESCAPE '!'",
		.like_special = "!%_",
		.parameters_max = PARAMETERS_MAX,
		.statements_open = 0,
		.streams = false,	/* the driver holds the whole result */
	},
	[DIALECT_SQLSERVER] = {
		.id = DIALECT_SQLSERVER,
		.name = "sqlserver",
		.quote_open = '[',
		.quote_close = ']',
		.schemas = true,
		.limit = DIALECT_LIMIT_TOP,
		.types = {
			[SCALAR_STRING] = { .apart = SQLSERVER_APART },
			[SCALAR_ENUM] = { .apart = SQLSERVER_APART },
			[SCALAR_BOOLEAN] = { .list = SQLSERVER_INTEGERS },
			[SCALAR_INT] = { .list = SQLSERVER_INTEGERS },
			[SCALAR_BIGINT] = { .list = SQLSERVER_INTEGERS },
			[SCALAR_FLOAT] = { .list = SQLSERVER_LIST("float") },
			/* Beside a text it would round this to its scale. */
			[SCALAR_DECIMAL] = {
				.value = "CAST(? AS decimal(38,#))",
				.list = SQLSERVER_LIST("decimal(38,10)"),
			},
			[SCALAR_DATETIME] = {
				.value = "CAST(? AS datetime2(7))",
				.list = SQLSERVER_LIST("datetime2(7)"),
				.form = DIALECT_FORM_MOMENT_TEXT,
			},
			[SCALAR_BYTES] = {
				.list = "CONVERT(varchar(max), @, 2) IN "
				    "(SELECT v FROM OPENJSON(?) WITH "
				    "(v varchar(max) '$'))",
			},
		},
		.natives = sqlserver_natives,
		.list = SQLSERVER_LIST("nvarchar(max)"),
		.like = "@ LIKE ? ESCAPE '!'",
		.like_special = "!%_[",
		.parameters_max = PARAMETERS_MAX,
		.statements_open = 1,	/* no MARS through FreeTDS */
		.streams = true,
	},
};

static_assert(sizeof(dialects) / sizeof(*dialects) == DIALECTS,
    "a row for each dialect");

/* A FLOAT of more bits than this is a double everywhere. */
#define SINGLE_BITS 24

const struct dialect *
dialect_by_id(enum dialect_id id)
{
	return &dialects[id];
}

static int
compare(const struct value *v, const char *text)
{
	size_t len = strlen(text);
	int order = memcmp(v->u.text, text, v->len < len ? v->len : len);

	return order != 0 ? order : v->len < len ? -1 : v->len > len;
}

/* A conversion that would fail is not asked for. */
static bool
can_hold(const struct dialect_native *n, const struct value *v)
{
	return n->from == NULL || v->kind != VALUE_TEXT ||
	    (compare(v, n->from) >= 0 && compare(v, n->to) < 0);
}

const char *
dialect_value(const struct dialect *d, const struct schema_field *f,
    const struct value *v)
{
	const struct dialect_native *n = d->natives;

	for (; f->native != NULL && n->native != NULL; n++)
		if (n->type == f->type && strcmp(n->native, f->native) == 0 &&
		    f->native_args[0] <= SINGLE_BITS && can_hold(n, v))
			return n->value;
	return d->types[f->type].value;
}

char
dialect_pack_letter(enum scalar_type type)
{
	switch (type) {
	case SCALAR_BOOLEAN:
	case SCALAR_INT:
	case SCALAR_BIGINT:
	case SCALAR_DATETIME:
		return 'i';
	case SCALAR_FLOAT:
		return 'f';
	case SCALAR_DECIMAL:
		return 'd';
	default:
		return 't';
	}
}
