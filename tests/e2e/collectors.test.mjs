// Goal: whatever a driver does costs the request that it was doing it in,
// and nothing else; and a request that goes on killing is refused.  The driver
// is ours (tests/faultdriver), and does what a parameter tells it.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { alive, call, program, scenario, sleep, until } from "./lib.mjs";

const driver = path.resolve(path.dirname(program),
  "../tests/faultdriver/postgresql-fault.so");
const schema = `
datasource db {
  provider = "postgresql"
}
model Row {
  id      Int     @id
  name    String
  command String?
}
`;

function before(gw) {
  writeFileSync(path.join(gw.folder, "schema.prisma"), schema);
  rmSync(path.join(gw.folder, "collectors"), { recursive: true });
  mkdirSync(path.join(gw.folder, "collectors"));
  writeFileSync(path.join(gw.folder, "collectors/rows.collector"),
    "model = Row\n");
}

// crashes: what sanitizers say about the driver's doings is no fault of ours.
const options = (more = {}) => ({ url: `Driver=${driver};`, workers: 2,
  connections: 2, database: false, crashes: true, before, ...more });
const quick = "query_timeout = 1s";
const grace = "cancel_grace = 500ms";

const told = (what, more = {}) => ({ select: { id: true, name: true },
  where: { command: { equals: `fault:${what}` } }, ...more });
const ready = (gw, n) => until(() =>
  gw.processes("collector").length === n &&
  (gw.log.match(/connected to the database/g) ?? []).length >= n,
  `${n} collectors`);

// Somebody who notices nothing: calls all the time, and every answer is right.
async function innocent(gw) {
  const socket = await gw.socket();
  let running = true, answers = 0;
  const done = (async () => {
    while (running) {
      const a = await call(socket, "rows", {});
      assert.deepEqual([a.success, a.data?.length], [true, 3],
        `somebody else noticed: ${JSON.stringify(a)}`);
      answers++;
    }
  })();
  done.catch(() => {});
  return async () => {
    running = false;
    await done;
    assert.ok(answers > 0, "somebody else was served");
  };
}

// Sanitizers have an allocator of their own, which ends the process.
const sanitized = (gw) => gw.log.includes("collector_memory is not in force");
const ofAllocator = /memory|heap|long/;

// What the driver does, the answer's code (null: success), a line of the log.
const faults = [
  ["execute:segv", /WORKER_LOST/, /request \w+ has killed it/],
  ["fetch:segv:70", /WORKER_LOST/, /request \w+ has killed it/],
  ["execute:abort", /WORKER_LOST/, /request \w+ has killed it/],
  ["execute:heap", /WORKER_LOST/, /request \w+ has killed it/],
  ["execute:exit:3", /WORKER_LOST/, /has ended with status 3/],
  ["execute:exit", /WORKER_LOST/, /has ended with status 0/],
  ["execute:stop", /WORKER_LOST|TIMEOUT/, /killed: request \w+ runs beyond/],
  ["execute:spin", /WORKER_LOST|TIMEOUT/, /killed: request \w+ runs beyond/],
  ["execute:sleep", /WORKER_LOST|TIMEOUT/, /killed: request \w+ runs beyond/],
  ["fetch:sleep:3", /WORKER_LOST|TIMEOUT/, /killed: request \w+ runs beyond/],
  ["disconnect:sleep", /WORKER_LOST|TIMEOUT/,
    /killed: request \w+ runs beyond/],
  ["execute:garbage:3", /WORKER_LOST|INTERNAL/, /killed: it sent a wrong/],
  ["execute:garbage:6", /INTERNAL/, /: its reply to request \w+ was not/],
  ["execute:descriptors", null, /has used up the descriptors/],
  ["execute:memory:128", /DATABASE|INTERNAL/, /collector: |rows: /],
  ["execute:error", /DATABASE/, /as it was told/],
  ["execute:lost", /DATABASE/, /the database is down/],
  ["fetch:error:5000", /DATABASE/, /as it was told/],
  ["fetch:long", /INTERNAL/, /out of memory for a value/],
  ["fetch:negative", /DATABASE/, /./],
  ["fetch:drip:5", null, /./],
];

