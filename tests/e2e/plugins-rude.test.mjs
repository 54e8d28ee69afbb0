// Goal: a plugin that crashes, hangs, leaks, writes where it should not, says
// nonsense or nothing costs its own request and is named in the log; what runs
// beside it is not touched, and system calls stay refused unless the conf
// lifts them, for those that it names.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { call, program, scenario, sleep, sql, until } from "./lib.mjs";

const built = path.join(path.dirname(program), "../tests/plugins");
const plugin = (gw, to) => copyFileSync(path.join(built, "rude.so"),
  path.join(gw.folder, "collectors", `${to}.so`));
// AddressSanitizer reports crashes itself, limits no memory, confines nothing.
const sanitized = readFileSync(program).includes("__asan_init");

// What is called, what the caller is told, what the log names.
const ways = [
  ["crash", "WORKER_LOST", /rude: its collector died/],
  ["abort", "WORKER_LOST", /rude: its collector died/],
  ["exit", "WORKER_LOST", /rude: its collector died/],
  ["overflow", "WORKER_LOST", /rude: its collector died/],
  ["loop", "WORKER_LOST", /rude: its collector died/],
  ["sleep", "WORKER_LOST", /rude: its collector died/],
  ["patient", "TIMEOUT", /rude: TIMEOUT: it took longer than query_timeout/],
  ["garbage", "INTERNAL", /rude: INTERNAL: value 1 .* is no JSON/],
  ["garbage row", "INTERNAL", /rude: INTERNAL: row 2 .* is no JSON/],
  ["garbage number", "INTERNAL", /rude: INTERNAL: a placeholder in/],
  ["garbage event", "INTERNAL", /rude: INTERNAL: "disconnect" is no event/],
  ["forget", "INTERNAL", /rude: INTERNAL: .*"rude" has given no answer/],
  ["flood", "LIMIT", /rude: LIMIT: it emits more than 100 events/],
  ["huge", "LIMIT", /rude: LIMIT: it sends more than 8388608 bytes/],
  ["write", "DATABASE", /rude: DATABASE: query:1: .*DELETE/],
  ["write two", "DATABASE", /rude: DATABASE: query:1: /],
];
// The answer is the plugin's, whatever becomes of its process.
const odd = ["descriptors", "close", "scribble", "smash", "leak"];
const options = { workers: 2, connections: 2, crashes: true, timeout: 180000,
  database: "query_timeout = 1s\n max_binary_answer = 8M",
  limits: "poison_deaths = 0\n respawn_min = 10ms\n collector_memory = 300M\n"
    + " cancel_grace = 200ms\n waiting_bytes = 64M",
  conf: "plugins { max_emits = 100 }", before: (gw) => plugin(gw, "rude") };

scenario("each way to go wrong costs its own request", options, async (gw) => {
  const socket = await gw.socket();
  const before = sql(gw.database, "SELECT count(*) AS n FROM Company");
  for (const [way, code, line] of ways) {
    const at = gw.log.length;
    const answer = await call(socket, "rude", way);
    assert.equal(answer.success, false, `${way}: ${JSON.stringify(answer)}`);
    assert.equal(answer.code, code, `${way}: ${answer.error}`);
    await until(() => line.test(gw.log.slice(at)), `${way}: ${line}`);
    assert.ok((await call(socket, "fetchCompanies", { take: 1 })).success);
  }
  assert.equal(await call(socket, "rude", "twice"), 1);
  assert.deepEqual(sql(gw.database, "SELECT count(*) AS n FROM Company"),
    before);
});

scenario("what it does to its process stays there", options, async (gw) => {
  const socket = await gw.socket();
  for (const way of sanitized ? odd.slice(0, 3) : odd) {
    const answer = await call(socket, "rude", way);
    if (answer?.success === false)
      assert.ok(["WORKER_LOST", "INTERNAL"].includes(answer.code),
        `${way}: ${JSON.stringify(answer)}`);
    for (let i = 0; i < 8; i++)
      assert.ok((await call(socket, "fetchCompanies", { take: 1 })).success,
        `after ${way}`);
  }
  assert.equal(gw.exit, undefined);
  assert.ok(gw.processes("worker").length >= 2);
});

