// Goal: PostgreSQL joins the fields of short, required columns with
// separators; that this is right only without NULL and separators in them is
// seen in no answer.
import assert from "node:assert";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { databases } from "./databases.mjs";
import { call, scenario, until } from "./lib.mjs";

const db = (await databases()).find(({ name }) => name === "postgresql");
const field = "\u0016", row = "\u0017";
const quoted = (s) => (s === null ? "NULL" : `'${s.replaceAll("'", "''")}'`);
const unclear = /rows of (\w+): not clear as fields/g;

// The texts of a row; those of the second list cannot be had as fields.
const clear = [["a", "b"], ["", ""], ["", "b"], ["a", ""], [" ", "\t\n"],
  ["\u001f", "\u001e"], ["(1,\"a\",)", "\\"], ["NULL", "ü😀"]];
const odd = [[field, "b"], ["a", field], [row, "b"], ["a", row],
  [`${field}a`, "b"], [`a${field}c`, "b"], ["a", `b${field}`],
  [`${row}a`, "b"], ["a", `b${row}c`], ["a", `b${row}`],
  [field + row, row + field],
  // Rows of their own, forged in each column.
  [`a${field}b${field}77${row}x`, "b"], ["a", `b${field}77${row}x${field}y`],
  ["a", `b${row}x${field}y${field}78`],
  // Against the schema; a text may make up for what is missing, or more.
  [null, "b"], ["a", null], [null, null], [null, `b${field}c`],
  ["a" + field, null], [null, `a${row}x${field}y${field}79`]];
const rows = [...clear, ...odd];
const data = rows.map(([a, b], id) => ({ id, a, b }));

// A function of PostgreSQL takes 100 arguments, of which one is a separator.
const wide = Array.from({ length: 99 }, (_, i) => `n${i + 1}`);

const model = (name, table) => `model ${name} {
  id Int @id\n  a String @db.VarChar(40)\n  b String @db.VarChar(40)
  by Bytes?\n  parent Int\n  of Top @relation(fields: [parent],
  references: [id])\n  @@map("${table}")\n}\n`;
const schema = `${model("Pair", "pairs")}model Top {
  id Int @id\n  pairs Pair[]\n  longs Long[]\n  ones One[]
  @@map("tops")\n}\n${model("Long", "longs")}model One {
  a String @id @db.VarChar(40)\n  top Int?
  of Top? @relation(fields: [top], references: [id])\n  @@map("ones")\n}
model Wide {\n  id Int @id\n${wide.map((c) => `  ${c} Int\n`).join("")}
  @@map("wides")\n}\n`;
const collectors = { fetchCompanies: "Pair", fetchContacts: "Top",
  fetchMembers: "Long", fetchProducts: "One", fetchOpportunities: "Wide" };
const many = 3000, wrong = 2000;

db.exec(`CREATE TABLE tops (id integer PRIMARY KEY);
  INSERT INTO tops VALUES (1), (2);
  CREATE TABLE pairs (id integer PRIMARY KEY, a varchar(40), b varchar(40),
    by bytea, parent integer);
  INSERT INTO pairs VALUES ${rows.map((texts, id) =>
  `(${id}, ${texts.map(quoted)}, NULL, ${id % 2 + 1})`)};
  CREATE TABLE longs AS SELECT i AS id, 'a' || i AS a, CASE i WHEN ${wrong}
    THEN '${field}' ELSE 'b' END AS b, NULL::bytea AS by, 1 AS parent
    FROM generate_series(1, ${many}) i;
  CREATE TABLE ones (a varchar(40), top integer);
  INSERT INTO ones VALUES (''), ('x');
  CREATE TABLE wides (id integer PRIMARY KEY, ${wide.map((c, i) =>
  `${c} integer DEFAULT ${i + 1}`)}); INSERT INTO wides VALUES (0);`);

function before(gw) {
  writeFileSync(path.join(gw.folder, "schema.prisma"), schema);
  for (const [name, of] of Object.entries(collectors))
    writeFileSync(path.join(gw.folder, `collectors/${name}.collector`),
      `model = ${of}\n`);
}

