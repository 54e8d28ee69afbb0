// The project's schema is SQL Server's.  Here it becomes PostgreSQL's or
// SQLite's, for both sides alike, with the tables that belong to it.
import { readFileSync } from "node:fs";

const postgresql = [
  [/@db\.NVarChar\(Max\)/g, "@db.Text"],
  [/@db\.NVarChar/g, "@db.VarChar"],
  [/@db\.Money/g, "@db.Decimal(19, 4)"],
  [/@db\.Float\(53\)/g, "@db.DoublePrecision"],
  [/@db\.DateTime2?(\(3\))?/g, "@db.Timestamp(3)"],
  [/@db\.UniqueIdentifier/g, "@db.Uuid"],
  [/@db\.VarBinary\(Max\)/g, "@db.ByteA"],
];

export function derive(file, provider) {
  let text = readFileSync(file, "utf8")
    .replace(/(datasource db \{\s*provider = )"\w+"/, `$1"${provider}"`)
    .replace(/(output\s*= )".*"/, '$1"./client"');
  if (provider === "sqlite")
    return text.replace(/ @db\.\w+(\([\w, ]+\))?/g, "");
  for (const [from, to] of postgresql) text = text.replace(from, to);
  return text;
}

const scalars = {
  postgresql: { Int: "integer", BigInt: "bigint", String: "text",
    Boolean: "boolean", Float: "double precision", Decimal: "numeric",
    DateTime: "timestamp(3)", Bytes: "bytea" },
  sqlite: { Int: "INTEGER", BigInt: "BIGINT", String: "TEXT",
    Boolean: "BOOLEAN", Float: "REAL", Decimal: "DECIMAL",
    DateTime: "DATETIME", Bytes: "BLOB" },
};
const natives = { DoublePrecision: "double precision", ByteA: "bytea" };

// [{ name, table, fields: [{ name, column, type, native, optional, key }],
//    indexes: [[column]] }]
export function readModels(text) {
  const models = [];
  for (const [, name, body] of text.matchAll(/^model (\w+) \{\n(.*?)^\}/gms)) {
    const fields = [], indexes = [];
    for (const line of body.split("\n")) {
      const m = /^  (\w+)\s+(\w+)(\?|\[\])?(.*)$/.exec(line);
      if (!m || !(m[2] in scalars.sqlite)) continue;
      fields.push({ name: m[1], type: m[2], optional: m[3] === "?",
        column: /@map\("([^"]+)"\)/.exec(m[4])?.[1] ?? m[1],
        native: /@db\.(\w+(?:\([\d, ]+\))?)/.exec(m[4])?.[1],
        key: /@id\b/.test(m[4]), unique: /@unique\b/.test(m[4]) });
    }
    for (const [, names] of body.matchAll(/@@index\(\[(\w+)\]\)/g))
      indexes.push(fields.find((f) => f.name === names).column);
    models.push({ name, fields, indexes,
      table: /@@map\("([^"]+)"\)/.exec(body)?.[1] ?? name });
  }
  return models;
}

// Statements that make a model's table, and those for when it is full.
export function tableOf(model, provider) {
  const columns = model.fields.map((f) => {
    const type = provider === "sqlite" || !f.native ?
      scalars[provider][f.type] : natives[f.native] ?? f.native;
    return `"${f.column}" ${type}${f.optional ? "" : " NOT NULL"}` +
      (f.key ? " PRIMARY KEY" : f.unique ? " UNIQUE" : "");
  });
  return {
    create: [`DROP TABLE IF EXISTS "${model.table}"`,
      `CREATE TABLE "${model.table}" (${columns.join(", ")})`],
    finish: model.indexes.map((c) =>
      `CREATE INDEX "${model.table}_${c}" ON "${model.table}" ("${c}")`),
  };
}
