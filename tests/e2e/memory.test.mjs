// Goal: memory is bounded by the conf and not by data: neither a million rows,
// nor a long text, nor a client that reads 1 KB a second, nor thousands of
// idle clients make any process grow beyond what the manual says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { call, ownMemory, scenario, sleep } from "./lib.mjs";
import { K, text, upgrade, W } from "./raw.mjs";

const NUMBERS = 1000000;
const WIDE = 10000;
const TEXT_BYTES = 50 << 20;
const IDLE = 5000;
const KIB_EACH = 2;

const schema = `
model number {
  n Int @id
}
model wide {
  id Int     @id
  a  String?
  b  String?
  c  Float?
  d  Decimal?
}
model document {
  id   Int    @id
  body String
}
`;
const rows = `
CREATE TABLE number (n INTEGER PRIMARY KEY);
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c
  WHERE i < ${NUMBERS}) INSERT INTO number SELECT i FROM c;
CREATE TABLE wide (id INTEGER PRIMARY KEY, a, b, c, d);
WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c
  WHERE i < ${WIDE}) INSERT INTO wide SELECT i,
  substr(hex(zeroblob(1000)), 1, i * 7919 % 1500),
  substr(hex(zeroblob(1000)), 1, i * 104729 % 300), i * 1.37, i / 8.0 FROM c;
CREATE TABLE document (id INT PRIMARY KEY, body TEXT);
INSERT INTO document VALUES (1, printf('%.*c', ${TEXT_BYTES}, 'x'));
`;

function prepare(gw) {
  const folder = path.join(gw.folder, "collectors");
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  for (const model of ["number", "wide", "document"])
    writeFileSync(path.join(folder, `${model}.collector`),
      `model = ${model}\n`);
  writeFileSync(path.join(gw.folder, "schema.prisma"), schema);
  execFileSync("sqlite3", [gw.database], { input: rows });
}

// A sanitizer keeps what was freed: then memory says nothing.  Every one is
// known by the addresses that it reserves, terabytes of them.
const isSanitized = (gw) => Number(/^VmSize:\s+(\d+)/m.exec(readFileSync(
  `/proc/${gw.child.pid}/status`, "utf8"))[1]) > 2 ** 30;

// KiB of all processes by their roles.
function memory(gw) {
  const all = { master: 0, worker: 0, collector: 0, loader: 0 };
  for (const { pid, title } of [...gw.processes(),
    { pid: gw.child.pid, title: "dalpuri: master" }])
    all[/^dalpuri: (\w+)/.exec(title)[1]] += ownMemory(pid);
  return all;
}
const sum = (all) => Object.values(all).reduce((a, b) => a + b);

// What each role has had at most, above what it had before, while work runs.
async function growth(gw, work) {
  const before = memory(gw), most = { ...before };
  const look = () => {
    const now = memory(gw);
    for (const role in most) most[role] = Math.max(most[role], now[role]);
  };
  const timer = setInterval(look, 20);
  try {
    await work();
    look();
  } finally {
    clearInterval(timer);
  }
  return Object.fromEntries(Object.keys(most).map((role) =>
    [role, (most[role] - before[role]) / 1024]));
}

function judge(t, gw, grown, most) {
  t.diagnostic(`MiB: ${JSON.stringify(grown)}`);
  if (isSanitized(gw)) return;
  for (const role in most)
    assert.ok(grown[role] < most[role], `${role}: ${grown[role]} MiB, ` +
      `more than ${most[role]}`);
}

