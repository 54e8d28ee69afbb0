// Goal: every type at its edges is the same JSON from each database that can
// hold the value: one list of what is stored and what is expected.
import assert from "node:assert";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { databases } from "./databases.mjs";
import { call, scenario } from "./lib.mjs";

const all = await databases();
const uuid = "2b810c15-c820-4500-8ed8-355f666f344f";
const text = (s) => `'${s.replaceAll("'", "''")}'`;
const bytes = { sqlite: (h) => `x'${h}'`, mariadb: (h) => `x'${h}'`,
  postgresql: (h) => `'\\x${h}'` };

// name, Prisma type, then the column's type by database; an absent one has
// no such column.  Values: [SQL or { database: SQL }, expected JSON].
const columns = [
  ["i", "Int", { sqlite: "INTEGER", postgresql: "integer", mariadb: "int" },
    [["2147483647", 2147483647], ["-2147483648", -2147483648], ["0", 0]]],
  ["small", "Int", { sqlite: "SMALLINT", postgresql: "smallint",
    mariadb: "tinyint unsigned" }, [["255", 255], ["0", 0]]],
  ["b", "BigInt", { sqlite: "BIGINT", postgresql: "bigint",
    mariadb: "bigint" }, [["9223372036854775807", "9223372036854775807"],
    ["-9223372036854775808", "-9223372036854775808"],
    ["9007199254740993", "9007199254740993"],
    ["9007199254740992", "9007199254740992"],
    ["9007199254740991", "9007199254740991"]]],
  ["ub", "BigInt", { mariadb: "bigint unsigned" },
    [["18446744073709551615", "18446744073709551615"]]],
  ["f", "Float", { sqlite: "REAL", postgresql: "double precision",
    mariadb: "double" }, [["0.1", 0.1], ["1e308", 1e308], ["5e-324", 5e-324],
    ["0.30000000000000004", 0.30000000000000004], ["1e21", 1e21]]],
  ["nan", "Float", { postgresql: "double precision" },
    [["'NaN'", null], ["'Infinity'", null], ["'-Infinity'", null]]],
  ["r", "Float", { postgresql: "real", mariadb: "float" },
    [["1.1", 1.1], ["0.1", 0.1], ["16777216", 16777216]]],
  ["d", "Decimal", { postgresql: "decimal(38,10)", mariadb: "decimal(38,10)" },
    // Decimal.js writes an exponent from 1e+21 on.
    [["1234567890123456789012345678.0123456789",
      "1.2345678901234567890123456780123456789e+27"],
    ["123456789012345678901.0123456789", "123456789012345678901.0123456789"],
    ["-0.5", "-0.5"],
    ["100", "100"], ["0", "0"], ["1.50", "1.5"],
    ["0.0000000001", "1e-10"]]],
  ["money", "Decimal", { postgresql: "money" }, [["'1.5'", "1.5"],
    ["'-92233720368547758.08'", "-92233720368547758.08"], ["'0'", "0"],
    ["'1234567.89'", "1234567.89"]], { postgresql: "@db.Money" }],
  ["d38", "Decimal", { postgresql: "decimal(38,0)", mariadb: "decimal(38,0)" },
    [["9".repeat(38), "9.9999999999999999999999999999999999999e+37"],
      [`-${"9".repeat(20)}`, `-${"9".repeat(20)}`]]],
  ["bo", "Boolean", { sqlite: "BOOLEAN", postgresql: "boolean",
    mariadb: "boolean" }, [["true", true], ["false", false]]],
  ["bi", "Boolean", { mariadb: "bit(1)" }, [["1", true], ["0", false]]],
  ["ts", "DateTime", { sqlite: "DATETIME", postgresql: "timestamp(6)",
    mariadb: "datetime(6)" }, [
    ["'2024-01-02 03:04:05.678'", "2024-01-02T03:04:05.678Z"],
    ["'2024-02-29 23:59:59.999999'", "2024-02-29T23:59:59.999Z"],
    ["'1969-12-31 23:59:59.5'", "1969-12-31T23:59:59.500Z"],
    ["'9999-12-31 00:00:00'", "9999-12-31T00:00:00.000Z"],
    [{ sqlite: "'0001-01-01 00:00:00'", postgresql: "'0001-01-01 00:00:00'",
      mariadb: "'0001-01-01 00:00:00'" }, "0001-01-01T00:00:00.000Z"]]],
  ["tz", "DateTime", { postgresql: "timestamptz(6)" }, [
    ["'2024-07-01 12:00:00+05:30'", "2024-07-01T06:30:00.000Z"]]],
  ["day", "DateTime", { sqlite: "DATETIME", postgresql: "date",
    mariadb: "date" }, [["'2024-01-02'", "2024-01-02T00:00:00.000Z"]]],
  ["clock", "DateTime", { postgresql: "time(3)", mariadb: "time(3)" },
    [["'03:04:05.5'", "1970-01-01T03:04:05.500Z"]]],
  ["s", "String", { sqlite: "TEXT", postgresql: "text",
    mariadb: "longtext" }, [["''", ""], [text("it's"), "it's"],
    [text("äöü € 😀 \u2028"), "äöü € 😀 \u2028"], [text(" x "), " x "],
    [{ sqlite: "printf('%.*c', 70000, 'y')", postgresql: "repeat('y', 70000)",
      mariadb: "repeat('y', 70000)" }, "y".repeat(70000)]]],
  ["c", "String", { postgresql: "char(5)" }, [["'ab'", "ab   "],
    ["''", "     "]], { postgresql: "@db.Char(5)" }],
  ["vc", "String", { postgresql: "varchar(9)" }, [["'ab '", "ab "],
    ["''", ""], ["'t'", "t"], [text('(a,"b\\"'), '(a,"b\\"']],
  { postgresql: "@db.VarChar(9)" }],
  ["nul", "String", { mariadb: "varchar(10)" },
    [["concat('a', char(0), 'b')", "a\0b"]]],
  // Bytes that are no UTF-8 become U+FFFD each.
  ["bad", "String", { sqlite: "TEXT" },
    [["CAST(x'61ff62' AS TEXT)", "a\ufffdb"]]],
  ["upper", "String", { sqlite: "TEXT", postgresql: "uuid", mariadb: "uuid" },
    [[text(uuid.toUpperCase()), uuid]], { sqlite: "@db.Uuid",
      postgresql: "@db.Uuid", mariadb: "@db.Uuid" }],
  ["u", "String", { sqlite: "TEXT", postgresql: "uuid", mariadb: "uuid" },
    [[text(uuid), uuid]], { postgresql: "@db.Uuid" }],
  ["e", "Mood", { sqlite: "TEXT", postgresql: "edge_mood",
    mariadb: "enum('sad','so-so')" }, [["'sad'", "sad"],
    ["'so-so'", "soso"]]],
  ["j", "Json", { sqlite: "TEXT", postgresql: "jsonb", mariadb: "json" },
    [[text('{"a": [1, null, "ü"]}'), { a: [1, null, "ü"] }],
      ["'null'", null], ["'1.5'", 1.5]]],
  ["by", "Bytes", { sqlite: "BLOB", postgresql: "bytea",
    mariadb: "longblob" }, [["", ""], ["00ff27", "AP8n"]]],
  ["list", "Int[]", { postgresql: "integer[]" },
    [["'{1,-2}'", [1, -2]], ["'{}'", []]]],
];

