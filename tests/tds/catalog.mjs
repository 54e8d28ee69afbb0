// INFORMATION_SCHEMA and the views of sys, as tables of the engine that are
// filled from the schema whenever it has changed.
import { parseType } from "./types.mjs";
import { quoted, string } from "./tsql.mjs";

const name = "nvarchar(128)";
// Columns of each view: [name, type] pairs, "schema.view" -> columns.
const views = {
  "INFORMATION_SCHEMA.TABLES": { TABLE_CATALOG: name, TABLE_SCHEMA: name,
    TABLE_NAME: name, TABLE_TYPE: "varchar(10)" },
  "INFORMATION_SCHEMA.VIEWS": { TABLE_CATALOG: name, TABLE_SCHEMA: name,
    TABLE_NAME: name },
  "INFORMATION_SCHEMA.COLUMNS": { TABLE_CATALOG: name, TABLE_SCHEMA: name,
    TABLE_NAME: name, COLUMN_NAME: name, ORDINAL_POSITION: "int",
    COLUMN_DEFAULT: "nvarchar(4000)", IS_NULLABLE: "varchar(3)", DATA_TYPE: name,
    CHARACTER_MAXIMUM_LENGTH: "int", CHARACTER_OCTET_LENGTH: "int",
    NUMERIC_PRECISION: "tinyint", NUMERIC_SCALE: "int",
    DATETIME_PRECISION: "smallint", COLLATION_NAME: name },
  "INFORMATION_SCHEMA.TABLE_CONSTRAINTS": { CONSTRAINT_CATALOG: name,
    CONSTRAINT_SCHEMA: name, CONSTRAINT_NAME: name, TABLE_CATALOG: name,
    TABLE_SCHEMA: name, TABLE_NAME: name, CONSTRAINT_TYPE: "varchar(11)" },
  "INFORMATION_SCHEMA.KEY_COLUMN_USAGE": { CONSTRAINT_CATALOG: name,
    CONSTRAINT_SCHEMA: name, CONSTRAINT_NAME: name, TABLE_CATALOG: name,
    TABLE_SCHEMA: name, TABLE_NAME: name, COLUMN_NAME: name,
    ORDINAL_POSITION: "int" },
  "INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS": { CONSTRAINT_CATALOG: name,
    CONSTRAINT_SCHEMA: name, CONSTRAINT_NAME: name,
    UNIQUE_CONSTRAINT_CATALOG: name, UNIQUE_CONSTRAINT_SCHEMA: name,
    UNIQUE_CONSTRAINT_NAME: name },
  "sys.databases": { name, database_id: "int", snapshot_isolation_state: "tinyint" },
  "sys.schemas": { schema_id: "int", name },
  "sys.objects": { object_id: "int", name, schema_id: "int", type: "char(2)" },
  "sys.tables": { object_id: "int", name, schema_id: "int", type: "char(2)" },
  "sys.views": { object_id: "int", name, schema_id: "int", type: "char(2)" },
  "sys.columns": { object_id: "int", column_id: "int", name, is_nullable: "bit",
    is_identity: "bit" },
  "sys.indexes": { object_id: "int", index_id: "int", name, type: "tinyint",
    is_unique: "bit", is_primary_key: "bit", has_filter: "bit" },
  "sys.index_columns": { object_id: "int", index_id: "int", column_id: "int",
    key_ordinal: "tinyint", is_included_column: "bit" },
  "sys.foreign_keys": { object_id: "int", name, schema_id: "int",
    parent_object_id: "int", referenced_object_id: "int" },
  "sys.foreign_key_columns": { constraint_object_id: "int",
    constraint_column_id: "int", parent_object_id: "int", parent_column_id: "int",
    referenced_object_id: "int", referenced_column_id: "int" },
  "sys.fn_my_permissions": { entity_name: name, subentity_name: name,
    permission_name: "nvarchar(60)" },
};

export const catalogTables = Object.entries(views).map(([full, columns]) => ({
  schema: full.split(".")[0], name: full.split(".")[1], catalog: true,
  columns: Object.entries(columns).map(([n, type]) => ({ name: n, type })),
  keys: [], references: [],
}));

const numeric = { tinyint: [3, 0], smallint: [5, 0], int: [10, 0], bigint: [19, 0],
  money: [19, 4], smallmoney: [10, 4], float: [53, null], real: [24, null] };
const moments = { date: 0, datetime: 3, smalldatetime: 0 };
const wide = new Set(["nchar", "nvarchar", "ntext"]);
const large = { text: 2147483647, ntext: 1073741823, image: 2147483647, xml: -1 };

function describe(type) {
  const { name: n, args } = parseType(type);
  const out = { DATA_TYPE: n === "sysname" ? "nvarchar" : n };
  if (numeric[n]) [out.NUMERIC_PRECISION, out.NUMERIC_SCALE] = numeric[n];
  if (n === "decimal" || n === "numeric") {
    out.NUMERIC_PRECISION = args[0] ?? 18;
    out.NUMERIC_SCALE = args[1] ?? 0;
  }
  if (moments[n] !== undefined) out.DATETIME_PRECISION = moments[n];
  if (["time", "datetime2", "datetimeoffset"].includes(n))
    out.DATETIME_PRECISION = args[0] ?? 7;
  if (/char|binary|sysname/.test(n) || large[n]) {
    const size = large[n] ?? (n === "sysname" ? 128 : args[0] ?? 1);
    out.CHARACTER_MAXIMUM_LENGTH = size === Infinity ? -1 : size;
    out.CHARACTER_OCTET_LENGTH = size === Infinity || size < 0 ? -1 :
      size * (wide.has(n) && !large[n] ? 2 : 1);
  }
  return out;
}

