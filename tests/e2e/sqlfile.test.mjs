// Goal: .sql collectors on every database: rows by the query's own columns,
// typed parameters that never become SQL, pages, and files that are refused
// without harm to the others.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { databases } from "./databases.mjs";
import { call, program, put, reload, scenario, top } from "./lib.mjs";

const file = (gw, name) => path.join(gw.folder, "collectors", name);
const check = (gw) => spawnSync(program, ["check", "-c", gw.conf],
  { encoding: "utf8", timeout: 20000 });

const said = /reload: (generation \d+ is in force|nothing)/;

const head = `-- describe Items by their number.
-- param minId Int = 0 : smallest id
-- param name String? : of this name only
`;
const files = {
  "plain.sql": `SELECT id, name
FROM sqlfile_items ORDER BY 1;
`,
  "items.sql": `${head}
SELECT c.id, c.name AS "Na'me" /* ; '?' :no */
FROM sqlfile_items c -- not the end ; :nothing
WHERE c.id >= :minId
  AND (:name IS NULL OR c.name = :name)
  AND ':text?' <> ''
ORDER BY c.id
`,
  "lists.sql": `-- param ids Int[] : some of them
-- param names String[] = ["a", "b"]
SELECT id FROM sqlfile_items
WHERE id IN (:ids) AND name NOT IN (:names)
ORDER BY 1`,
  "limited.sql": `-- param most Int = 3
SELECT id FROM sqlfile_items ORDER BY 1 LIMIT :most`,
  "capped.sql": `-- max_rows 5
SELECT id FROM sqlfile_items ORDER BY 1`,
  "counted.sql": `WITH x AS (SELECT id FROM sqlfile_items)
SELECT COUNT(*) AS n FROM x`,
  "twice.sql": "SELECT id AS a, name AS a FROM sqlfile_items",
  "broken.sql": "SELECT nothing FROM no_such_table",
  "photos.sql": "SELECT id, photo FROM sqlfile_items WHERE id < 3 ORDER BY 1",
  "photos64.sql": `-- bytes base64
SELECT id, photo FROM sqlfile_items ORDER BY 1`,
};

// Thirty rows, each with two bytes of its own.
function makeItems(db) {
  const blob = { postgresql: (i) => `'\\x${i}${i}'`, mariadb: (i) =>
    `x'${i}${i}'`, sqlite: (i) => `x'${i}${i}'` }[db.name];
  const type = { postgresql: "bytea" }[db.name] ?? "blob";
  const all = Array.from({ length: 30 }, (_, i) => 10 + i);
  db.exec(`DROP TABLE IF EXISTS sqlfile_items;
CREATE TABLE sqlfile_items (id integer PRIMARY KEY, name varchar(60),
  photo ${type});
INSERT INTO sqlfile_items VALUES (1, 'first', ${blob(10)}),
  (2, 'second', NULL), ${all.map((i) => `(${i}, 'item ${i}', ${blob(i)})`)};`);
}

function ids(answer) {
  assert.equal(answer.success, true, JSON.stringify(answer));
  return answer.data.map(({ id }) => id);
}

async function refused(socket, event, options, code, words) {
  const answer = await call(socket, event, options);
  assert.equal(answer.success, false, JSON.stringify(answer).slice(0, 500));
  assert.equal(answer.code, code, answer.error);
  assert.match(answer.error, words);
}