const depth = Math.max(...columns.map((c) => c[3].length));
const bounded = ([, type, , , native]) => /\(/.test(native?.postgresql) ||
  !/Bytes|String|Json|\[/.test(type);

for (const db of all) {
  const mine = columns.filter((c) => c[2][db.name]);
  const quote = db.name === "mariadb" ? "`" : '"';
  const literal = ([, type, , values], i) => {
    if (i >= values.length) return "NULL";
    const [sql] = values[i];
    if (type === "Bytes") return bytes[db.name](sql);
    return typeof sql === "string" ? sql : sql[db.name];
  };
  const model = (name, table, mark) => `model ${name} {\n  id Int @id\n${
    mine.map(([field, type, , , native]) => `  ${field} ${type}${
      type.endsWith("[]") ? "" : mark} ${native?.[db.name] ?? ""}`)
      .join("\n")}\n  @@map("${table}")\n}\n`;
  const schema = `enum Mood {\n  sad\n  soso @map("so-so")\n}
${model("Edge", "edges", "?")}${model("Full", "fulls", "")}`;
  const table = (name, at) => {
    const rows = Array.from({ length: depth + 1 }, (_, i) =>
      `(${[i, ...mine.map((c) => literal(c, at(i, c[3].length)))]})`);
    db.exec(`CREATE TABLE ${name} (id integer NOT NULL PRIMARY KEY, ${
      mine.map(([field, , types]) => `${quote}${field}${quote} ${
        types[db.name]} NULL`)}); INSERT INTO ${name} VALUES ${rows};`);
  };
  const fill = () => {
    if (db.name === "postgresql")
      db.exec("CREATE TYPE edge_mood AS ENUM ('sad', 'so-so');");
    table("edges", (i) => i);
    // Where a column has no more values it has its first ones again.
    table("fulls", (i, n) => i % n);
  };

  scenario(`edges of every type on ${db.name}`, {
    url: db.url,
    before: (gw) => {
      fill();
      writeFileSync(path.join(gw.folder, "schema.prisma"), schema);
      for (const name of ["fetchCompanies", "fetchMembers", "fetchProducts",
        "fetchOpportunities", "fetchContacts"])
        writeFileSync(path.join(gw.folder, `collectors/${name}.collector`),
          `model = ${name === "fetchMembers" ? "Full" : "Edge"}
bytes = base64\n`);
    },
  }, async (gw) => {
    const socket = await gw.socket();
    // Rows with Bytes are read value by value, others packed, and a page of
    // them as one value if their lengths are known to be bounded.
    for (const some of [mine, mine.filter(([, type]) => type !== "Bytes"),
      mine.filter(bounded)]) {
      const select = some.map(([name]) => name);
      const get = async (event) => {
        const answer = await call(socket, event, { select });
        assert.deepEqual(answer.error, undefined);
        assert.strictEqual(answer.data.length, depth + 1);
        return answer.data;
      };
      const edges = await get("fetchCompanies");
      const fulls = await get("fetchMembers");
      for (const [name, type, , values] of some)
        for (let i = 0; i <= depth; i++) {
          const empty = type.endsWith("[]") ? [] : null;
          assert.deepStrictEqual(edges[i][name],
            i < values.length ? values[i][1] : empty, `${name}[${i}]`);
          assert.deepStrictEqual(fulls[i][name], values[i % values.length][1],
            `${name}[${i}], required`);
        }
    }
    // None had to be asked for twice.
    if (db.name === "postgresql")
      assert.ok(db.statements().some((s) => s.includes("concat_ws")));
    assert.doesNotMatch(gw.log, /not clear as fields/);
  });
}

// SQLite has any value in any column: whether rows come packed is not seen.
const sqlite = all.find((db) => db.name === "sqlite");
const types = ["String", "Boolean", "Int", "BigInt", "Float", "Decimal",
  "DateTime", "Json", "Odd"];
const odd = ["NULL", "0", "1", "-7", "9223372036854775807", "1.5", "3.0",
  "-0.0", "1e15", "1e400", "0.1", "''", "'12'", "' 12'", "'1.50'", "'abc'",
  "'NaN'", "'Inf'", "'2024-01-02T03:04:05.678Z'", "'a' || char(0) || 'b'",
  "x''", "x'4142'", "x'00ff'"];

scenario("any value in any column of SQLite", {
  url: sqlite.url,
  before: (gw) => {
    sqlite.exec(`CREATE TABLE odds (id INTEGER PRIMARY KEY, by BLOB, v);
      INSERT INTO odds (v) VALUES ${odd.map((v) => `(${v})`)};
      ${types.map((type) => `CREATE VIEW V${type} AS SELECT * FROM odds;`)
    .join("")}`);
    writeFileSync(path.join(gw.folder, "schema.prisma"),
      `enum Odd {\n  abc\n}\n${types.map((type) => `model V${type} {
  id Int @id\n  by Bytes?\n  v ${type}?\n}\n`).join("")}`);
    const folder = path.join(gw.folder, "collectors");
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    for (const type of types)
      writeFileSync(path.join(folder, `${type}.collector`),
        `model = V${type}\n`);
  },
}, async (gw) => {
  const socket = await gw.socket();
  let whole = 0;
  for (const type of types)
    for (let id = 1; id <= odd.length; id++) {
      const ask = (...select) => call(socket, type, { select, where: { id } });
      const packed = await ask("v"), apart = await ask("v", "by");
      for (const row of apart.data ?? []) delete row.by;
      assert.deepEqual(packed, apart, `${odd[id - 1]} as ${type}`);
      whole += packed.success;
    }
  assert.ok(whole > types.length * 2, `${whole}`);
});