scenario("each fault of a driver costs the request that it was in",
  options({ database: quick, limits: `${grace}\ncollector_memory = 64M`,
    timeout: 120000 }), async (gw) => {
    await ready(gw, 4);
    const socket = await gw.socket();
    const end = await innocent(gw);
    for (const [what, code, line] of faults) {
      if (ofAllocator.test(what) && sanitized(gw)) continue;
      const from = gw.log.length, start = Date.now();
      const a = await call(socket, "rows", told(what));
      if (code === null) assert.equal(a.success, true, what);
      else assert.match(a.code ?? "none", code, what);
      assert.ok(Date.now() - start < 5000, `${what} was answered late`);
      await until(() => line.test(gw.log.slice(from)), `${what}: ${line}`);
      await until(() => gw.processes("collector").length === 4,
        `${what}: 4 collectors`);
    }
    await end();
  });

const counters = async (gw) => {
  const from = gw.log.length;
  process.kill(gw.child.pid, "SIGUSR1");
  const line = await until(() => /counters: .*killers.*/.exec(
    gw.log.slice(from)), "counters");
  return Object.fromEntries([...line[0].matchAll(/(\w+) (\d+)/g)]
    .map(([, name, n]) => [name, Number(n)]));
};

scenario("the same request that kills again and again is refused for a while",
  options({ workers: 2, connections: 2,
    limits: "poison_deaths = 3\npoison_time = 2s" }), async (gw) => {
    await ready(gw, 4);
    const socket = await gw.socket(), other = await gw.socket();
    const end = await innocent(gw);
    const poison = told("execute:segv");
    for (let i = 0; i < 3; i++)
      assert.equal((await call(socket, "rows", poison)).code, "WORKER_LOST");
    await until(() => /poison: the same has killed 3/.test(gw.log), "noticed");
    const before = gw.processes("collector").map((p) => p.pid).join();
    // by any worker, for any client, and no collector sees it
    for (const s of [socket, other, socket, other]) {
      const a = await call(s, "rows", poison);
      assert.equal(a.code, "POISONED");
      assert.match(a.error, /it is refused for [12] s/);
    }
    // what differs is another request; what died once is no poison
    assert.equal((await call(socket, "rows", told("fetch:rows:3"))).success,
      true);
    assert.equal((await call(socket, "rows", told("execute:abort"))).code,
      "WORKER_LOST");
    // a worker that is started meanwhile knows it, too
    const worker = gw.processes("worker 2")[0].pid;
    process.kill(worker, "SIGKILL");
    await until(() => gw.processes("worker 2").some((p) => p.pid !== worker),
      "worker 2 is back").catch(() => {});
    const c = await counters(gw);
    assert.deepEqual([c.poisoned, c.killers], [1, 4]);
    assert.notEqual(before, "");
    await sleep(2000);
    assert.equal((await call(await gw.socket(), "rows", poison)).code,
      "WORKER_LOST", "it is tried again when its time is over");
    await end().catch((e) => {
      if (!/connection lost/.test(e.message)) throw e;
    });
  });

scenario("no respawn is throttled by who crashes its own requests",
  options({ workers: 1, connections: 1, limits: "poison_deaths = 0" }),
  async (gw) => {
    await ready(gw, 1);
    const socket = await gw.socket();
    for (let i = 0; i < 8; i++)
      assert.equal((await call(socket, "rows", told("execute:segv"))).code,
        "WORKER_LOST");
    assert.doesNotMatch(gw.log, /will be started again in/);
    assert.equal((await call(socket, "rows", {})).success, true);
  });

scenario("signals from outside are no sign of poison",
  options({ database: "query_timeout = 5s" }), async (gw) => {
    await ready(gw, 4);
    const socket = await gw.socket();
    const slow = told("fetch:drip:30");
    for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL", "SIGTERM"]) {
      const answer = call(socket, "rows", slow);
      await sleep(300);
      for (const { pid } of gw.processes("collector"))
        process.kill(pid, signal);
      assert.equal((await answer).code, "WORKER_LOST");
      await until(() => gw.processes("collector").length === 4, "respawn");
    }
    // nor of trouble: the idle ones that were ended come back at once, too
    assert.doesNotMatch(gw.log, /will be started again in/);
    assert.equal((await call(socket, "rows", slow)).success, true);
    const c = await counters(gw);
    assert.deepEqual([c.poisoned, c.killers], [0, 0]);
  });

