// Goal: what ODBC drivers do wrong on the way is not seen in any answer: long
// values in blocks, tables that change, parameters of every type, lost
// servers, slow queries.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { databases } from "./databases.mjs";
import { call, scenario } from "./lib.mjs";

const ROWS = 200;
// Buffers are of 256 bytes and more, blocks of up to 64 rows.
const lengths = new Map([[1, 255], [2, 256], [3, 257], [64, 5000], [65, 70000],
  [66, 300], [130, 4096], [131, 4095], [199, 1000000]]);
const textOf = (id) => "aäb€"[id % 4].repeat(lengths.get(id) ?? id % 7);
const uuid = "2b810c15-c820-4500-8ed8-355f666f344f";

// types: of the columns after id; kill: end the gateway's sessions; slow: a
// query that takes long.
const families = {
  sqlite: {
    types: { body: "TEXT", fixed: "CHAR(300)", n: "INTEGER", b: "BIGINT",
      u: "TEXT", e: "TEXT", d: "DECIMAL", t: "DATETIME", ok: "BOOLEAN" },
    moment: "'2024-01-02T03:04:05.678+00:00'",
  },
  postgresql: {
    types: { body: "text", fixed: "char(300)", n: "integer", b: "bigint",
      u: "uuid", e: "trap_mood", d: "decimal(20,5)", t: "timestamp(3)",
      ok: "boolean" },
    native: { u: "@db.Uuid" },
    before: "CREATE TYPE trap_mood AS ENUM ('sad', 'so-so');",
    widen: ["ALTER TABLE traps ALTER n TYPE bigint",
      "ALTER TABLE traps ALTER fixed TYPE text"],
    kill: (db) => db.exec(`SELECT pg_terminate_backend(pid) FROM
      pg_stat_activity WHERE usename = 'dalpuri'`),
  },
  mariadb: {
    types: { body: "longtext", fixed: "char(255)", n: "int", b: "bigint",
      u: "uuid", e: "enum('sad','so-so')", d: "decimal(20,5)",
      t: "datetime(3)", ok: "boolean" },
    tail: " DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_nopad_bin",
    widen: ["ALTER TABLE traps MODIFY n bigint",
      "ALTER TABLE traps MODIFY fixed longtext"],
    kill: (db) => db.exec(`SELECT id FROM information_schema.processlist
      WHERE user = 'dalpuri'`).trim().split("\n").filter(Boolean)
      .forEach((id) => db.exec(`KILL ${id}`)),
  },
};

const prisma = { body: "String?", fixed: "String?", n: "Int?", b: "BigInt?",
  u: "String?", e: "Mood?", d: "Decimal?", t: "DateTime?", ok: "Boolean?" };
// Of row 1, as an answer has them; the others have NULL.
const values = { n: -5, b: "9007199254740993", u: uuid, e: "soso", d: "1.5",
  t: "2024-01-02T03:04:05.678Z", ok: true };

const list = "-- param l Int[]\nSELECT COUNT(*) AS n FROM traps WHERE id IN (:l)";
const files = {
  "trap.collector": "model = Trap\n",
  "nothing.sql": "-- param a String?\nSELECT :a AS a",
  "listed.sql": list,
  "slow.sql": `SELECT COUNT(*) AS n FROM traps a, traps b, traps c, traps d,
traps e WHERE a.id + b.id + c.id + d.id + e.id < 0`,
};

function prepare(gw, db, f) {
  const folder = path.join(gw.folder, "collectors");
  const quote = db.name === "mariadb" ? "`" : '"';
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files))
    writeFileSync(path.join(folder, name), text);
  writeFileSync(path.join(gw.folder, "schema.prisma"),
    `enum Mood {\n  sad\n  soso @map("so-so")\n}
model Trap {\n  id Int @id\n${Object.entries(prisma).map(([name, type]) =>
    `  ${name} ${type} ${f.native?.[name] ?? ""}`).join("\n")}
  @@map("traps")\n}\n`);
  const moment = f.moment ?? "'2024-01-02 03:04:05.678'";
  const rows = Array.from({ length: ROWS }, (_, i) => `(${[i,
    `'${textOf(i)}'`, `'${"x".repeat(i % 255)}|'`, ...(i !== 1 ?
      Array(7).fill("NULL") : [-5, "9007199254740993", `'${uuid}'`, "'so-so'",
        "1.5", moment, "true"])]})`);
  db.exec(`DROP TABLE IF EXISTS traps; ${f.before ?? ""}
    CREATE TABLE traps (id integer NOT NULL PRIMARY KEY, ${
      Object.entries(f.types).map(([name, type]) =>
        `${quote}${name}${quote} ${type} NULL`)})${f.tail ?? ""};
    INSERT INTO traps VALUES ${rows};`);
}

const good = (answer) => {
  assert.equal(answer.error, undefined);
  return answer.data;
};

// CHAR is filled up with blanks in PostgreSQL, as in Prisma's answers.
const checkTexts = (rows) => rows.forEach(({ id, body, fixed }) => {
  assert.ok(body === textOf(id), `body of row ${id}: ${body.length}`);
  assert.equal(fixed.trimEnd(), `${"x".repeat(id % 255)}|`);
});

for (const db of await databases()) {
  const f = families[db.name];

  scenario(`${db.name}: no driver's trap is seen`, { url: db.url,
    connections: 1, workers: 1, timeout: 120000,
    database: "query_timeout = 3s", before: (gw) => prepare(gw, db, f) },
  async (gw) => {
    const socket = await gw.socket();
    const ask = async (options) => good(await call(socket, "trap", options));
    const texts = { select: { id: true, body: true, fixed: true } };

    // twice: buffers have grown meanwhile
    for (const options of [texts, texts, { ...texts, take: -70 },
      { ...texts, orderBy: { id: "desc" } }]) checkTexts(await ask(options));
    assert.equal((await ask(texts)).length, ROWS);

    // each type beside one value, a short list and a long one
    for (const [name, value] of Object.entries(values)) {
      const one = await ask({ where: { [name]: value } });
      assert.deepEqual(one.map((r) => r[name]), [value], name);
      const lists = name === "ok" ? [] : [[value], Array(20).fill(value)];
      for (const many of lists)
        assert.deepEqual((await ask({ select: ["id"],
          where: { [name]: { in: many } } })).map((r) => r.id), [1], name);
      assert.equal((await ask({ where: { [name]: null } })).length, ROWS - 1);
    }

    assert.deepEqual(good(await call(socket, "nothing", { a: null })),
      [{ a: null }]);
    const ids = Array.from({ length: 2001 }, (_, i) => i);
    assert.equal(Number(good(await call(socket, "listed",
      { l: ids.slice(0, 2000) }))[0].n), ROWS);
    assert.equal((await call(socket, "listed", { l: ids })).code, "LIMIT");

    const slow = await call(socket, "slow");
    assert.equal(slow.code, "TIMEOUT", slow.error);
    assert.equal((await ask({ where: { n: -5 } })).length, 1);

    for (const statement of f.widen ?? []) {
      db.exec(`${statement};`);
      checkTexts(await ask(texts));
      assert.deepEqual((await ask({ where: { n: -5 } })).map((r) => r.n), [-5]);
    }
    if (!f.kill) return;
    f.kill(db);
    // The loss is told at most once.
    const first = await call(socket, "trap", texts);
    assert.ok(first.success || first.code === "DATABASE", first.error);
    checkTexts(await ask(texts));
  });
}