const family = (db) => {
  makeItems(db);
  const options = { url: db.url, database: false,
    before: (gw) => put(gw, files) };

  scenario(`${db.name}: rows, parameters and pages`, options, async (gw) => {
    const socket = await gw.socket();
    const all = ids(await call(socket, "plain"));
    assert.equal(all.length, 32);
    assert.deepEqual(all, [...all].sort((a, b) => a - b));
    const { data } = await call(socket, "items", { take: 1 });
    assert.deepEqual(data, [{ id: 1, "Na'me": "first" }]);
    const [id, name] = [1, "first"];

    for (const nothing of [{}, null, 7, "x", undefined])
      assert.deepEqual(ids(await call(socket, "items", nothing)), all);
    assert.deepEqual(ids(await call(socket, "items",
      { minId: all[10] })), all.slice(10));
    assert.deepEqual(ids(await call(socket, "items", { name })), [id]);
    assert.deepEqual(ids(await call(socket, "items", { name: null })),
      all);
    assert.deepEqual(ids(await call(socket, "items",
      { minId: all[5], take: 3, skip: 2 })), all.slice(7, 10));
    assert.deepEqual(ids(await call(socket, "items", { take: 0 })), []);
    assert.deepEqual(ids(await call(socket, "items",
      { skip: 1e6 })), []);
    assert.deepEqual(ids(await call(socket, "lists",
      { ids: [all[3], all[1], all[1], -5] })), [all[1], all[3]]);
    assert.deepEqual(ids(await call(socket, "lists",
      { ids: all.slice(0, 17), names: [name, "x'"] })), all.slice(1, 17));
    assert.deepEqual(ids(await call(socket, "limited")), all.slice(0, 3));
    assert.deepEqual(ids(await call(socket, "limited",
      { most: 9, skip: 1, take: 4 })), all.slice(1, 5));
    assert.deepEqual((await call(socket, "counted")).data.map(({ n }) =>
      Number(n)), [all.length]);
    assert.deepEqual((await call(socket, "photos")).data,
      [{ id: 1, photo: Buffer.from([16, 16]) }, { id: 2, photo: null }]);
    assert.equal((await call(socket, "photos64")).data.at(-1).photo,
      Buffer.from([0x39, 0x39]).toString("base64"));
    assert.deepEqual(ids(await call(socket, "capped", { take: 5 })),
      all.slice(0, 5));
    const capped = await call(socket, "capped");
    assert.equal(capped.code, "LIMIT");
  });

  scenario(`${db.name}: what is refused, by name`, options, async (gw) => {
    const socket = await gw.socket();
    const no = (options, words) => refused(socket, "items", options,
      "BAD_OPTIONS", words);
    await no({ minid: 1 }, /"minid".*did you mean "minId"/);
    await no({ minId: "1" }, /"minId" of items.*integer/);
    await no({ minId: null }, /"minId" of items.*integer/);
    await no({ minId: 2147483648 }, /"minId"/);
    await no({ name: 5 }, /"name" of items.*string/);
    await no({ name: "a\u0000b" }, /NUL/);
    for (const option of ["select", "include", "omit", "where", "orderBy",
      "cursor", "distinct", "_count"])
      await no({ [option]: {} }, new RegExp(`"${option}"`));
    for (const value of [-1, 1.5, "5", null, [], 2 ** 63])
      for (const option of ["take", "skip"])
        await no({ [option]: value }, new RegExp(`"${option}"`));
    await refused(socket, "lists", {}, "BAD_OPTIONS", /"ids".*missing/);
    await refused(socket, "lists", { ids: [] }, "BAD_OPTIONS", /empty/);
    await refused(socket, "lists", { ids: 5 }, "BAD_OPTIONS", /array/);
    await refused(socket, "lists", { ids: [1, "2"] }, "BAD_OPTIONS", /"ids"/);
    await refused(socket, "lists", { ids: Array(2001).fill(1) }, "LIMIT",
      /2000/);
    await refused(socket, "twice", {}, "DATABASE", /both called "a"/);
    await refused(socket, "broken", {}, "DATABASE", /no_such_table|nothing/i);
    // and after all that it still works
    assert.equal((await call(socket, "plain", { take: 1 })).success, true);
  });

  scenario(`${db.name}: a value is a value`, options, async (gw) => {
    const socket = await gw.socket();
    const before = ids(await call(socket, "plain"));
    for (const name of ["' OR '1'='1", "'; DELETE FROM sqlfile_items; --",
      "\\' OR 1=1 -- ", "\" OR \"\"=\"", "` OR 1=1", ":minId", "?", "$1",
      "%", "_", "NULL", "\u02bc OR 1=1", "/*", "x') UNION SELECT 1, 'x' -- "])
      assert.deepEqual(ids(await call(socket, "items", { name })), [],
        name);
    assert.deepEqual(ids(await call(socket, "plain")), before);
  });

  const types = {
    postgresql: ["int", "bigint", "double precision", "numeric(38,10)",
      "boolean", "timestamp(6)", "text"],
    mariadb: ["int", "bigint", "double", "decimal(38,10)", "boolean",
      "datetime(6)", "varchar(100)"],
    sqlite: ["INTEGER", "BIGINT", "DOUBLE", "DECIMAL", "BOOLEAN", "DATETIME",
      "TEXT"],
  }[db.name];
  const kinds = ["Int", "BigInt", "Float", "Decimal", "Boolean", "DateTime",
    "String"];
  const values = [-7, "9007199254740993", 0.1, "12345.25", true,
    "2024-02-29T23:59:59.123Z", "Grüße 😀 'x' \\ \" `"];
  const lower = [-2147483648, "-9223372036854775808", -1e308, "-1", false,
    "0001-01-01T00:00:00.000Z", ""];

  scenario(`${db.name}: each type finds its value, and nothing else`,
    { ...options, before: (gw) => {
      const stored = db.name === "sqlite" ?
        "2024-02-29T23:59:59.123+00:00" : "2024-02-29 23:59:59.123";
      const text = values[6].replaceAll("'", "''")
        .replaceAll("\\", db.name === "mariadb" ? "\\\\" : "\\");
      const literal = [values[0], values[1], values[2], values[3],
        db.name === "postgresql" ? "true" : 1, `'${stored}'`, `'${text}'`];
      db.exec(`DROP TABLE IF EXISTS sqlfile_kinds;
CREATE TABLE sqlfile_kinds (${types.map((t, i) => `c${i} ${t}`)});
INSERT INTO sqlfile_kinds VALUES (${literal});`);
      kinds.forEach((kind, i) => put(gw, {
        [`kind${i}.sql`]: `-- param v ${kind}
SELECT c${i} AS id FROM sqlfile_kinds WHERE c${i} = :v`,
        [`above${i}.sql`]: `-- param v ${kind}
SELECT c${i} AS id FROM sqlfile_kinds WHERE c${i} >= :v`,
        [`maybe${i}.sql`]: `-- param v ${kind}? = null
SELECT 1 AS id FROM sqlfile_kinds WHERE :v IS NULL`,
      }));
    } }, async (gw) => {
      const socket = await gw.socket();
      // MariaDB's booleans are small integers
      const stored = values.map((v) => (v === true && db.name === "mariadb" ?
        1 : v));
      for (let i = 0; i < kinds.length; i++) {
        const other = [5, "5", 5.5, "5.5", false, "2024-02-29T23:59:59.124Z",
          "gruesse"][i];
        assert.deepEqual(ids(await call(socket, `kind${i}`,
          { v: values[i] })), [stored[i]], kinds[i]);
        assert.deepEqual(ids(await call(socket, `kind${i}`, { v: other })),
          [], kinds[i]);
        assert.deepEqual(ids(await call(socket, `above${i}`,
          { v: lower[i] })), [stored[i]], kinds[i]);
        assert.equal(ids(await call(socket, `maybe${i}`)).length, 1);
        assert.equal(ids(await call(socket, `maybe${i}`, { v: values[i] }))
          .length, 0);
        await refused(socket, `kind${i}`, { v: [] }, "BAD_OPTIONS", /"v"/);
        await refused(socket, `kind${i}`, {}, "BAD_OPTIONS", /"v".*missing/);
      }
      await refused(socket, "kind5", { v: "2024-02-29" }, "BAD_OPTIONS",
        /zone/);
    });

  scenario(`${db.name}: a result larger than any buffer`, { ...options,
    before: (gw) => put(gw, { "many.sql": `-- param n Int
WITH RECURSIVE t(id) AS (SELECT 1
UNION ALL SELECT id + 1 FROM t WHERE id < :n)
SELECT id, 'some text to make it longer' AS txt FROM t ORDER BY id` }) },
  async (gw) => {
    const socket = await gw.socket();
    const n = db.name === "mariadb" ? 900 : 50000;
    const all = ids(await call(socket, "many", { n }));
    assert.equal(all.length, n);
    assert.ok(all.every((id, i) => id === i + 1));
    assert.deepEqual(ids(await call(socket, "many", { n, skip: n - 2 })),
      [n - 1, n]);
  });

  // MariaDB's driver holds the result; an admin's LIMIT bounds it there.
  if (db.name !== "mariadb")
    scenario(`${db.name}: a million rows in bounded memory`, { ...options,
      connections: 1, workers: 1, timeout: 120000,
      before: (gw) => put(gw, { "million.sql": `-- param n Int
-- param word String
WITH RECURSIVE t(id) AS (SELECT 1
UNION ALL SELECT id + 1 FROM t WHERE id < :n) SELECT id, :word AS w FROM t` }) },
    async (gw) => {
      const socket = await gw.socket();
      const answer = await call(socket, "million", { n: 1000000, word: "'?" });
      assert.equal(answer.error, undefined);
      assert.equal(answer.data.length, 1000000);
      assert.ok(answer.data.every(({ id, w }, i) => id === i + 1 && w === "'?"));
      const [{ pid }] = gw.processes("collector");
      const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(
        `/proc/${pid}/status`, "utf8"))[1];
      // a sanitizer keeps what was freed
      const sanitized = /libasan/.test(readFileSync(`/proc/${pid}/maps`));
      assert.ok(sanitized || peak < 64 << 10, `${peak} KiB`);
    });

  test(`${db.name}: no statement has written`, () => {
    const words = /^(?:\/\* reads \*\/ )?(?:SELECT|WITH|BEGIN|START TRANSACTION|ROLLBACK|SET|SHOW|DECLARE|FETCH|CLOSE|DEALLOCATE|DISCARD|EXECUTE|PREPARE|DESCRIBE|SAVEPOINT|RELEASE)\b/i;
    const wrong = db.statements().filter((s) => s && !words.test(s.trim()));
    assert.deepEqual(wrong, []);
  });
};

