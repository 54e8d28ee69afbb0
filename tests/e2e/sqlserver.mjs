// A SQL Server in the shape of databases.mjs: the TDS server of tests/tds in
// this process, with the demo database in it.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { demoDatabase, top } from "./lib.mjs";
import { TdsServer } from "../tds/server.mjs";
import { quoted } from "../tds/tsql.mjs";

// The engine is built beside the generator of the demo database.
const generator = process.env.DEMODB ?? path.join(top, "src/tool/demodb");
export const engine = process.env.TDS_ENGINE ??
  path.resolve(path.dirname(generator), "../../tests/tds/engine");

const types = { TEXT: "nvarchar(max)", KEY: "nvarchar(191)", BOOLEAN: "bit",
  INTEGER: "int", BIGINT: "bigint", REAL: "float", DECIMAL: "decimal(38,10)",
  DATETIME: "datetime2(3)", BLOB: "varbinary(max)" };
// As the schema has these columns, whose types round what SQLite holds.
export const natives = { Last_Update: "datetime", Exchange_Rate: "real",
  Weight_Kilograms: "real" };
// Some of them are milliseconds since 1970.
const moment = `CASE typeof(@) WHEN 'integer' THEN
  strftime('%Y-%m-%d %H:%M:%f', @ / 1000.0, 'unixepoch') ELSE @ END`;
const name = (s) => `[${s.replaceAll("]", "]]")}]`;

const rowsOf = (file, sql) => JSON.parse(execFileSync("sqlite3",
  ["-json", "-readonly", file, sql], { encoding: "utf8" }) || "[]");

// The CREATE TABLE of each table in a SQLite file.
export function tablesOf(file, own = {}) {
  return rowsOf(file, `SELECT name FROM sqlite_schema WHERE type = 'table' AND
    name NOT LIKE 'sqlite%'`).map(({ name: table }) => {
    const columns = rowsOf(file, `SELECT name, type, "notnull" AS needed, pk FROM
      pragma_table_info('${table}')`);
    const foreign = rowsOf(file, `SELECT "table" AS target,
      json_group_array("from") AS here, json_group_array("to") AS there FROM
      pragma_foreign_key_list('${table}') GROUP BY id`);
    const indexed = new Set(rowsOf(file, `SELECT i.name FROM
      pragma_index_list('${table}') l, pragma_index_info(l.name) i`)
      .map((i) => i.name));
    const typeOf = (c) => (own[c.name] ?? types[c.type === "TEXT" && (c.pk || indexed.has(c.name)) ?
      "KEY" : c.type]);
    const keys = columns.filter((c) => c.pk).sort((a, b) => a.pk - b.pk);
    const list = (json) => JSON.parse(json).map(name).join(", ");
    const parts = columns.map((c) => `${name(c.name)} ${typeOf(c)}${
      c.needed || c.pk ? " NOT NULL" : " NULL"}`);
    if (keys.length) parts.push(`CONSTRAINT ${name(`PK_${table}`)} PRIMARY KEY (${
      keys.map((c) => name(c.name)).join(", ")})`);
    for (const [i, f] of foreign.entries())
      parts.push(`CONSTRAINT ${name(`FK_${table}_${i}`)} FOREIGN KEY (${
        list(f.here)}) REFERENCES [dbo].${name(f.target)} (${list(f.there)})`);
    return { table, columns, sql: `CREATE TABLE [dbo].${name(table)} (${
      parts.join(", ")})` };
  });
}

// A server that holds what a SQLite file does; options as TdsServer has them,
// and own: types of columns by their names.
export async function sqlserver({ own, ...options } = {}, file = demoDatabase()) {
  const server = await TdsServer.start({ program: engine, ...options });
  const tables = tablesOf(file, own);
  await server.exec(tables.map((t) => t.sql).join(";\n"));
  await server.admin.all(`ATTACH '${file.replaceAll("'", "''")}' AS demo; BEGIN`);
  for (const { table, columns } of tables) {
    const list = columns.map((c) => quoted(c.name)), values = list.map((c, i) =>
      (columns[i].type === "DATETIME" ? moment.replaceAll("@", c) : c));
    await server.admin.all(`INSERT INTO main.${quoted(table)} (${list.join(", ")})
      SELECT ${values.join(", ")} FROM demo.${quoted(table)}`);
  }
  await server.admin.all("COMMIT; DETACH demo");
  server.statements.length = 0;
  return Object.assign(server, { name: "sqlserver",
    sent: () => server.statements.map((s) => s.sql) });
}