// All at once, while others are served.
scenario("under load nobody else is hurt", options, async (gw) => {
  const sockets = await Promise.all(Array.from({ length: 4 }, () =>
    gw.socket()));
  let over = false;
  const counts = { good: 0, rude: 0 };
  const good = async (socket) => {
    while (!over) {
      const answer = await call(socket, "fetchCompanies", { take: 3 });
      // A client may be told that all were busy with the rude ones.
      if (answer.code === "OVERLOADED") continue;
      assert.ok(answer.success, JSON.stringify(answer));
      assert.equal(answer.data.length, 3);
      counts.good++;
    }
  };
  const rude = async (socket, n) => {
    for (let i = 0; i < 12; i++) {
      const all = ways.filter(([way]) => !["loop", "sleep"].includes(way));
      const [way, code] = all[(i * 5 + n) % all.length];
      const answer = await call(socket, "rude", way);
      assert.ok([code, "OVERLOADED"].includes(answer.code),
        `${way}: ${JSON.stringify(answer)}`);
      counts.rude++;
    }
  };
  const goods = sockets.slice(0, 2).map(good);
  await Promise.all(sockets.slice(2).map(rude));
  over = true;
  await Promise.all(goods);
  assert.ok(counts.good > 20 && counts.rude === 24, JSON.stringify(counts));
});

const no = { programs: 1, files: 1, listen: 1 };	// EPERM
const lifts = { ...options, skip: sanitized && "nothing is confined",
  crashes: false, before: (gw) => ["plain", "starter", "server"].forEach((n) =>
    plugin(gw, n)) };

scenario("system calls are refused, unless the conf lifts them", { ...lifts,
  conf: `plugins {
  programs = { "starter" }
  files = { "starter", "server" }
  listen = { "server" }
}` }, async (gw) => {
  const socket = await gw.socket();
  for (let i = 0; i < 4; i++) {
    assert.deepEqual(await call(socket, "plain", "attempt"), no);
    assert.deepEqual(await call(socket, "starter", "attempt"),
      { programs: 2, files: 2, listen: 1 });
    const server = await call(socket, "server", "attempt");
    assert.deepEqual([server.programs, server.files], [1, 2]);
    assert.notEqual(server.listen, 1);
    assert.equal(typeof await call(socket, "plain"), "number");
  }
});

scenario("a reload changes the list, by other processes", lifts,
  async (gw) => {
    const socket = await gw.socket();
    assert.deepEqual(await call(socket, "plain", "attempt"), no);
    // one that is still starting begins with the new list, and stays
    await until(() => (gw.log.match(/connected to the database/g) ?? [])
      .length === 4, "all have begun");
    const old = gw.processes("collector").map(({ pid }) => pid);
    gw.writeConf({ ...lifts, conf: 'plugins { files = { "plain" } }' });
    gw.child.kill("SIGHUP");
    await until(() => !gw.processes("collector").some(({ pid }) =>
      old.includes(pid)), "all are replaced");
    const young = await gw.socket();
    await until(async () => (await call(young, "plain", "attempt")).files === 2,
      "it is lifted");
    assert.deepEqual(await call(young, "server", "attempt"), no);
  });

scenario("a client that does not read what is emitted is left", { ...options,
  crashes: false, limits: "waiting_bytes = 1M" }, async (gw) => {
  const socket = await gw.socket();
  const other = await gw.socket();
  const lost = new Promise((done) => socket.on("disconnect", done));
  socket.io.engine.transport.ws._socket.pause();
  for (let i = 0; i < 40; i++) socket.emit("rude", "huge");
  await until(() => /too many packets wait|does not read/.test(gw.log) ||
    gw.log.includes("closed:"), "its session is closed", 30000);
  socket.io.engine.transport.ws._socket.resume();
  await lost;
  assert.ok((await call(other, "fetchCompanies", { take: 1 })).success);
  for (const { pid } of gw.processes("worker")) {
    const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(
      `/proc/${pid}/status`, "utf8"))[1]);
    assert.ok(sanitized || rss < 100000, `${rss} kB`);
  }
});
