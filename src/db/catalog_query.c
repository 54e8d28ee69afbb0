/*
 * The SELECTs.  They take what the login may read, and leave out what the
 * database or an extension keeps for itself.
 */
#include "db/catalog_query.h"

const char *const catalog_shapes[CATALOG_PARTS] = {
	[CATALOG_HERE] = "s",
	[CATALOG_TABLES] = "ssi",
	[CATALOG_ENUMS] = "sss",
	[CATALOG_COLUMNS] = "ssssiiiisss",
	[CATALOG_KEYS] = "sssss",
	[CATALOG_FOREIGN] = "sssssss",
	[CATALOG_PRIVILEGES] = "ssi",
};

/*
 * SQLite: its pragmas as tables.  A rowid is numbered by the database; a
 * primary key is never null in spirit, though the file format lets it be.
 */
#define SQLITE_FROM \
	" FROM (SELECT name, type FROM pragma_table_list" \
	" WHERE schema = 'main' AND type IN ('table', 'view', 'virtual')" \
	" AND name NOT LIKE 'sqlite~_%' ESCAPE '~') AS t"

static const char sqlite_tables[] =
    "SELECT NULL, t.name, CASE t.type WHEN 'view' THEN 1 ELSE 0 END"
    SQLITE_FROM " ORDER BY t.name";

static const char sqlite_columns[] =
    "SELECT NULL, t.name, c.name, c.type, NULL, NULL,"
    " CASE WHEN c.\"notnull\" <> 0 OR c.pk > 0 THEN 0 ELSE 1 END,"
    " CASE WHEN c.pk = 1 AND lower(c.type) = 'integer' AND (SELECT count(*)"
    " FROM pragma_table_info(t.name) AS k WHERE k.pk > 0) = 1"
    " THEN 1 ELSE 0 END, c.dflt_value, NULL, NULL"
    SQLITE_FROM " JOIN pragma_table_xinfo(t.name) AS c WHERE c.hidden <> 1"
    " ORDER BY t.name, c.cid";

static const char sqlite_keys[] =
    "SELECT NULL, tab, key, kind, col FROM ("
    "SELECT t.name AS tab, '' AS key, 'p' AS kind, c.name AS col, c.pk AS pos"
    SQLITE_FROM " JOIN pragma_table_info(t.name) AS c WHERE c.pk > 0"
    " UNION ALL SELECT t.name, i.name,"
    " CASE i.\"unique\" WHEN 0 THEN 'i' ELSE 'u' END, c.name, c.seqno"
    SQLITE_FROM " JOIN pragma_index_list(t.name) AS i"
    " JOIN pragma_index_info(i.name) AS c"
    " WHERE i.origin <> 'pk' AND i.partial = 0) ORDER BY tab, key, pos";

static const char sqlite_foreign[] =
    "SELECT NULL, t.name, CAST(f.id AS TEXT), f.\"from\", NULL, f.\"table\","
    " f.\"to\"" SQLITE_FROM " JOIN pragma_foreign_key_list(t.name) AS f"
    " ORDER BY t.name, f.id DESC, f.seq";

/*
 * PostgreSQL.  Partitions are read through their parent.  A domain is what it
 * is made of.
 */
#define PG_SCHEMA(n) \
	"CASE " n ".nspname WHEN current_schema() THEN NULL" \
	" ELSE " n ".nspname END"

#define PG_READABLE \
	" c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition" \
	" AND n.nspname <> 'information_schema'" \
	" AND left(n.nspname, 3) <> 'pg_'" \
	" AND has_schema_privilege(n.oid, 'USAGE')" \
	" AND has_any_column_privilege(c.oid, 'SELECT')" \
	" AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend AS x" \
	" WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid" \
	" AND x.deptype = 'e')"

#define PG_CLASS \
	" FROM pg_catalog.pg_class AS c" \
	" JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"

static const char pg_tables[] =
    "SELECT " PG_SCHEMA("n") ", c.relname,"
    " CASE WHEN c.relkind IN ('v', 'm') THEN 1 ELSE 0 END"
    PG_CLASS " WHERE" PG_READABLE " ORDER BY n.nspname, c.relname";

