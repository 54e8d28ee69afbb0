// CREATE TABLE, CREATE VIEW and CREATE INDEX of T-SQL: to SQLite, and kept for
// what the catalogue views of SQL Server tell.
import { TsqlError, is, isGroup, nameOf, quoted, split, string, typeText }
  from "./tsql.mjs";
import { parseType } from "./types.mjs";

const collations = { char: "text", varchar: "text", nchar: "text", nvarchar: "text",
  text: "text", ntext: "text", sysname: "text", xml: "text",
  uniqueidentifier: "nocase", decimal: "tsql_decimal", numeric: "tsql_decimal",
  money: "tsql_decimal", smallmoney: "tsql_decimal", date: "tsql_time",
  time: "tsql_time", datetime: "tsql_time", smalldatetime: "tsql_time",
  datetime2: "tsql_time", datetimeoffset: "tsql_time" };
const binary = new Set(["binary", "varbinary", "image"]);
// What is stored as it is given; other types have one spelling in the file.
const asGiven = new Set(["varchar", "nvarchar", "text", "ntext", "xml", "sysname",
  "tinyint", "smallint", "int", "bigint", "varbinary", "image"]);

export class Schema {
  constructor() {
    this.tables = new Map();	// by "schema.name", in lower case
    this.schemas = new Set(["dbo", "information_schema", "sys"]);
  }

  // How values of a type are compared, where their text does not tell.
  ruleOf(type) {
    const rule = type && collations[parseType(type).name];
    return rule?.startsWith("tsql_") ? rule : undefined;
  }

  hasSchema(name) { return this.schemas.has(name?.toLowerCase()); }

  // What the engine calls the table of these names, or undefined.
  find(parts) {
    const schema = parts.length > 1 ? parts.at(-2) : "dbo";
    return this.table(schema, parts.at(-1))?.stored;
  }

  table(schema, name) {
    return this.tables.get(`${schema}.${name}`.toLowerCase());
  }

  add(table) {
    this.schemas.add(table.schema.toLowerCase());
    table.stored = table.schema === "dbo" ? table.name :
      `${table.schema}.${table.name}`;
    this.tables.set(`${table.schema}.${table.name}`.toLowerCase(), table);
    this.columns = undefined;
    return table;
  }

  // The type that all columns of this name have, if they agree.
  columnType(name) {
    if (!this.columns) {
      this.columns = new Map();
      for (const t of this.tables.values())
        for (const c of t.columns) {
          const key = c.name.toLowerCase();
          const known = this.columns.get(key);
          this.columns.set(key, known && known !== c.type ? null : c.type);
        }
    }
    return this.columns.get(name.toLowerCase()) ?? undefined;
  }
}

// schema and name at items[i]; next is behind them.
function tableName(items, i) {
  const parts = [nameOf(items[i])];
  let next = i + 1;
  while (items[next]?.text === ".") {
    parts.push(nameOf(items[next + 1]));
    next += 2;
  }
  return { schema: parts.length > 1 ? parts.at(-2) : "dbo", name: parts.at(-1), next };
}

// "([a], [b] DESC)" to names.
const nameList = (group) => split(group.items).map((part) => nameOf(part[0]));

// PRIMARY KEY, UNIQUE, FOREIGN KEY, CHECK, from items[i] on.
function readConstraint(items, i, table, column, name) {
  const own = column ? [column.name] : undefined;
  const skipWords = (at) => {
    while (is(items[at], "KEY", "CLUSTERED", "NONCLUSTERED", "FOREIGN")) at++;
    return at;
  };
  if (is(items[i], "PRIMARY", "UNIQUE")) {
    const primary = is(items[i], "PRIMARY"), at = skipWords(i + 1);
    const listed = isGroup(items[at]) ? nameList(items[at]) : own;
    table.keys.push({ name: name ?? `${primary ? "PK" : "UQ"}__${table.name}__${
      table.keys.length}`, primary, columns: listed });
    return isGroup(items[at]) ? at + 1 : at;
  }
  if (is(items[i], "FOREIGN", "REFERENCES")) {
    let at = skipWords(i);
    const from = isGroup(items[at]) ? nameList(items[at++]) : own;
    const target = tableName(items, at + 1);
    let next = target.next, to;
    if (isGroup(items[next])) to = nameList(items[next++]);
    table.references.push({ name: name ?? `FK__${table.name}__${
      table.references.length}`, from, target, to });
    while (is(items[next], "ON")) next += is(items[next + 2], "NO", "SET") ? 4 : 3;
    return next;
  }
  if (is(items[i], "CHECK")) return i + 2;
  return undefined;
}

function readColumn(items, table) {
  const column = { name: nameOf(items[0]), nullable: true };
  column.type = typeText(items.slice(1));
  let i = isGroup(items[2]) ? 3 : 2, name;
  while (i < items.length) {
    const next = readConstraint(items, i, table, column, name);
    if (next !== undefined) {
      i = next;
      name = undefined;
    } else if (is(items[i], "CONSTRAINT")) {
      name = nameOf(items[i + 1]);
      i += 2;
    } else if (is(items[i], "NOT")) {
      column.nullable = false;
      i += 2;
    } else if (is(items[i], "DEFAULT")) {
      column.default = items[i + 1].text;
      i += 2;
    } else if (is(items[i], "COLLATE")) {
      column.collation = nameOf(items[i + 1]);
      i += 2;
    } else if (is(items[i], "IDENTITY")) {
      column.identity = true;
      i += isGroup(items[i + 1]) ? 2 : 1;
    } else if (is(items[i], "NULL", "ROWGUIDCOL", "SPARSE")) {
      i++;
    } else {
      throw new TsqlError(102, `Incorrect syntax near '${items[i].text}'.`);
    }
  }
  table.columns.push(column);
}

