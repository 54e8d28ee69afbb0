// Goal: workers come and go - ended by a signal, replaced after so many
// requests or at an age, added and taken away by a reload - and no client
// notices: no disconnect, each request answered once.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { Crowd, openFiles, rows } from "./crowd.mjs";
import { call, scenario, sleep, transports, until } from "./lib.mjs";


const workers = (gw) => gw.processes("worker");
const pids = (gw) => workers(gw).map(({ pid }) => pid);

scenario("workers that are told to end hand their sessions on",
  { workers: 2, connections: 2, timeout: 120000, log: "info" },
  async (gw) => {
    const crowd = new Crowd();
    await crowd.connect(gw, 48);
    const files = openFiles(gw.child.pid);
    for (let i = 0; i < 8; i++) {
      const pid = pids(gw)[i % 2];
      process.kill(pid, "SIGTERM");
      await until(() => !pids(gw).includes(pid), "it has ended", 8000);
      await until(() => workers(gw).length === 2, "two workers");
      assert.deepEqual(workers(gw).map(({ title }) => title).sort(),
        ["dalpuri: worker 1", "dalpuri: worker 2"]);
    }
    await crowd.end();
    assert.doesNotMatch(gw.log, / error /);
    assert.doesNotMatch(gw.log, /died with it|could not move|killed/);
    await until(() => openFiles(gw.child.pid) <= files + 8,
      "the master's descriptors");
  });

scenario("the only worker is replaced",
  { workers: 1, connections: 2, log: "info" }, async (gw) => {
    const crowd = new Crowd();
    await crowd.connect(gw, 12);
    for (let i = 0; i < 3; i++) {
      const [pid] = pids(gw);
      process.kill(pid, "SIGTERM");
      await until(() => !pids(gw).includes(pid), "it has ended", 8000);
    }
    await crowd.end();
    assert.doesNotMatch(gw.log, / error /);
  });

scenario("a reload changes how many processes there are",
  { workers: 2, connections: 2, timeout: 120000, log: "info" },
  async (gw) => {
    const crowd = new Crowd();
    await crowd.connect(gw, 48);
    for (const [n, each] of [[3, 2], [1, 3], [2, 1], [2, 2]]) {
      gw.writeConf({ ...gw.options, workers: n, connections: each });
      gw.child.kill("SIGHUP");
      await until(() => workers(gw).length === n &&
        gw.processes("collector").length === n * each,
      `${n} workers with ${each} connections`, 6000);
      await sleep(300);
    }
    await crowd.end();
    assert.doesNotMatch(gw.log, / error /);
    assert.doesNotMatch(gw.log, /died with it|could not move|killed/);
    assert.doesNotMatch(gw.log, /takes a restart/);
  });

scenario("workers are replaced after so many requests, and at an age",
  { workers: 2, connections: 2, timeout: 60000, log: "info",
    limits: "worker_requests = 150 worker_age = 3s" }, async (gw) => {
    const before = pids(gw);
    const crowd = new Crowd();
    await crowd.connect(gw, 24);
    await until(() => !pids(gw).some((pid) => before.includes(pid)),
      "both are others", 20000);
    const then = pids(gw);
    await sleep(3500);
    assert.notDeepEqual(pids(gw), then);
    await crowd.end();
    assert.doesNotMatch(gw.log, / error /);
  });

scenario("answers that are being streamed move, too, or are waited for",
  { workers: 2, connections: 2, log: "info", timeout: 60000,
    limits: "stream_bytes = 4K" }, async (gw) => {
    const crowd = new Crowd();
    await crowd.connect(gw, 9);
    const all = { include: ["company", "contact", "billToCompany"] };
    const big = crowd.clients.map((c) => call(c, "fetchOpportunities", all));
    await sleep(30);
    for (const pid of pids(gw)) process.kill(pid, "SIGTERM");
    const answers = await Promise.all(big);
    for (const a of answers) {
      assert.equal(a.success, true);
      assert.equal(a.data.length, answers[0].data.length);
    }
    await crowd.end();
  });

// The one that gives, or the one that takes, is killed in the middle of it: a
// client may lose its connection, and then connects again; nothing else.  One
// in the middle of its upgrade hears of it by missing pings alone.
scenario("workers that are killed while sessions move",
  { workers: 3, connections: 2, log: "info", timeout: 90000,
    socketio: "ping_interval = 1s ping_timeout = 2s" },
  async (gw) => {
    const clients = await Promise.all(Array.from({ length: 24 }, (_, i) =>
      gw.socket({ ...Object.values(transports)[i % 3], reconnection: true,
        reconnectionDelay: 20, reconnectionDelayMax: 100 })));
    const files = openFiles(gw.child.pid);
    let running = true, asked = 0, answered = 0, lost = 0;
    const work = clients.map(async (c) => {
      while (running) {
        if (!c.connected) {
          await sleep(20);
          continue;
        }
        asked++;
        await call(c, "fetchOpportunities", rows).then((a) => {
          assert.equal(a.success, true);
          answered++;
        }, (error) => {
          assert.match(error.message, /connection lost/);
          lost++;
        });
      }
    });
    for (let i = 0; i < 12; i++) {
      const [first, ...others] = workers(gw).map(({ pid }) => pid)
        .sort(() => Math.random() - 0.5);
      process.kill(first, "SIGTERM");
      await sleep(Math.random() * 250);
      for (const pid of i % 2 ? [first] : others)
        try { process.kill(pid, "SIGKILL"); } catch { /* it has ended */ }
      await until(() => workers(gw).length === 3, "three workers");
      await sleep(300);
    }
    running = false;
    await Promise.all(work);
    assert.equal(asked, answered + lost);
    await until(() => clients.every((c) => c.connected), "all are back");
    for (const c of clients)
      assert.equal((await call(c, "fetchOpportunities", rows)).success, true);
    await until(() => openFiles(gw.child.pid) <= files + 12,
      "the master's descriptors");
  });

scenario("a session keeps its generation when it moves",
  { workers: 2, connections: 2, log: "info" }, async (gw) => {
    const old = await Promise.all(Array.from({ length: 6 }, (_, i) =>
      gw.socket(Object.values(transports)[i % 3])));
    let lost = 0;
    for (const c of old) c.on("disconnect", () => { lost++; });
    rmSync(path.join(gw.folder, "collectors/fetchOpportunities.collector"));
    gw.child.kill("SIGHUP");
    await until(() => gw.log.includes("generation 2 is in force"), "reload");
    for (const pid of pids(gw)) {
      process.kill(pid, "SIGTERM");
      await until(() => !pids(gw).includes(pid), "it has ended", 8000);
    }
    for (const c of old) {
      const { data, ...rest } = await call(c, "fetchOpportunities",
        { take: 1 });
      assert.deepEqual(rest, { success: true });
    }
    const fresh = await gw.socket();
    assert.equal((await call(fresh, "fetchOpportunities", { take: 1 })).code,
      "UNKNOWN_COLLECTOR");
    assert.equal(lost, 0);
    for (const c of old) c.disconnect();
    await until(() => gw.log.includes("generation 1: dropped"),
      "the old one is dropped");
    assert.doesNotMatch(gw.log, / error /);
  });
