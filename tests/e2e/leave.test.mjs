// Goal: who leaves before it has asked for anything costs no worker a thing,
// and nobody else can tell who has answered the CONNECT.
import assert from "node:assert/strict";
import { copyFileSync, rmSync } from "node:fs";
import path from "node:path";
import { dalpurictl, program, PSK, reload, scenario, sleep, told, until }
  from "./lib.mjs";
import { E, K, Raw, W, frame, text, upgrade } from "./raw.mjs";

const CLOSE = frame(0x88, Buffer.from([3, 0xe8]));

async function joined(gw) {
  const c = new Raw(gw);
  c.send(upgrade(W));
  await c.line(/^text 0/);
  c.send(text(K));
  await c.line(/^text 40\{"sid":"[\w-]{20}"\}$/);
  return c;
}

const counters = async (gw) => (await told(gw, "status")).counters;
// What it does at the very moment it hears that it is in.
function leaving(gw, leave) {
  const c = new Raw(gw);
  c.s.on("data", (d) => {
    if (d.includes("40{\"sid")) leave(c);
    else if (d.includes("0{\"sid")) c.send(text(K));
  });
  c.send(upgrade(W));
  return c;
}

const ways = {
  "it closes the websocket": (c) => c.send(CLOSE),
  "it leaves its namespace before": (c) => c.send(text("41"), CLOSE),
  "it hangs up as well": (c) => c.s.end(CLOSE),
  "it hangs up": (c) => c.s.end(),
  "it is cut off": (c) => c.s.resetAndDestroy(),
};

for (const [name, leave] of Object.entries(ways))
  scenario(`a client leaves behind its CONNECT: ${name}`, {}, async (gw) => {
    let tries = 0, now;
    // one that is late was a worker's: then it is tried again
    do {
      const c = leaving(gw, leave);
      const seen = await c.all(5000);
      assert.equal(seen.match(/text 40/g).length, 1);
      assert.doesNotMatch(seen, /OPEN$/);
      if (leave === ways["it closes the websocket"])
        assert.match(seen, /\nclose 1000 \nEND$/);
      await until(async () => (now = await counters(gw)).left +
        now.passed === tries + 1, "one more is counted");
      tries++;
    } while (now.left === 0 && tries < 100);
    assert.equal(now.left, 1);
    assert.match(gw.log, /closed: (the client closed it|its connection was lost): 127.*key test, 0\.\d{3} s/);
    const status = await told(gw, "status");
    assert.equal(status.connections, 0);
    assert.equal(status.handshakes, 0);
  });

scenario("whatever else it says goes to a worker", {}, async (gw) => {
  const c = await joined(gw);
  c.send(text(E(7)));
  await c.line(/^text 437\[\{"success":true/);
  const at = new Raw(gw);
  at.send(upgrade(W), text(K), text(E(8)));
  await at.line(/^text 438\[\{"success":true/);
  assert.equal(at.lines().filter((l) => l.startsWith("text 40")).length, 1);
  // it leaves the namespace, and may come again
  const again = await joined(gw);
  again.send(text("41"), text(K), text(E(9)));
  await again.line(/^text 439\[\{"success":true/);
  // an idle one is a worker's soon
  await joined(gw);
  await until(async () => (await counters(gw)).passed === 4, "all passed");
  assert.equal((await counters(gw)).left, 0);
});

// How many were no worker's after one more has left at once.
async function left(gw) {
  const seen = await leaving(gw, ways["it closes the websocket"]).all(5000);
  assert.match(seen, /\ntext 40\{/);
  return (await counters(gw)).left;
}

scenario("its line names the key that has let it in", {}, async (gw) => {
  const keys = async () => {
    const seen = gw.log.length;
    const lines = () => [...gw.log.slice(seen)
      .matchAll(/closed: the client closed it: 127.*, key (\w+), 0/g)];
    for (let i = 0; i < 5; i++) await left(gw);
    await until(() => lines().length === 5, "five lines");
    return new Set(lines().map(([, key]) => key));
  };
  assert.deepEqual(await keys(), new Set(["test"]));
  await reload(gw, { socketio: "auth = none" });
  assert.deepEqual(await keys(), new Set(["none"]));
});

scenario("nobody is let in whom a worker would not hear out",
  { socketio: "max_payload = 100" }, async (gw) => {
    const c = new Raw(gw);
    c.send(upgrade(W));
    await c.line(/^text 0/);
    c.send(text(`40{"psk":"${PSK}","x":"${"y".repeat(80)}"}`));
    await c.line(/^close 1009/);
    assert.doesNotMatch(c.lines().join("\n"), /^text 4/m);
  });

scenario("a plugin hears of all who connect", { before: (gw) =>
  copyFileSync(path.join(path.dirname(program), "../tests/plugins/message.so"),
    path.join(gw.folder, "collectors/message.so")) }, async (gw) => {
  for (let i = 0; i < 5; i++)
    assert.equal(await left(gw), 0);
  rmSync(path.join(gw.folder, "collectors/message.so"));
  await reload(gw);
  await until(async () => await left(gw) > 0, "there is none any more");
});

scenario("nothing is held above handshake_total_bytes",
  { limits: "handshake_total_bytes = 128K" }, async (gw) => {
    const c = new Raw(gw);
    const total = 128 * 1024;
    c.send(upgrade(W));
    await c.line(/^text 0/);
    c.send(frame(0x81, "4".repeat(total)).subarray(0, total - 10));
    let was, now = 0;
    await until(async () => {
      was = now;
      return (now = await left(gw)) === was;
    }, "it holds so much");
    for (let i = 0; i < 5; i++)
      assert.equal(await left(gw), now);
    c.close();
  });

scenario("a key that is taken away at that moment", {}, async (gw) => {
  const c = await joined(gw);
  await reload(gw, { keys: 'key "test" { psk = "another" }' });
  await c.line(/^text 41$/);
});

scenario("who looks for sessions finds them", {}, async (gw) => {
  const sockets = await Promise.all([gw.socket(), gw.socket()]);
  const { sessions } = await told(gw, "sessions");
  assert.equal(sessions.length, 2);
  assert.deepEqual(sessions.map((s) => s.namespaces), [["/"], ["/"]]);
  const gone = Promise.all(sockets.map((s) => new Promise((done) =>
    s.once("disconnect", (why) => done(why)))));
  for (const s of sessions)
    assert.equal((await dalpurictl(gw, "kill", s.session)).status, 0);
  await gone;
});
