// Goal: calls that are interrupted or half done, descriptors that run out and
// channels that are full cost time, and nobody's connection or request.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { call, program, PSK, scenario, sleep, transports, until }
  from "./lib.mjs";
import { io } from "socket.io-client";

const here = path.dirname(fileURLToPath(import.meta.url));
const rough = path.join(path.dirname(program), "../tests/rough");
const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;
const allow = (pid, n) => execFileSync("prlimit",
  ["--pid", String(pid), `--nofile=${n}:`]);

test("every transport on a machine where calls do half of what they should",
  { skip: !existsSync(rough) && `there is no ${rough}`, timeout: 180000 },
  () => {
    const env = { ...process.env, DALPURI: rough };
    delete env.NODE_TEST_CONTEXT;
    const { status, stdout } = spawnSync(process.execPath, ["--test",
      "--test-reporter=tap", path.join(here, "transports.test.mjs")],
    { env, encoding: "utf8", maxBuffer: 1 << 28 });
    assert.equal(status, 0, stdout);
    assert.ok(stdout.match(/^ok /gm).length >= 15, stdout);
  });

// A client that keeps trying, and is counted when it is in.
function patient(gw, options) {
  const socket = io(gw.url, { auth: { psk: PSK }, forceNew: true,
    reconnection: false, timeout: 30000, ...options });
  gw.sockets.push(socket);
  return new Promise((done, failed) => {
    socket.once("connect", () => done(socket));
    socket.once("connect_error", failed);
  });
}

scenario("the master runs out of descriptors: it accepts later", {},
  async (gw) => {
    const old = await gw.socket();
    await until(() => gw.processes("collector").length === 4, "collectors");
    allow(gw.child.pid, descriptors(gw.child.pid) + 8);
    const idle = Array.from({ length: 40 }, () =>
      net.connect(gw.port, "127.0.0.1").on("error", () => {}));
    await until(() => gw.log.includes("accepting is paused"), "a pause");
    const late = Object.values(transports).map((o) => patient(gw, o));
    assert.equal((await call(old, "fetchMembers", { take: 1 })).success, true);
    for (const s of idle) s.destroy();
    for (const socket of await Promise.all(late))
      assert.equal((await call(socket, "fetchMembers")).success, true);
    assert.ok(old.connected);
  });

scenario("a worker stands still while clients come: all get in", {},
  async (gw) => {
    const [worker] = await until(() => {
      const all = gw.processes("worker");
      return all.length === 2 && all;
    }, "two workers");
    await until(() => gw.processes("collector").length === 4, "collectors");
    process.kill(worker.pid, "SIGSTOP");
    const all = Array.from({ length: 90 }, (_, i) =>
      patient(gw, Object.values(transports)[i % 3]));
    await sleep(2000);
    process.kill(worker.pid, "SIGCONT");
    const sockets = await Promise.all(all);
    const answers = await Promise.all(sockets.map((s) =>
      call(s, "fetchMembers", { take: 2 })));
    for (const a of answers) assert.equal(a.data?.length, 2);
    for (const s of sockets) assert.ok(s.connected);
  });

scenario("more clients than descriptors: who is in stays, others come later",
  { spawnBy: ["prlimit", "--nofile=80:80"] }, async (gw) => {
    await until(() => gw.processes("collector").length === 4, "collectors");
    const all = Array.from({ length: 150 }, (_, i) => io(gw.url, {
      auth: { psk: PSK }, forceNew: true, reconnectionDelay: 50,
      reconnectionDelayMax: 300, ...Object.values(transports)[i % 3] }));
    gw.sockets.push(...all);
    let lost = 0;
    for (const s of all) s.on("disconnect", (why) => {
      if (why !== "io client disconnect") lost++;
    });
    // in turns: those that are in are answered, and make room
    const waiting = new Set(all);
    await until(async () => {
      const inside = [...waiting].filter((s) => s.connected);
      for (const a of await Promise.all(inside.map((s) =>
        call(s, "fetchMembers", { take: 2 }))))
        assert.equal(a.data?.length, 2, JSON.stringify(a));
      for (const s of inside) {
        s.disconnect();
        waiting.delete(s);
      }
      return waiting.size === 0;
    }, "everybody was in", 40000);
    assert.equal(lost, 0);
    assert.match(gw.log, /refused: the limit on descriptors is reached/);
  });
