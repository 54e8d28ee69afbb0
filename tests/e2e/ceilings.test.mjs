// Goal: there is no size at which an answer is wrong or a collector's memory
// grows with it: many parents, long lists, a million rows, one huge value.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { databases } from "./databases.mjs";
import { call, scenario } from "./lib.mjs";

const PARENTS = 110000;
const NUMBERS = 1000000;
const TEXT_BYTES = 50 << 20;

// What each database calls rows of numbers, a long text and half of a number.
// Each takes the same statements else.
const families = {
  sqlite: {
    series: (n) => `(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 ` +
      `FROM c WHERE i < ${n}) SELECT i FROM c) s`,
    text: (n) => `printf('%.*c', ${n}, 'x')`,
    half: "i / 2",
    long: "TEXT",
  },
  postgresql: {
    series: (n) => `generate_series(1, ${n}) AS s(i)`,
    text: (n) => `repeat('x', ${n})`,
    half: "i / 2",
    long: "TEXT",
  },
  mariadb: {
    series: (n) => `(SELECT seq AS i FROM seq_1_to_${n}) s`,
    text: (n) => `REPEAT('x', ${n})`,
    half: "i DIV 2",
    long: "LONGTEXT",
  },
};

const schema = `
model parent {
  id       Int     @id
  name     String
  children child[]
}
model child {
  id       Int    @id
  parentid Int
  parent   parent @relation(fields: [parentid], references: [id])
}
model crowd {
  id      Int      @id
  numbers number[]
}
model number {
  n       Int   @id
  crowdid Int
  crowd   crowd @relation(fields: [crowdid], references: [id])
}
model document {
  id   Int    @id
  body String
}
`;

const statements = (family) => [
  "CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(20))",
  "CREATE TABLE child (id INT PRIMARY KEY, parentid INT)",
  "CREATE TABLE crowd (id INT PRIMARY KEY)",
  "CREATE TABLE number (n INT PRIMARY KEY, crowdid INT)",
  "CREATE TABLE document (id INT PRIMARY KEY, body " +
    `${family.long})`,
  `INSERT INTO parent SELECT i, 'parent' FROM ${family.series(PARENTS)}`,
  `INSERT INTO child SELECT i, ${family.half} + 1 FROM ${family.series(PARENTS * 2 - 1)}`,
  "INSERT INTO crowd VALUES (1), (2)",
  `INSERT INTO number SELECT i, 2 FROM ${family.series(NUMBERS)}`,
  `INSERT INTO document SELECT i, ${family.text(10)} FROM ${family.series(3)}`,
  `UPDATE document SET body = ${family.text(TEXT_BYTES)} WHERE id = 2`,
  "CREATE INDEX child_parent ON child (parentid)",
  "CREATE INDEX number_crowd ON number (crowdid, n)",
];

function prepare(gw, db) {
  const folder = path.join(gw.folder, "collectors");
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  for (const model of schema.match(/(?<=^model )\w+/gm))
    writeFileSync(path.join(folder, `${model}.collector`),
      `model = ${model}\n`);
  writeFileSync(path.join(folder, "still.collector"),
    "model = number\nsnapshot = true\n");
  writeFileSync(path.join(gw.folder, "schema.prisma"), schema);
  db.exec(`${statements(families[db.name]).join(";\n")};`);
}