for (const db of await databases()) family(db);

const bad = {
  "empty.sql": ["", /empty\.sql:1: .*no query/],
  "two.sql": ["SELECT 1 AS a;\nDELETE FROM Company", /two\.sql:2: .*second/],
  "hidden.sql": ["SELECT 1 AS a -- '\n; DROP TABLE Company --'",
    /hidden\.sql:2: .*second/],
  "write.sql": ["-- x\n\nUPDATE Company SET x = 1", /write\.sql:3: UPDATE/],
  "call.sql": ["SELECT load_extension('x') AS a", /call\.sql:1: .*load_ext/],
  "quote.sql": ["SELECT 'a\n\n", /quote\.sql:1: .*without end/],
  "unused.sql": ["-- param a Int\nSELECT 1 AS a", /unused\.sql:1: .*"a"/],
  "unknown.sql": ["SELECT :a AS a", /unknown\.sql:1: .*":a".*declared/],
  "take.sql": ["-- param take Int\nSELECT :take AS a", /take\.sql:1: .*"take"/],
  "type.sql": ["-- param a Integer\nSELECT :a AS a", /type\.sql:1: .*Integer/],
  "nul.sql": ["SELECT 1\0 AS a", /nul\.sql:1: .*NUL/],
  "bytes.sql": [Buffer.from("SELECT '\xff' AS a", "latin1"),
    /bytes\.sql:1: .*UTF-8/],
  "model.collector": ["model = Nothing", /model\.collector:1: .*"Nothing"/],
  "9lives.sql": ["SELECT 1 AS a", /9lives\.sql:1: .*cannot be called/],
};