// All rows: [view, { column: value }] pairs.
function* rows(schema, { database, snapshots }) {
  const ids = new Map(), tables = [...schema.tables.values()].filter((t) => !t.catalog);
  const owners = [...new Set(["dbo", ...tables.map((t) => t.schema)])];
  const idOf = (key) => ids.get(key) ?? ids.set(key, 1000 + ids.size).get(key);
  const place = (t) => ({ TABLE_CATALOG: database, TABLE_SCHEMA: t.schema,
    TABLE_NAME: t.name });
  const numberOf = (t, column) => t.columns.findIndex((c) => c.name === column) + 1;
  yield ["sys.databases", { name: database, database_id: 5,
    snapshot_isolation_state: snapshots ? 1 : 0 }];
  for (const [i, owner] of owners.entries())
    yield ["sys.schemas", { schema_id: i + 1, name: owner }];
  yield ["sys.fn_my_permissions", { entity_name: "database", permission_name: "SELECT" }];
  for (const t of tables) {
    const object = { object_id: idOf(t), name: t.name, type: t.view ? "V" : "U",
      schema_id: owners.indexOf(t.schema) + 1 };
    yield ["INFORMATION_SCHEMA.TABLES", { ...place(t),
      TABLE_TYPE: t.view ? "VIEW" : "BASE TABLE" }];
    if (t.view) yield ["INFORMATION_SCHEMA.VIEWS", place(t)];
    yield ["sys.objects", object];
    yield [t.view ? "sys.views" : "sys.tables", object];
    for (const [i, c] of t.columns.entries()) {
      yield ["INFORMATION_SCHEMA.COLUMNS", { ...place(t), COLUMN_NAME: c.name,
        ORDINAL_POSITION: i + 1, IS_NULLABLE: c.nullable ? "YES" : "NO",
        COLUMN_DEFAULT: c.default, ...describe(c.type) }];
      yield ["sys.columns", { object_id: idOf(t), column_id: i + 1, name: c.name,
        is_nullable: c.nullable ? 1 : 0, is_identity: c.identity ? 1 : 0 }];
    }
    for (const [i, key] of t.keys.entries()) {
      const label = { CONSTRAINT_CATALOG: database, CONSTRAINT_SCHEMA: t.schema,
        CONSTRAINT_NAME: key.name, ...place(t) };
      if (!key.index) yield ["INFORMATION_SCHEMA.TABLE_CONSTRAINTS", { ...label,
        CONSTRAINT_TYPE: key.primary ? "PRIMARY KEY" : "UNIQUE" }];
      yield ["sys.indexes", { object_id: idOf(t), index_id: i + 1, name: key.name,
        type: key.primary ? 1 : 2, is_unique: 1, is_primary_key: key.primary ? 1 : 0,
        has_filter: 0 }];
      for (const [j, column] of key.columns.entries()) {
        if (!key.index) yield ["INFORMATION_SCHEMA.KEY_COLUMN_USAGE", { ...label,
          COLUMN_NAME: column, ORDINAL_POSITION: j + 1 }];
        yield ["sys.index_columns", { object_id: idOf(t), index_id: i + 1,
          column_id: numberOf(t, column), key_ordinal: j + 1, is_included_column: 0 }];
      }
    }
    for (const f of t.references) {
      const target = schema.table(f.target.schema, f.target.name);
      if (!target) continue;
      const to = f.to ?? target.keys.find((k) => k.primary)?.columns ?? [];
      const label = { CONSTRAINT_CATALOG: database, CONSTRAINT_SCHEMA: t.schema,
        CONSTRAINT_NAME: f.name };
      yield ["INFORMATION_SCHEMA.TABLE_CONSTRAINTS", { ...label, ...place(t),
        CONSTRAINT_TYPE: "FOREIGN KEY" }];
      yield ["INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS", { ...label,
        UNIQUE_CONSTRAINT_CATALOG: database, UNIQUE_CONSTRAINT_SCHEMA: target.schema,
        UNIQUE_CONSTRAINT_NAME: target.keys.find((k) =>
          k.columns.join() === to.join())?.name }];
      yield ["sys.foreign_keys", { object_id: idOf(f), name: f.name,
        schema_id: owners.indexOf(t.schema) + 1, parent_object_id: idOf(t),
        referenced_object_id: idOf(target) }];
      for (const [j, column] of f.from.entries()) {
        yield ["INFORMATION_SCHEMA.KEY_COLUMN_USAGE", { ...label, ...place(t),
          COLUMN_NAME: column, ORDINAL_POSITION: j + 1 }];
        yield ["sys.foreign_key_columns", { constraint_object_id: idOf(f),
          constraint_column_id: j + 1, parent_object_id: idOf(t),
          parent_column_id: numberOf(t, column), referenced_object_id: idOf(target),
          referenced_column_id: numberOf(target, to[j]) }];
      }
    }
  }
}

const literal = (v) => (v === undefined || v === null ? "NULL" :
  typeof v === "number" ? String(v) : string(v));

// The SQL that makes the catalogue say what the schema is.
export function refresh(server) {
  const out = catalogTables.map((t) =>
    `DELETE FROM ${quoted(`${t.schema}.${t.name}`)}`);
  for (const [view, row] of rows(server.schema, server))
    out.push(`INSERT INTO ${quoted(view)} (${Object.keys(row).map(quoted).join(", ")
    }) VALUES (${Object.values(row).map(literal).join(", ")})`);
  return `BEGIN; ${out.join("; ")}; COMMIT`;
}