static const char pg_enums[] =
    "SELECT " PG_SCHEMA("n") ", t.typname, e.enumlabel"
    " FROM pg_catalog.pg_enum AS e"
    " JOIN pg_catalog.pg_type AS t ON t.oid = e.enumtypid"
    " JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace"
    " ORDER BY n.nspname, t.typname, e.enumsortorder";

static const char pg_columns[] =
    "SELECT " PG_SCHEMA("n") ", c.relname, a.attname,"
    " CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)"
    " ELSE format_type(a.atttypid, a.atttypmod) END,"
    " NULL::integer, NULL::integer,"
    " CASE WHEN a.attnotnull OR t.typnotnull THEN 0 ELSE 1 END,"
    " CASE WHEN a.attidentity <> '' OR left(pg_get_expr(d.adbin, d.adrelid),"
    " 8) = 'nextval(' THEN 1 ELSE 0 END,"
    " CASE a.attgenerated WHEN '' THEN pg_get_expr(d.adbin, d.adrelid) END,"
    " " PG_SCHEMA("en") ", e.typname"
    PG_CLASS
    " JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid"
    " JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid"
    " LEFT JOIN pg_catalog.pg_type AS e ON e.typtype = 'e'"
    " AND e.oid IN (t.oid, t.typelem, t.typbasetype)"
    " LEFT JOIN pg_catalog.pg_namespace AS en ON en.oid = e.typnamespace"
    " LEFT JOIN pg_catalog.pg_attrdef AS d"
    " ON d.adrelid = c.oid AND d.adnum = a.attnum"
    " WHERE a.attnum > 0 AND NOT a.attisdropped AND" PG_READABLE
    " AND has_column_privilege(c.oid, a.attnum, 'SELECT')"
    " ORDER BY n.nspname, c.relname, a.attnum";

static const char pg_keys[] =
    "SELECT " PG_SCHEMA("n") ", c.relname, k.relname,"
    " CASE WHEN i.indisprimary THEN 'p' WHEN i.indisunique THEN 'u'"
    " ELSE 'i' END, a.attname"
    PG_CLASS
    " JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid"
    " JOIN pg_catalog.pg_class AS k ON k.oid = i.indexrelid"
    " JOIN pg_catalog.pg_am AS m ON m.oid = k.relam AND m.amname = 'btree'"
    " CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY"
    " AS p(attnum, pos)"
    " LEFT JOIN pg_catalog.pg_attribute AS a"
    " ON a.attrelid = c.oid AND a.attnum = p.attnum"
    " WHERE i.indpred IS NULL AND i.indisvalid AND p.pos <= i.indnkeyatts"
    " AND" PG_READABLE " ORDER BY n.nspname, c.relname, k.relname, p.pos";

static const char pg_foreign[] =
    "SELECT " PG_SCHEMA("n") ", c.relname, f.conname, a.attname, "
    PG_SCHEMA("tn") ", tc.relname, ta.attname"
    PG_CLASS
    " JOIN pg_catalog.pg_constraint AS f"
    " ON f.conrelid = c.oid AND f.contype = 'f'"
    " JOIN pg_catalog.pg_class AS tc ON tc.oid = f.confrelid"
    " JOIN pg_catalog.pg_namespace AS tn ON tn.oid = tc.relnamespace"
    " CROSS JOIN LATERAL unnest(f.conkey, f.confkey) WITH ORDINALITY"
    " AS p(here, there, pos)"
    " JOIN pg_catalog.pg_attribute AS a"
    " ON a.attrelid = c.oid AND a.attnum = p.here"
    " JOIN pg_catalog.pg_attribute AS ta"
    " ON ta.attrelid = tc.oid AND ta.attnum = p.there"
    " WHERE" PG_READABLE
    " ORDER BY n.nspname, c.relname, f.conname, f.oid, p.pos";

static const char pg_privileges[] =
    "SELECT p.name, min(c.relname::text), count(*)"
    PG_CLASS
    " CROSS JOIN (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'))"
    " AS p(name) WHERE" PG_READABLE
    " AND has_table_privilege(c.oid, p.name) GROUP BY p.name ORDER BY 1";

/* MariaDB: a schema is a database, and only the connection's is read. */
static const char mariadb_tables[] =
    "SELECT NULL, TABLE_NAME, CASE TABLE_TYPE WHEN 'VIEW' THEN 1 ELSE 0 END"
    " FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
    " AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW')"
    " ORDER BY TABLE_NAME";

