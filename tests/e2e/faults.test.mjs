// Goal: a dead, hung or missing part costs exactly the requests it was
// running, each of which is answered.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { alive, call, computes, demoDatabase, PSK, scenario, sleep, transports,
  until } from "./lib.mjs";

// Much work for the database, little for the clients.
const name = { select: { companyName: true } };
const manyJoins = { select: { opportunityRecId: true, company: name,
  shipToCompany: name, billToCompany: name,
  contact: { select: { lastName: true } },
  techContact: { select: { lastName: true } } } };

scenario("a collector killed every 100 ms under load",
  { workers: 2, connections: 4, timeout: 120000 }, async (gw) => {
    await until(() => gw.processes("collector").length === 8, "8 collectors");
    const clients = await Promise.all(Array.from({ length: 20 }, (_, i) =>
      gw.socket(Object.values(transports)[i % 3])));
    let lost = 0, answered = 0, failed = 0, running = true, asked = 0;
    for (const c of clients) c.on("disconnect", () => { lost++; });
    const codes = {};
    const work = clients.map(async (c) => {
      while (running)
        await Promise.all(Array.from({ length: 4 }, async () => {
          asked++;
          const a = await call(c, "fetchOpportunities", manyJoins);
          answered++;
          if (a.success) {
            assert.ok(a.data.length > 0);
          } else {
            failed++;
            codes[a.code] = (codes[a.code] ?? 0) + 1;
          }
        }));
    });
    let kills = 0;
    // 50 of them, and on until one has hit a query
    let before = new Set();
    for (let i = 0; i < 50 || (failed === 0 && i < 200); i++) {
      // a new process computes, too, but has no request yet
      const all = gw.processes("collector").map(({ pid }) => pid);
      const old = all.filter((pid) => before.has(pid));
      const victim = old.find(computes) ?? old[i % Math.max(old.length, 1)];
      before = new Set(all);
      if (victim !== undefined) {
        try { process.kill(victim, "SIGKILL"); kills++; } catch { /* gone */ }
      }
      await sleep(100);
    }
    running = false;
    await Promise.all(work);
    assert.equal(lost, 0, "no connection lost");
    assert.equal(answered, asked, "no answer missing or doubled");
    assert.ok(failed <= kills, `${failed} failures of ${kills} kills`);
    assert.ok(failed > 0, "some kill hit a running request");
    assert.deepEqual(Object.keys(codes), ["WORKER_LOST"]);
    await until(() => gw.processes("collector").length === 8,
      "all collectors are back");
  });

scenario("a hung collector is replaced, and its caller told",
  { workers: 1, connections: 2, database: "query_timeout = 1s",
    limits: "cancel_grace = 500ms" }, async (gw) => {
    const socket = await gw.socket();
    await until(() => gw.processes("collector").length === 2, "collectors");
    // stop both while requests run; each caller gets an answer all the same
    const calls = Array.from({ length: 2 }, () => call(socket,
      "fetchOpportunities", { include: ["company", "contact",
        "approvedByMember", "techContact", "billToCompany"] }));
    await sleep(15);
    const stopped = gw.processes("collector");
    for (const { pid } of stopped) process.kill(pid, "SIGSTOP");
    const answers = await Promise.all([...calls,
      call(socket, "fetchMembers")]);
    for (const a of answers)
      if (!a.success) assert.match(a.code, /^(TIMEOUT|WORKER_LOST)$/);
    for (const { pid } of stopped)
      if (alive(pid)) process.kill(pid, "SIGCONT");
    assert.equal((await call(socket, "fetchMembers")).success, true);
  });

scenario("a worker killed: its clients come back, others notice nothing",
  { workers: 2 }, async (gw) => {
    await until(() => [1, 2].every((n) => gw.log.includes(
      `worker ${n}: ready`)), "two workers");
    const socket = await gw.socket({ reconnection: true,
      reconnectionDelay: 50 });
    const others = await Promise.all(Array.from({ length: 8 },
      () => gw.socket({ reconnection: true, reconnectionDelay: 50 })));
    let dropped = 0;
    for (const s of others) s.on("disconnect", () => { dropped++; });
    // who has asked for something is a worker's
    for (const s of others) await call(s, "fetchMembers");
    process.kill(gw.processes("worker 1")[0].pid, "SIGKILL");
    await until(() => others.every((s) => s.connected) && dropped > 0,
      "clients have come back");
    assert.ok(dropped < 8, "the other worker's clients stayed");
    await until(() => gw.processes("worker 1").length === 1, "respawn");
    for (const s of [socket, ...others]) {
      await until(() => s.connected, "connected");
      assert.equal((await call(s, "fetchMembers")).success, true);
    }
  });

scenario("a database that goes away, and comes back", {},
  async (gw) => {
    const socket = await gw.socket();
    renameSync(gw.database, gw.database + ".away");
    for (const { pid } of gw.processes("collector"))
      process.kill(pid, "SIGKILL");
    await until(() => gw.processes("collector").length === 4, "respawn");
    const no = await call(socket, "fetchMembers");
    assert.equal(no.success, false);
    assert.equal(no.code, "DATABASE");
    assert.match(no.error, /demo\.db/);
    renameSync(gw.database + ".away", gw.database);
    await until(async () => (await call(socket, "fetchMembers")).success,
      "it recovers by itself");
  });