// The most memory that each has had since the last call, in MiB together.
const peak = (processes) => processes.reduce((sum, { pid }) => {
  const kib = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`,
    "utf8"))[1];
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  return sum + Number(kib) / 1024;
}, 0);

// A sanitizer keeps what was freed: then memory says nothing, and a collector
// that reached its bound may be on its way out.
function isSanitized(gw) {
  return /lib[at]san/.test(readFileSync(`/proc/${gw.child.pid}/maps`, "utf8"));
}

const good = (answer) => {
  assert.equal(answer.success, true, answer.error);
  return answer.data;
};

// Each asks for more than may be held: what is asked, how it is judged, and
// the MiB that the collector may take meanwhile.
const askings = {
  "an include over 110,000 parents": [64, async (ask) => {
    const data = good(await ask("parent", { include: { children:
      { select: { id: true } } } }));
    assert.equal(data.length, PARENTS);
    data.forEach(({ id, children }, i) => {
      assert.equal(id, i + 1);
      assert.deepEqual(children.map((c) => c.id),
        i === 0 ? [1] : [2 * i, 2 * i + 1]);
    });
  }],
  "a to-one over 219,999 rows, and a count": [64, async (ask) => {
    const data = good(await ask("child", { select: { id: true,
      parent: { select: { id: true, _count: true } } } }));
    assert.equal(data.length, PARENTS * 2 - 1);
    data.forEach(({ id, parent }, i) => {
      assert.equal(id, i + 1);
      assert.equal(parent.id, Math.floor(id / 2) + 1);
      assert.equal(parent._count.children, parent.id === 1 ? 1 : 2);
    });
  }],
  "in of 50,000 values": [64, async (ask) => {
    const wanted = Array.from({ length: 50000 }, (_, i) => i * 20 + 7);
    const data = good(await ask("number", { select: { n: true },
      where: { n: { in: [...wanted].reverse() } } }));
    assert.deepEqual(data.map((row) => row.n), wanted);
    const rest = good(await ask("number", { select: { n: true },
      where: { n: { notIn: wanted } }, take: -3 }));
    assert.deepEqual(rest.map((row) => row.n), [999998, 999999, 1000000]);
  }],
  "a million rows": [64, async (ask) => {
    const data = good(await ask("number", { select: ["n"] }));
    assert.equal(data.length, NUMBERS);
    assert.ok(data.every((row, i) => row.n === i + 1));
  }],
  "a million rows of one state": [64, async (ask) => {
    const data = good(await ask("still", { select: ["n"] }));
    assert.equal(data.length, NUMBERS);
    assert.ok(data.every((row, i) => row.n === i + 1));
  }],
  "nearly a million rows of a condition": [64, async (ask) => {
    const data = good(await ask("number", { select: ["n"],
      where: { n: { gt: 7 } } }));
    assert.equal(data.length, NUMBERS - 7);
    assert.ok(data.every((row, i) => row.n === i + 8));
  }],
  "a million rows in one relation": [64, async (ask) => {
    const data = good(await ask("crowd", { include: { numbers:
      { select: { n: true } } } }));
    assert.deepEqual(data.map((row) => row.id), [1, 2]);
    assert.equal(data[0].numbers.length, 0);
    assert.equal(data[1].numbers.length, NUMBERS);
    assert.ok(data[1].numbers.every((row, i) => row.n === i + 1));
  }],
  "a text of 50 MiB": [400, async (ask) => {
    const data = good(await ask("document", {}));
    assert.deepEqual(data.map((row) => row.body.length),
      [10, TEXT_BYTES, 10]);
    assert.match(data[1].body, /^x+$/);
  }],
};

// No process grows with the rows of an answer.
async function tenTimes(gw, t, ask) {
  const all = [...gw.processes(), { pid: gw.child.pid }], most = [];
  for (const take of [10000, 100000]) {
    peak(all);
    const rows = await ask("parent", { take, include: { children: true } });
    assert.equal(good(rows).length, take);
    most.push(peak(all));
  }
  t.diagnostic(`${most.map((mib) => mib.toFixed(1)).join(", ")} MiB`);
  assert.ok(most[1] < 1.3 * most[0] && most[1] < 64, most.join(", "));
}

for (const db of await databases())
  scenario(`sizes on ${db.name}`, { timeout: 180000, workers: 1,
    connections: 1, database: false, url: db.url,
    before: (gw) => prepare(gw, db) }, async (gw, t) => {
    const socket = await gw.socket();
    await t.test("ten times the rows", { skip: isSanitized(gw) }, (t) =>
      tenTimes(gw, t, (...args) => call(socket, ...args)));
    for (const [name, [most, judge]] of Object.entries(askings))
      await t.test(name, async () => {
        if (isSanitized(gw)) {
          await judge((...args) => call(socket, ...args));
          return;
        }
        peak(gw.processes("collector"));
        await judge((...args) => call(socket, ...args));
        const used = peak(gw.processes("collector"));
        t.diagnostic(`${name}: ${used.toFixed(1)} MiB`);
        assert.ok(used < most, `${used} MiB, more than ${most}`);
      });
  });
