// Goal: an admin sees what runs and says what shall be, over a socket that
// nobody else may use.
import assert from "node:assert/strict";
import { existsSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { call, dalpurictl, scenario, sleep, told, until } from "./lib.mjs";

scenario("status, workers and collectors", { workers: 2, connections: 2 },
  async (gw) => {
    const socket = await gw.socket();
    await call(socket, "fetchMembers", { take: 3 });
    const status = await told(gw, "status");

    assert.equal(status.ok, true);
    assert.equal(status.pid, gw.child.pid);
    assert.equal(status.phase, "running");
    assert.deepEqual(status.listen, [`127.0.0.1:${gw.port}`]);
    assert.equal(status.workers_ready, 2);
    assert.equal(status.sessions, 1);
    assert.equal(status.counters.opened, 1);

    const { workers } = await told(gw, "workers");
    assert.deepEqual(workers.map((w) => w.pid).sort(),
      gw.processes("worker").map((p) => p.pid).sort());
    assert.equal(workers.reduce((n, w) => n + w.sessions, 0), 1);

    const { collectors } = await told(gw, "collectors");
    assert.equal(collectors.length, 4);
    assert.equal(collectors.reduce((n, c) => n + (c.rows ?? 0), 0), 3);
    for (const c of collectors) assert.ok(c.memory_kb > 0);

    const table = await dalpurictl(gw, "collectors");
    assert.match(table.out, /^collector +pid +state/);
    assert.equal(table.out.trim().split("\n").length, 5);
  });

scenario("sessions are listed and killed", {}, async (gw) => {
  const sockets = [await gw.socket(), await gw.socket(
    { transports: ["polling"] })];
  const { sessions } = await told(gw, "sessions");
  const sid = sockets[0].io.engine.id;
  const mine = sessions.find((s) => sid.startsWith(s.session));

  assert.equal(sessions.length, 2);
  assert.deepEqual(sessions.map((s) => s.transport).sort(),
    ["polling", "websocket"]);
  assert.equal(mine.key, "test");
  assert.deepEqual(mine.namespaces, ["/"]);
  assert.equal(mine.session.length, 6, "not enough to use it");
  const gone = new Promise((done) => sockets[0].once("disconnect", done));
  await told(gw, "kill", mine.session);
  await gone;
  assert.equal(sockets[1].connected, true);
  await until(async () => (await told(gw, "sessions")).sessions.length === 1,
    "one is left");
  const none = await dalpurictl(gw, "kill", mine.session);
  assert.equal(none.status, 1);
  assert.match(none.err, /no session/);
});

scenario("many sessions, and a queue with work in it",
  { workers: 1, connections: 1 }, async (gw) => {
    const sockets = await Promise.all(
      Array.from({ length: 300 }, () => gw.socket()));
    assert.equal((await told(gw, "sessions")).sessions.length, 300);
    const answers = Promise.all(sockets.slice(0, 50).map((s) =>
      call(s, "fetchCompanies", { include: ["opportunityCompanies"] })));
    const { queue } = await told(gw, "queue");
    for (const q of queue) assert.equal(q.key, "test");
    for (const a of await answers) assert.equal(a.success, true);
  });

scenario("reload tells its result to who asked", {}, async (gw) => {
  const good = await told(gw, "reload");
  assert.equal(good.generation, 2);
  gw.writeConf({ limits: "json_depth = many" });
  const bad = await dalpurictl(gw, "reload");
  assert.equal(bad.status, 1);
  assert.match(bad.err, /nothing has changed/);
  assert.match(bad.err, /dalpuri\.conf:\d+: .*json_depth/);
  assert.equal((await told(gw, "status")).generation, 2);
});

scenario("drain ends it in good order", { ends: false }, async (gw) => {
  const socket = await gw.socket();
  const gone = new Promise((done) => socket.once("disconnect", done));
  assert.equal((await dalpurictl(gw, "drain")).status, 0);
  await gone;
  assert.equal(await gw.ended, 0);
  const r = await dalpurictl(gw, "status");
  assert.equal(r.status, 69);
  assert.match(r.err, /no gateway listens there/);
});

scenario("nonsense on the socket harms nobody", {}, async (gw) => {
  const file = path.join(gw.folder, "dalpuri.control");
  const talk = (text, end = true) => new Promise((done) => {
    const s = net.connect(file);
    let all = "";
    s.on("data", (d) => { all += d; });
    s.on("error", () => {});
    s.on("close", () => done(all));
    s.write(text);
    if (!end) setTimeout(() => s.destroy(), 100);
  });

  await until(() => existsSync(file), "the control socket");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(await talk("nonsense\n"), /"ok":false.*no command/);
  assert.match(await talk("kill\n"), /takes a session/);
  assert.match(await talk("status now\n"), /no argument/);
  assert.match(await talk("x".repeat(5000)), /too long/);
  await talk("sessions\n", false);
  await talk("", false);
  const idle = Array.from({ length: 40 }, () =>
    net.connect(file).on("error", () => {}));
  await sleep(200);
  for (const s of idle) s.destroy();
  await until(async () => (await dalpurictl(gw, "status")).status === 0,
    "it answers again");
  assert.equal((await dalpurictl(gw)).status, 64);
  assert.equal((await dalpurictl(gw, "two", "words", "here")).status, 64);
});

scenario("a socket that a dead master left is replaced", {
  ends: false,
  before(gw) {
    writeFileSync(path.join(gw.folder, "other"), "");
  },
}, async (gw) => {
  const family = gw.processes().map((p) => p.pid);
  gw.child.kill("SIGKILL");
  await gw.ended;
  assert.ok(family.length > 0);
  gw.spawn(["-c", gw.conf], {});
  await until(() => gw.answers(), "it listens again");
  assert.equal((await told(gw, "status")).pid, gw.child.pid);
  assert.equal(await gw.stop(), 0);
});