const primaryOf = (table) => table.keys.find((k) => k.primary);

function collationOf(column, fallback) {
  const rule = collations[parseType(column.type).name];
  if (rule !== "text") return rule;
  return /_BIN2?$|_CS_/i.test(column.collation ?? fallback) ? "tsql_bin" : "tsql_ci";
}

export function columnSql(column, fallback) {
  const { name } = parseType(column.type), collation = collationOf(column, fallback);
  const affinity = collation ? "TEXT" : binary.has(name) ? "BLOB" :
    name === "float" || name === "real" ? "REAL" : "INT";
  return `${quoted(column.name)} ${quoted(`${affinity} ${column.type}`)}${
    collation ? ` COLLATE ${collation}` : ""}${column.nullable ? "" : " NOT NULL"}`;
}

// Values take the form that their type has: rounded, padded, in upper case.
function triggers(table) {
  const list = table.columns.filter((c) => !asGiven.has(parseType(c.type).name))
    .map((c) => `${quoted(c.name)} = tsql_cast(${quoted(c.name)}, ${string(c.type)})`);
  if (list.length === 0) return [];
  return ["INSERT", "UPDATE"].map((event) =>
    `CREATE TRIGGER ${quoted(`${table.stored} ${event}`)} AFTER ${event} ON ${
      quoted(table.stored)} BEGIN UPDATE ${quoted(table.stored)} SET ${
      list.join(", ")} WHERE rowid = NEW.rowid; END`);
}

// CREATE TABLE: the engine's statements.
function createTable(items, schema, collation) {
  const { schema: owner, name, next } = tableName(items, 2);
  const table = { schema: owner, name, columns: [], keys: [], references: [] };
  for (const part of split(items[next].items)) {
    const named = is(part[0], "CONSTRAINT");
    if (readConstraint(part, named ? 2 : 0, table, undefined,
      named ? nameOf(part[1]) : undefined) === undefined)
      readColumn(part, table);
  }
  schema.add(table);
  for (const column of primaryOf(table)?.columns ?? [])
    table.columns.find((c) => c.name === column).nullable = false;
  const parts = table.columns.map((c) => columnSql(c, collation));
  for (const k of table.keys)
    parts.push(`${k.primary ? "PRIMARY KEY" : "UNIQUE"} (${
      k.columns.map(quoted).join(", ")})`);
  return [`CREATE TABLE ${quoted(table.stored)} (${parts.join(", ")})`,
    ...triggers(table)];
}

// CREATE VIEW: its columns are known once the engine has told them.
function createView(items, schema, translator) {
  const { schema: owner, name, next } = tableName(items, 2);
  const as = items.findIndex((x, i) => i >= next && is(x, "AS"));
  const body = items.slice(as + 1);
  const select = translator.statement(body);
  const types = translator.resultTypes(body);
  schema.add({ schema: owner, name, view: true, columns: [], keys: [],
    references: [], types });
  return [`CREATE VIEW ${quoted(schema.table(owner, name).stored)} AS ${select}`];
}

function createIndex(items, schema) {
  const unique = is(items[1], "UNIQUE");
  const on = items.findIndex((x) => is(x, "ON"));
  const { schema: owner, name, next } = tableName(items, on + 1);
  const table = schema.table(owner, name);
  if (!table) throw new TsqlError(1088, `Cannot find the object "${name}".`, 16);
  const columns = nameList(items[next]), label = nameOf(items[on - 1]);
  if (unique) table.keys.push({ name: label, index: true, columns });
  return [`CREATE INDEX ${quoted(`${table.stored} ${label}`)} ON ${
    quoted(table.stored)} (${columns.map(quoted).join(", ")})`];
}

// A CREATE or DROP statement to those of the engine; undefined: it is none.
export function define(items, schema, translator, collation) {
  if (is(items[0], "CREATE")) {
    if (is(items[1], "TABLE")) return createTable(items, schema, collation);
    if (is(items[1], "VIEW")) return createView(items, schema, translator);
    if (is(items[1], "SCHEMA")) {
      schema.schemas.add(nameOf(items[2]).toLowerCase());
      return [];
    }
    return createIndex(items, schema);
  }
  if (is(items[0], "DROP") && is(items[1], "TABLE", "VIEW")) {
    const exists = is(items[2], "IF");
    const { schema: owner, name } = tableName(items, exists ? 4 : 2);
    const table = schema.table(owner, name);
    if (!table && exists) return [];
    if (!table) throw new TsqlError(3701, `Cannot drop the table '${name}', because it does not exist or you do not have permission.`, 11);
    schema.tables.delete(`${owner}.${name}`.toLowerCase());
    schema.columns = undefined;
    return [`DROP ${table.view ? "VIEW" : "TABLE"} ${quoted(table.stored)}`];
  }
  return undefined;
}
