// What the bare driver loop is given: the statement of a model's rows, and
// the kinds of its columns (bare.c).
import { readModels } from "./schema.mjs";

const kinds = { Int: "i", BigInt: "i", Boolean: "b", Float: "f",
  Decimal: "d", DateTime: "T", String: "s" };

export function bareOf(schema, name, provider) {
  const model = readModels(schema).find((m) => m.name === name);
  // PostgreSQL's driver is slow with times, fast with numbers
  const number = (f) => provider === "postgresql" && f.type === "DateTime";
  const columns = model.fields.map((f) => (number(f) ?
    `(extract(epoch FROM "${f.column}") * 1000)::bigint` : `"${f.column}"`) +
    ` AS "${f.name}"`);
  return {
    sql: `SELECT ${columns.join(", ")} FROM "${model.table}"`,
    kinds: model.fields.map((f) => number(f) ? "t" : kinds[f.type]).join(""),
  };
}

// The connection string that is best for the driver.
export function connectionOf(url) {
  if (url.startsWith("file:"))
    return `Driver=SQLite3;Database=file:${url.slice(5)}?mode=ro;StepAPI=1;`;
  const { hostname, port, username, pathname } = new URL(url);
  return `Driver=PostgreSQL Unicode;Server=${hostname};Port=${port};` +
    `UID=${username};Database=${pathname.slice(1)};BoolsAsChar=0;` +
    "MaxVarcharSize=8000;";
}