scenario("faulty files are named, and leave the rest running",
  { before: (gw) => put(gw, Object.fromEntries(Object.entries(bad)
    .map(([name, [text]]) => [name, text]))) }, async (gw) => {
    const socket = await gw.socket();
    assert.equal((await call(socket, "fetchCompanies")).success, true);
    for (const [name, [, words]] of Object.entries(bad)) {
      assert.match(gw.log, words);
      const event = name.replace(/\..*/, "");
      await refused(socket, event, {}, "UNKNOWN_COLLECTOR", /refused/);
      const { error } = await call(socket, event);
      assert.ok(!error.includes(gw.folder), error);
    }
    const r = check(gw);
    assert.equal(r.status, 78, r.stderr);
    for (const [, words] of Object.values(bad)) assert.match(r.stderr, words);
  });

scenario("the example in the manual answers", { before: (gw) => copyFileSync(
  path.join(top, "examples/openOpportunities.sql"),
  file(gw, "openOpportunities.sql")) }, async (gw) => {
  const socket = await gw.socket();
  const { data } = await call(socket, "openOpportunities");
  assert.ok(data.length > 0);
  assert.deepEqual(Object.keys(data[0]), ["id", "name", "company", "revenue"]);
  const dear = await call(socket, "openOpportunities", { minRevenue: 5000 });
  assert.deepEqual(dear.data, data.filter((r) => r.revenue >= 5000));
});