static const char mariadb_columns[] =
    "SELECT NULL, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, NULL, NULL,"
    " CASE IS_NULLABLE WHEN 'YES' THEN 1 ELSE 0 END,"
    " CASE WHEN EXTRA LIKE '%auto_increment%' THEN 1 ELSE 0 END,"
    " COLUMN_DEFAULT, NULL, NULL"
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
    " ORDER BY TABLE_NAME, ORDINAL_POSITION";

static const char mariadb_keys[] =
    "SELECT NULL, TABLE_NAME, INDEX_NAME,"
    " CASE WHEN INDEX_NAME = 'PRIMARY' THEN 'p'"
    " WHEN NON_UNIQUE = 0 THEN 'u' ELSE 'i' END,"
    " CASE WHEN SUB_PART IS NULL THEN COLUMN_NAME END"
    " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
    " AND INDEX_TYPE IN ('BTREE', 'HASH')"
    " ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";

static const char mariadb_foreign[] =
    "SELECT NULL, TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME,"
    " CASE WHEN REFERENCED_TABLE_SCHEMA <> DATABASE()"
    " THEN REFERENCED_TABLE_SCHEMA END,"
    " REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME"
    " FROM information_schema.KEY_COLUMN_USAGE"
    " WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL"
    " ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION";

static const char mariadb_privileges[] =
    "SELECT PRIVILEGE_TYPE, MIN(thing), COUNT(*) FROM ("
    "SELECT GRANTEE, PRIVILEGE_TYPE, '*.*' AS thing"
    " FROM information_schema.USER_PRIVILEGES"
    " UNION ALL SELECT GRANTEE, PRIVILEGE_TYPE, CONCAT(TABLE_SCHEMA, '.*')"
    " FROM information_schema.SCHEMA_PRIVILEGES"
    " WHERE DATABASE() LIKE TABLE_SCHEMA"
    " UNION ALL SELECT GRANTEE, PRIVILEGE_TYPE, TABLE_NAME"
    " FROM information_schema.TABLE_PRIVILEGES"
    " WHERE TABLE_SCHEMA = DATABASE()) AS p"
    " WHERE GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''),"
    " '''') AND PRIVILEGE_TYPE IN ('INSERT', 'UPDATE', 'DELETE', 'CREATE',"
    " 'DROP', 'ALTER', 'INDEX', 'TRIGGER', 'FILE', 'SUPER',"
    " 'CREATE ROUTINE', 'ALTER ROUTINE', 'CREATE VIEW')"
    " GROUP BY PRIVILEGE_TYPE ORDER BY 1";

/* SQL Server. */
#define TSQL_SCHEMA(column) "NULLIF(" column ", SCHEMA_NAME())"

static const char tsql_tables[] =
    "SELECT " TSQL_SCHEMA("TABLE_SCHEMA") ", TABLE_NAME,"
    " CASE TABLE_TYPE WHEN 'VIEW' THEN 1 ELSE 0 END"
    " FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA <> 'sys'"
    " ORDER BY TABLE_SCHEMA, TABLE_NAME";

static const char tsql_columns[] =
    "SELECT " TSQL_SCHEMA("c.TABLE_SCHEMA") ", c.TABLE_NAME, c.COLUMN_NAME,"
    " c.DATA_TYPE, COALESCE(c.CHARACTER_MAXIMUM_LENGTH,"
    " CASE WHEN c.DATA_TYPE IN ('decimal', 'numeric')"
    " THEN c.NUMERIC_PRECISION END, c.DATETIME_PRECISION),"
    " CASE WHEN c.DATA_TYPE IN ('decimal', 'numeric')"
    " THEN c.NUMERIC_SCALE END,"
    " CASE c.IS_NULLABLE WHEN 'YES' THEN 1 ELSE 0 END,"
    " COLUMNPROPERTY(OBJECT_ID(QUOTENAME(c.TABLE_SCHEMA) + '.' +"
    " QUOTENAME(c.TABLE_NAME)), c.COLUMN_NAME, 'IsIdentity'),"
    " c.COLUMN_DEFAULT, NULL, NULL"
    " FROM INFORMATION_SCHEMA.COLUMNS AS c WHERE c.TABLE_SCHEMA <> 'sys'"
    " ORDER BY c.TABLE_SCHEMA, c.TABLE_NAME, c.ORDINAL_POSITION";