scenario("a collector that is stopped while idle is replaced in time",
  options({ database: quick, limits: grace }), async (gw) => {
    await ready(gw, 4);
    const socket = await gw.socket();
    const stopped = gw.processes("collector").map((p) => p.pid).slice(0, 3);
    const start = Date.now();
    for (const pid of stopped) process.kill(pid, "SIGSTOP");
    await until(() => !stopped.some(alive), "they are gone", 5000);
    assert.ok(Date.now() - start < 3000, "in time");
    assert.match(gw.log, /killed: it stands still/);
    await until(() => gw.processes("collector").length === 4, "replaced");
    assert.equal((await counters(gw)).silent, 3);
    assert.equal((await call(socket, "rows", {})).success, true);
  });

scenario("collectors are replaced after so many requests, without a seam",
  options({ workers: 1, connections: 2, limits: "collector_requests = 40" }),
  async (gw) => {
    await ready(gw, 2);
    const sockets = await Promise.all([gw.socket(), gw.socket()]);
    const first = gw.processes("collector").map((p) => p.pid);
    // Who is awake takes the next request: that both get enough takes time.
    for (let i = 0; i < 3000 && (i < 50 || first.some(alive)); i++)
      for (const a of await Promise.all([...sockets, ...sockets].map((s) =>
        call(s, "rows", {}))))
        assert.equal(a.success, true);
    await until(() => gw.processes("collector").length === 2 &&
      first.every((pid) => gw.log.includes(`pid ${pid} has ended`)),
      "both are others");
    for (const pid of first) {
      const end = gw.log.indexOf(`pid ${pid} has ended`);
      const begin = gw.log.indexOf(`[${pid}]: recycling:`);
      assert.ok(begin >= 0 && begin < end);
      assert.match(gw.log.slice(begin, end), /collector \S+: ready: pid/,
        "the new one was there before the old one went");
    }
    assert.ok((await counters(gw)).recycled >= 2);
    assert.match(gw.log, /recycling: \d+ requests were served/);
    assert.doesNotMatch(gw.log, /its collector died|will be started again/);
  });

scenario("a collector whose driver leaks is replaced",
  options({ workers: 1, connections: 1,
    limits: "collector_recycle_bytes = 64M" }), async (gw) => {
    await ready(gw, 1);
    const socket = await gw.socket();
    const [{ pid }] = gw.processes("collector");
    for (let i = 0; i < 4; i++)
      assert.equal((await call(socket, "rows",
        told("execute:leak:20"))).success, true);
    await until(() => !alive(pid), "it is gone");
    await until(() => gw.processes("collector").length === 1, "one is there");
    assert.match(gw.log, /recycling: \d+ bytes are held behind a request/);
    assert.equal((await call(socket, "rows", {})).success, true);
  });

scenario("a loop without an end is poison, waiting for a database is not",
  options({ workers: 1, database: "query_timeout = 200ms",
    limits: "cancel_grace = 200ms\npoison_deaths = 2" }), async (gw) => {
    await ready(gw, 2);
    const socket = await gw.socket();
    for (const [what, last] of [["sleep", /WORKER_LOST|TIMEOUT/],
      ["stop", /WORKER_LOST|TIMEOUT/], ["spin", /POISONED/]]) {
      for (let i = 0; i < 2; i++)
        assert.match((await call(socket, "rows", told(`execute:${what}`)))
          .code, /WORKER_LOST|TIMEOUT/);
      // the master sees the end of a process a moment after the worker
      await until(async () => last.test((await call(socket, "rows",
        told(`execute:${what}`))).code), what);
    }
    const c = await counters(gw);
    assert.deepEqual([c.poisoned, c.killers >= 2], [1, true]);
  });