scenario("a reload keeps the last good version of what became faulty",
  { before: (gw) => put(gw, { "a.sql": "SELECT 1 AS v" }) }, async (gw) => {
    const value = async () => {
      const socket = await gw.socket();
      const answer = await call(socket, "a");
      socket.disconnect();
      return answer.success ? answer.data[0].v : answer.code;
    };
    assert.equal(await value(), 1);
    put(gw, { "a.sql": "SELECT 2 AS v;;", "b.sql": "SELECT 3 AS v" });
    await reload(gw, null, said);
    assert.equal(await value(), 1);
    assert.match(gw.log, /a\.sql:1: .*second/);
    assert.match(gw.log, /a\.sql: its last good version stays in force/);
    const socket = await gw.socket();
    assert.equal((await call(socket, "b")).data[0].v, 3);

    // still faulty, now in another way, and a collector of a model too
    put(gw, { "a.sql": "DELETE", "fetchMembers.collector": "model = Membre" });
    await reload(gw, null, said);
    assert.equal(await value(), 1);
    assert.equal((await call(await gw.socket(), "fetchMembers")).success,
      true);
    put(gw, { "a.sql": "SELECT 4 AS v" });
    await reload(gw, null, said);
    assert.equal(await value(), 4);

    // two files for one event: neither is new, and the old one stays
    put(gw, { "a.collector": "model = Company" });
    await reload(gw, null, said);
    assert.match(gw.log, /a\.collector:1: the event "a"/);
    assert.match(gw.log, /a\.sql:1: the event "a"/);
    assert.equal(await value(), 4);
    rmSync(file(gw, "a.sql"));
    await reload(gw, null, said);
    assert.equal((await call(await gw.socket(), "a")).data[0].companyRecId, 1);
    rmSync(file(gw, "a.collector"));
    await reload(gw, null, said);
    assert.equal(await value(), "UNKNOWN_COLLECTOR");

    // a fault of the schema changes nothing at all
    put(gw, { "c.sql": "SELECT 5 AS v" });
    const schema = path.join(gw.folder, "schema.prisma");
    const good = readFileSync(schema);
    writeFileSync(schema, "model Company {");
    await reload(gw, null, said);
    assert.equal((await call(await gw.socket(), "c")).success, false);
    writeFileSync(schema, good);
  });