// A client that keeps nothing of what it hears but the last bytes.
async function connect(gw) {
  const socket = net.connect(gw.port, "127.0.0.1");
  const client = { socket, bytes: 0, tail: "" };
  socket.on("error", () => {});
  socket.on("data", (d) => {
    client.bytes += d.length;
    client.tail = (client.tail + d.subarray(-64).toString("latin1")).slice(-64);
  });
  const hears = (pattern) => new Promise((done, failed) => {
    const look = () => pattern.test(client.tail) && done();
    socket.on("data", look);
    socket.on("close", () => failed(new Error("closed")));
  });
  client.asks = (message, pattern) => {
    socket.write(text(message));
    return hears(pattern);
  };
  socket.write(upgrade(W));
  await hears(/"maxPayload":\d+}$/);
  await client.asks(K, /40{"sid":"[^"]+"}$/);
  return client;
}

scenario("memory and the size of answers",
  { workers: 1, connections: 1, log: "info", before: prepare },
  async (gw, t) => {
    const client = await connect(gw);
    const small = (id) => client.asks(`42${id}["number",{"take":1}]`,
      new RegExp(`43${id}\\[.*}]$`));
    // An answer that is streamed ends anywhere: the next one is whole.
    const asks = (name, event, most) => t.test(name, async (t) => {
      const before = client.bytes;
      judge(t, gw, await growth(gw, async () => {
        client.socket.write(text(`421["${event}"]`));
        await small(2);
      }), { master: 1, worker: 4, collector: most });
      t.diagnostic(`${client.bytes - before} bytes`);
    });
    await small(0);
    await asks("a million rows", "number", 16);
    await asks("a text of 50 MiB", "document", 400);
    client.socket.destroy();
  });

scenario("memory and the same rows again and again",
  { workers: 1, connections: 1, log: "info", before: prepare },
  async (gw, t) => {
    const client = await connect(gw);
    const ask = (id) => {
      client.socket.write(text(`42${id}["wide"]`));
      return client.asks(`42${id + 1}["number",{"take":1}]`,
        new RegExp(`43${id + 1}\\[.*}]$`));
    };
    for (let i = 0; i < 2; i++) await ask(2 * i);
    judge(t, gw, await growth(gw, async () => {
      for (let i = 2; i < 22; i++) await ask(2 * i);
    }), { master: 1, worker: 4, collector: 6 });
    client.socket.destroy();
  });

scenario("memory and a client that reads 1 KB a second",
  { workers: 1, connections: 2, log: "info", before: prepare,
    limits: "unread_timeout = 1min" },
  async (gw, t) => {
    const slow = await connect(gw), socket = await gw.socket();
    await call(socket, "number", { take: 1 });
    const grown = await growth(gw, async () => {
      slow.socket.write(text('421["number"]'));
      slow.socket.write(text('422["number"]'));
      for (let second = 0; second < 5; second++) {
        slow.socket.pause();
        slow.socket.read(1024);
        await sleep(1000);
        assert.equal((await call(socket, "number", { take: 1 })).success,
          true);
      }
    });
    judge(t, gw, grown, { master: 1, worker: 4, collector: 32 });
    assert.ok(slow.bytes < NUMBERS * 8);
    slow.socket.destroy();
  });

scenario("memory of idle clients", { log: "info", workers: 2,
  connections: 1 }, async (gw, t) => {
  const clients = [], n = isSanitized(gw) ? IDLE / 10 : IDLE;
  (await gw.socket()).disconnect();
  const before = sum(memory(gw));
  const each = () => (sum(memory(gw)) - before) / n;
  while (clients.length < n)
    clients.push(...await Promise.all(Array.from({ length: 100 },
      () => connect(gw))));
  await sleep(500);
  const idle = each();
  for (let i = 0; i < n; i += 100)
    await Promise.all(clients.slice(i, i + 100).map((c) => c.asks(
      '420["fetchMembers",{"select":["memberRecId"]}]', /]}]$/)));
  await sleep(500);
  const used = each();
  for (const c of clients) c.socket.destroy();
  t.diagnostic(`KiB of each: ${idle}, after a request ${used}`);
  if (isSanitized(gw)) return;
  assert.ok(idle < KIB_EACH, `${idle} KiB of each`);
  assert.ok(used < KIB_EACH * 1.25, `${used} KiB of each after a request`);
});