static const char tsql_keys[] =
    "SELECT " TSQL_SCHEMA("SCHEMA_NAME(o.schema_id)") ", o.name, i.name,"
    " CAST(CASE WHEN i.is_primary_key = 1 THEN 'p'"
    " WHEN i.is_unique = 1 THEN 'u' ELSE 'i' END AS varchar(1)), c.name"
    " FROM sys.indexes AS i"
    " JOIN sys.objects AS o ON o.object_id = i.object_id"
    " JOIN sys.index_columns AS k"
    " ON k.object_id = i.object_id AND k.index_id = i.index_id"
    " JOIN sys.columns AS c"
    " ON c.object_id = k.object_id AND c.column_id = k.column_id"
    " WHERE o.type = 'U' AND i.has_filter = 0 AND i.type IN (1, 2)"
    " AND k.is_included_column = 0"
    " ORDER BY SCHEMA_NAME(o.schema_id), o.name, i.name, k.key_ordinal";

static const char tsql_foreign[] =
    "SELECT " TSQL_SCHEMA("SCHEMA_NAME(o.schema_id)") ", o.name, f.name,"
    " c.name, " TSQL_SCHEMA("SCHEMA_NAME(t.schema_id)") ", t.name, tc.name"
    " FROM sys.foreign_keys AS f"
    " JOIN sys.foreign_key_columns AS k ON k.constraint_object_id ="
    " f.object_id"
    " JOIN sys.objects AS o ON o.object_id = f.parent_object_id"
    " JOIN sys.columns AS c ON c.object_id = k.parent_object_id"
    " AND c.column_id = k.parent_column_id"
    " JOIN sys.objects AS t ON t.object_id = f.referenced_object_id"
    " JOIN sys.columns AS tc ON tc.object_id = k.referenced_object_id"
    " AND tc.column_id = k.referenced_column_id"
    " ORDER BY SCHEMA_NAME(o.schema_id), o.name, f.name,"
    " k.constraint_column_id";

static const char tsql_privileges[] =
    "SELECT permission_name, DB_NAME(), 1"
    " FROM fn_my_permissions(NULL, 'DATABASE')"
    " WHERE permission_name IN ('INSERT', 'UPDATE', 'DELETE', 'ALTER',"
    " 'CONTROL', 'CREATE TABLE', 'EXECUTE') ORDER BY permission_name";

static const char *const queries[DIALECTS][CATALOG_PARTS] = {
	[DIALECT_SQLITE] = {
		[CATALOG_TABLES] = sqlite_tables,
		[CATALOG_COLUMNS] = sqlite_columns,
		[CATALOG_KEYS] = sqlite_keys,
		[CATALOG_FOREIGN] = sqlite_foreign,
		/* The file is opened for reading only. */
	},
	[DIALECT_POSTGRESQL] = {
		[CATALOG_HERE] = "SELECT current_schema()",
		[CATALOG_TABLES] = pg_tables,
		[CATALOG_ENUMS] = pg_enums,
		[CATALOG_COLUMNS] = pg_columns,
		[CATALOG_KEYS] = pg_keys,
		[CATALOG_FOREIGN] = pg_foreign,
		[CATALOG_PRIVILEGES] = pg_privileges,
	},
	[DIALECT_MARIADB] = {
		[CATALOG_TABLES] = mariadb_tables,
		[CATALOG_COLUMNS] = mariadb_columns,
		[CATALOG_KEYS] = mariadb_keys,
		[CATALOG_FOREIGN] = mariadb_foreign,
		[CATALOG_PRIVILEGES] = mariadb_privileges,
	},
	[DIALECT_SQLSERVER] = {
		[CATALOG_HERE] = "SELECT SCHEMA_NAME()",
		[CATALOG_TABLES] = tsql_tables,
		[CATALOG_COLUMNS] = tsql_columns,
		[CATALOG_KEYS] = tsql_keys,
		[CATALOG_FOREIGN] = tsql_foreign,
		[CATALOG_PRIVILEGES] = tsql_privileges,
	},
};

const char *
catalog_query(enum dialect_id id, enum catalog_part part)
{
	return queries[id][part];
}