// The answer, and of which models rows were asked for once more.
async function ask(gw, socket, event, options) {
  const from = gw.log.length;
  const answer = await call(socket, event, options);
  assert.equal(answer.error, undefined);
  const log = () => gw.log.slice(from);
  await until(() => log().includes(": answered"), "the log is here");
  return [answer.data, [...log().matchAll(unclear)].map(([, name]) => name)];
}

scenario("separators and NULL in required columns", {
  url: db.url, before, limits: "batch_bytes = 64K",
}, async (gw) => {
  const socket = await gw.socket();
  const select = { id: true, a: true, b: true };
  const get = (event, options) => ask(gw, socket, event, options);
  // Each alone: with Bytes beside them values come one by one.
  for (const [id, texts] of rows.entries()) {
    const where = { id };
    assert.deepEqual(await get("fetchCompanies", { select, where }),
      [[data[id]], id < clear.length ? [] : ["Pair"]], `${texts}`);
    const [[apart]] = await get("fetchCompanies",
      { select: { ...select, by: true }, where });
    assert.deepEqual(apart, { ...data[id], by: null });
  }
  assert.ok(db.statements().some((s) => s.includes("concat_ws")));
  // None; those that are clear; all.
  const where = { id: { lt: clear.length } };
  assert.deepEqual(await get("fetchCompanies", { select, where: { id: 99 } }),
    [[], []]);
  assert.deepEqual(await get("fetchCompanies", { select, where }),
    [data.slice(0, clear.length), []]);
  assert.deepEqual(await get("fetchCompanies", { select }), [data, ["Pair"]]);
  assert.deepEqual(await get("fetchCompanies", { select, take: -3, skip: 1 }),
    [data.slice(-4, -1), ["Pair"]]);
  // One column, of which a page may be a single empty text.
  assert.deepEqual(await get("fetchProducts", { select: ["a"] }),
    [[{ a: "" }, { a: "x" }], []]);
  assert.deepEqual(await get("fetchProducts", { select: ["a"], take: 1 }),
    [[{ a: "" }], []]);
  for (const n of [98, 99]) {
    const some = ["id", ...wide.slice(0, n)];
    assert.deepEqual(await get("fetchOpportunities", { select: some }),
      [[Object.fromEntries(some.map((c, i) => [c, i]))], []]);
  }
  // Below parents.
  const below = (parent) => data.filter(({ id }) => id % 2 + 1 === parent);
  assert.deepEqual(await get("fetchContacts",
    { include: { pairs: { select } } }),
  [[1, 2].map((id) => ({ id, pairs: below(id) })), ["Pair"]]);
  // By a required column of a row that is not there: no fields at once.
  assert.deepEqual(await get("fetchProducts", { select: ["a"],
    orderBy: [{ of: { id: "asc" } }, { a: "desc" }] }),
  [[{ a: "x" }, { a: "" }], []]);
});

scenario("a later page that has a separator", {
  url: db.url, before, limits: "batch_bytes = 64K",
}, async (gw) => {
  const socket = await gw.socket();
  const all = Array.from({ length: many }, (_, i) => ({ id: i + 1,
    a: `a${i + 1}`, b: i + 1 === wrong ? field : "b" }));
  const select = { id: true, a: true, b: true };
  const get = (event, options) => ask(gw, socket, event, options);
  assert.deepEqual(await get("fetchMembers", { select }), [all, ["Long"]]);
  assert.deepEqual(await get("fetchMembers", { select, take: wrong + 1 }),
    [all.slice(0, wrong + 1), ["Long"]]);
  assert.deepEqual(await get("fetchMembers", { select, take: wrong - 1 }),
    [all.slice(0, wrong - 1), []]);
  // As a stream of its own, which is larger than a batch.
  const [tops, again] = await get("fetchContacts", { where: { id: 1 },
    select: { longs: { select } } });
  assert.deepEqual(tops, [{ longs: all }]);
  assert.deepEqual(again, ["Long"]);
  // Pages of both forms have been asked for, and not the first one twice.
  const asked = db.statements().filter((s) => s.includes("longs"));
  assert.ok(asked.some((s) => s.includes("concat_ws") && s.includes(">")));
  assert.ok(asked.some((s) => s.includes("string_agg(ROW(r.*)") &&
    s.includes(">")));
});