scenario("no database at start at all", {}, async (gw) => {
  const exit = await gw.stop();
  assert.equal(exit, 0);
  gw.sockets.length = 0;
  renameSync(gw.database, gw.database + ".away");
  gw.spawn(["-c", gw.conf], {});
  await until(() => gw.answers(), "it starts all the same");
  await until(() => gw.processes("collector").length === 4, "4 collectors");
  const socket = await gw.socket();
  assert.equal((await call(socket, "fetchMembers")).code, "DATABASE");
  copyFileSync(demoDatabase(), gw.database);
  await until(async () => (await call(socket, "fetchMembers")).success,
    "it recovers by itself");
});

scenario("a locked database answers why, and recovers", {}, async (gw) => {
  const socket = await gw.socket();
  const locker = spawn("sqlite3", [gw.database], { stdio: ["pipe", "pipe",
    "inherit"] });
  locker.stdin.write("PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE;" +
    "SELECT 'locked';\n");
  await new Promise((done) => locker.stdout.once("data", done));
  const no = await call(socket, "fetchMembers");
  assert.equal(no.success, false);
  assert.equal(no.code, "DATABASE");
  assert.match(no.error, /lock/);
  locker.stdin.end("ROLLBACK;\n.quit\n");
  await new Promise((done) => locker.on("close", done));
  await until(async () => (await call(socket, "fetchMembers")).success,
    "it recovers by itself");
});

scenario("SIGTERM ends it at once when nothing runs", { ends: false },
  async (gw) => {
    await gw.socket();
    const before = Date.now();
    assert.equal(await gw.stop(), 0);
    assert.ok(Date.now() - before < 5000);
  });

scenario("SIGINT ends it too", { ends: false }, async (gw) => {
  assert.equal(await gw.stop("SIGINT"), 0);
});

scenario("SIGTERM lets a running request finish", { ends: false },
  async (gw) => {
    const socket = await gw.socket();
    const answer = call(socket, "fetchProducts", { include: ["inventory",
      "itemVendors", "subcategory", "manufacturer"] });
    await until(() => /request \w+: taken/.test(gw.log), "it runs");
    const { sockets } = gw;
    gw.sockets = [];
    const exit = gw.stop();
    const a = await answer.catch((error) => ({ lost: error.message }));
    assert.equal(a.success, true, JSON.stringify(a).slice(0, 200));
    assert.equal(await exit, 0);
    for (const s of sockets) s.disconnect();
  });

scenario("nothing outlives a killed master", { ends: false }, async (gw) => {
  await until(() => gw.processes().length === 6, "six children");
  const children = gw.processes();
  gw.child.kill("SIGKILL");
  await gw.ended;
  await until(() => !children.some((c) => alive(c.pid)),
    "all children are gone");
});

scenario("processes carry their titles and no key", { workers: 2,
  connections: 2 }, async (gw) => {
  await until(() => gw.processes("collector").length === 4, "collectors");
  const titles = gw.processes().map((p) => p.title).sort();
  assert.deepEqual(titles, ["dalpuri: collector 1.1", "dalpuri: collector 1.2",
    "dalpuri: collector 2.1", "dalpuri: collector 2.2", "dalpuri: worker 1",
    "dalpuri: worker 2"]);
  const environ = gw.processes().map((p) =>
    execFileSync("cat", [`/proc/${p.pid}/environ`], { encoding: "utf8" }));
  for (const e of environ) assert.ok(!e.includes(PSK));
});

scenario("SIGHUP: a good file takes effect, a bad one changes nothing", {},
  async (gw) => {
    await gw.socket();
    const keys = `key "other" { psk = 'other-key-1' }`;
    gw.writeConf({ ...gw.options, keys: `key "test" { psk = '${PSK}' }\n${keys}` });
    gw.child.kill("SIGHUP");
    const old = await until(() => gw.socket({ auth: { psk: "other-key-1" } })
      .catch(() => null), "another key gets in", 3000);
    const gone = new Promise((done) => gw.sockets[0].once("disconnect", done));
    gw.writeConf({ ...gw.options,
      keys: `key "test" { psk = 'new-key-22' }\n${keys}` });
    gw.child.kill("SIGHUP");
    await until(() => gw.socket({ auth: { psk: "new-key-22" } })
      .then(() => true, () => false), "the new key gets in", 3000);
    await assert.rejects(gw.socket(), { message: "Unauthorized" });
    assert.equal(await gone, "io server disconnect", "its key is another");
    assert.equal((await call(old, "fetchMembers")).success, true,
      "a session whose key stays keeps what it was opened with");
    writeFileSync(gw.conf, "listen = { \"*:3000\" }\nworkers = lots\n");
    gw.child.kill("SIGHUP");
    await until(() => /dalpuri\.conf:2: /.test(gw.log), "the fault is told");
    const again = await gw.socket({ auth: { psk: "new-key-22" } });
    assert.equal((await call(again, "fetchMembers")).success, true);
    for (const s of [old, again]) assert.ok(s.connected);
  });
