// Goal: who takes too much is refused with an answer that names the setting,
// a log line and a counter; everybody else is served.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import net from "node:net";
import { PSK, call, scenario, sleep, until } from "./lib.mjs";

// One request on a connection of its own; all that came until it ended.
function raw(gw, text, { ms = 3000 } = {}) {
  return new Promise((done) => {
    const socket = net.connect(gw.port, "127.0.0.1");
    let all = "";
    const end = () => { socket.destroy(); done(all); };
    const timer = setTimeout(end, ms);
    socket.on("data", (d) => { all += d; });
    socket.on("error", () => {});
    socket.on("close", () => { clearTimeout(timer); done(all); });
    socket.write(text);
  });
}

const open = (headers = "") => "GET /socket.io/?EIO=4&transport=polling " +
  `HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`;
const upgrade = (headers = "") => "GET /socket.io/?EIO=4&transport=websocket " +
  "HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\n" +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`;

// The master's line of counters, as an object.
async function counters(gw) {
  const before = gw.log.length;
  gw.child.kill("SIGUSR1");
  const line = await until(() => /counters: (connections .*)\n/.exec(
    gw.log.slice(before)), "the counters are logged");
  return Object.fromEntries(line[1].split(", ").map((pair) => {
    const [name, value] = pair.split(" ");
    return [name, Number(value)];
  }));
}

const refused = (answer, status, name) => {
  assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), answer);
  assert.ok(answer.endsWith(`(${name})\n`), answer);
};

// Connections that say nothing, and what came on each until it ended.
const idle = (gw, n) => Promise.all(Array.from({ length: n }, () =>
  new Promise((done) => {
    const socket = net.connect(gw.port, "127.0.0.1", () => done(socket));
    socket.on("error", () => {});
  })));

for (const [name, status] of [["connections", 503],
  ["connections_per_address", 429]]) {
  scenario(`limits.${name}`, { limits: `${name} = 4` }, async (gw) => {
    await until(async () => (await counters(gw)).connections === 0, "none");
    const socket = await gw.socket();
    const polling = await gw.socket({ transports: ["polling"] });
    // the websocket and a poll: other requests of its have ended
    await until(async () => (await counters(gw)).connections === 2, "two");
    const idlers = await idle(gw, 2);
    await until(async () => (await counters(gw)).connections === 4, "four");
    refused(await raw(gw, open()), status, `limits.${name}`);
    refused(await raw(gw, upgrade()), status, `limits.${name}`);
    assert.match(gw.log, new RegExp(
      `client 127.0.0.1:\\d+: refused: limits.${name} is reached`));
    assert.ok((await counters(gw))[`over_${name}`] >= 2);
    assert.equal((await call(socket, "fetchMembers")).success, true);
    for (const s of idlers) s.destroy();
    socket.disconnect();
    polling.disconnect();
    // Also those that the workers had are given back.
    await until(async () => (await counters(gw)).connections === 0, "none");
    assert.equal((await call(await gw.socket(), "fetchMembers")).success,
      true);
  });
}

scenario("a dead worker's connections do not count",
  { limits: "connections = 10" }, async (gw) => {
    const sockets = [];
    for (let i = 0; i < 4; i++) sockets.push(await gw.socket());
    // who has asked for something is a worker's
    for (const s of sockets) await call(s, "fetchMembers");
    await until(async () => (await counters(gw)).connections === 4, "four");
    process.kill(gw.processes("worker")[0].pid, "SIGKILL");
    await until(() => sockets.some((s) => !s.connected), "some are lost");
    await until(async () => (await counters(gw)).connections ===
      sockets.filter((s) => s.connected).length, "the others count");
  });

scenario("limits.handshakes_per_second",
  { limits: "handshakes_per_second = 5" }, async (gw) => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) =>
      raw(gw, i % 2 ? open() : upgrade(), { ms: 1000 })));
    const over = answers.filter((a) => !/^HTTP\/1.1 (200|101) /.test(a));
    assert.ok(over.length >= 10, `${over.length} of 20`);
    for (const a of over) refused(a, 429, "limits.handshakes_per_second");
    assert.equal((await counters(gw)).over_handshakes_per_second, over.length);
    await sleep(1000);
    assert.equal((await call(await gw.socket(), "fetchMembers")).success,
      true);
  });

scenario("limits.failures_per_second",
  { limits: "failures_per_second = 2" }, async (gw) => {
    const wrong = () => gw.socket({ auth: { psk: "wrong" } }).then(
      () => assert.fail("let in"), (error) => error);
    const first = await wrong();
    assert.equal(first.message, "Unauthorized", "a refusal as always");
    const all = await Promise.all([wrong(), wrong(), wrong(), wrong()]);
    assert.ok(all.filter((e) => e.message === "Unauthorized").length >= 1);
    refused(await raw(gw, open()), 429, "limits.failures_per_second");
    refused(await raw(gw, upgrade()), 429, "limits.failures_per_second");
    assert.ok((await counters(gw)).failed >= 3);
    await sleep(1100);
    const socket = await gw.socket();
    assert.equal((await call(socket, "fetchMembers")).success, true);
  });

scenario("limits.handshakes", { limits: "handshakes = 3",
  socketio: "connect_timeout = 1s" }, async (gw) => {
  const joined = [];
  for (let i = 0; i < 5; i++) joined.push(await gw.socket());
  await gw.socket({ transports: ["polling", "websocket"] });
  const silent = [1, 2, 3].map(() => raw(gw, upgrade(), { ms: 20000 }));
  await until(async () => (await counters(gw)).handshakes === 3, "three");
  refused(await raw(gw, open()), 503, "limits.handshakes");
  refused(await raw(gw, upgrade()), 503, "limits.handshakes");
  assert.equal((await call(joined[0], "fetchMembers")).success, true);
  // They live no longer than connect_timeout.
  for (const answer of await Promise.all(silent))
    assert.match(answer, /^HTTP\/1.1 101 /);
  await until(async () => (await counters(gw)).handshakes === 0, "none");
  await gw.socket();
});

scenario("limits.handshakes without keys",
  { socketio: "auth = none", keys: "" }, async (gw) => {
    await gw.socket();
    await gw.socket({ transports: ["polling"] });
    await gw.socket({ transports: ["polling", "websocket"] });
    // The master has looked at none of this one's packets.
    const answer = await raw(gw, open());
    const sid = /"sid":"([^"]+)"/.exec(answer)[1];
    const post = (body) => raw(gw, `POST /socket.io/?EIO=4&transport=polling` +
      `&sid=${sid} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`);
    assert.match(await post("3"), /ok$/);
    assert.equal((await counters(gw)).handshakes, 1);
    assert.match(await post("40"), /ok$/);
    await until(async () => (await counters(gw)).handshakes === 0, "none");
  });

scenario("trusted_proxies tell who the client is", {
  conf: 'trusted_proxies = { "127.0.0.1", "10.0.0.0/8" }',
  limits: "handshakes_per_second = 2" }, async (gw) => {
  const from = (hops) => raw(gw, open(`X-Forwarded-For: ${hops}\r\n`));
  const ok = /^HTTP\/1.1 200 /;
  assert.match(await from("203.0.113.1"), ok);
  assert.match(await from("203.0.113.1, 10.1.2.3"), ok);
  refused(await from("192.0.2.77, 203.0.113.1"), 429,
    "limits.handshakes_per_second");
  assert.match(gw.log, /client 203\.0\.113\.1: refused: limits\.hand/);
  assert.match(await from("203.0.113.2"), ok, "somebody else");
  assert.match(await from("203.0.113.1, 203.0.113.2"), ok);
  // IPv6 is a /64; the header may come more than once.
  assert.match(await from("2001:db8::1"), ok);
  assert.match(await from("x\r\nX-Forwarded-For: [2001:db8::2]:443"), ok);
  refused(await from("2001:db8::3"), 429, "limits.handshakes_per_second");
  // The proxy itself has no limit.
  for (let i = 0; i < 5; i++) assert.match(await raw(gw, open()), ok);
});

scenario("who is no proxy does not say who he is",
  { limits: "handshakes_per_second = 2" }, async (gw) => {
    const answers = [];
    for (let i = 0; i < 6; i++)
      answers.push(await raw(gw, open(`X-Forwarded-For: 203.0.113.${i}\r\n`)));
    refused(answers[5], 429, "limits.handshakes_per_second");
    assert.doesNotMatch(gw.log, /client 203/);
  });

scenario("a client behind a proxy is held to limits.connections_per_address",
  { conf: 'trusted_proxies = "127.0.0.1"',
    limits: "connections_per_address = 2" }, async (gw) => {
    const as = (ip) => ({ extraHeaders: { "X-Forwarded-For": ip } });
    const a = await gw.socket(as("203.0.113.1"));
    await gw.socket(as("203.0.113.1"));
    await assert.rejects(gw.socket(as("203.0.113.1")));
    refused(await raw(gw, upgrade("X-Forwarded-For: 203.0.113.1\r\n")), 429,
      "limits.connections_per_address");
    await gw.socket(as("203.0.113.2"));
    await until(() => /session \S+ opened: 203\.0\.113\.1, websocket/
      .test(gw.log), "its worker knows the address");
    a.disconnect();
    await until(async () => (await counters(gw)).connections === 2, "two");
    await gw.socket(as("203.0.113.1"));
  });

// A polling session by hand: open it, and post bodies to it.
async function polling(gw) {
  const sid = /"sid":"([^"]+)"/.exec(await raw(gw, open()))[1];
  const target = `/socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1` +
    "\r\nHost: x\r\nConnection: close\r\n";
  return {
    post: (body) => raw(gw, `POST ${target}Content-Length: ${body.length}` +
      `\r\n\r\n${body}`),
    poll: () => raw(gw, `GET ${target}\r\n`, { ms: 500 }),
  };
}

scenario("limits.payload_packets", { limits: "payload_packets = 10" },
  async (gw) => {
    const { post, poll } = await polling(gw);
    assert.match(await post(Array(10).fill("3").join("\x1e")), /ok$/);
    refused(await post(Array(11).fill("3").join("\x1e")), 413,
      "limits.payload_packets");
    assert.match(await poll(), /^HTTP\/1.1 400 /);
    assert.match(gw.log,
      /closed: a body had more than limits\.payload_packets/);
    assert.equal((await call(await gw.socket(), "fetchMembers")).success,
      true);
  });

scenario("limits.waiting_bytes: what is not read",
  { limits: "waiting_bytes = 64K" }, async (gw) => {
    const { post } = await polling(gw);
    const name = `40/${"x".repeat(30000)},`;
    assert.match(await post(name), /ok$/);
    assert.match(await post(name), /ok$/);
    assert.doesNotMatch(gw.log, /waiting_bytes/);
    await post(name);
    await until(() => /more than limits\.waiting_bytes waits/.test(gw.log),
      "it is closed");
  });

scenario("limits.waiting_bytes: what is asked",
  { limits: "waiting_bytes = 64K", workers: 1, connections: 1 },
  async (gw) => {
    const socket = await gw.socket();
    const options = { select: Array(3000).fill("companyId") };
    const { pid } = await until(() => gw.processes("collector")[0],
      "a collector");
    process.kill(pid, "SIGSTOP");
    const asked = Array.from({ length: 5 }, () =>
      call(socket, "fetchCompanies", options));
    await Promise.race(asked);
    process.kill(pid, "SIGCONT");
    const all = await Promise.all(asked);
    const over = all.filter((a) => a.code === "LIMIT");
    assert.ok(over.length > 0 && over.length < 5, JSON.stringify(over));
    assert.match(over[0].error, /limits\.waiting_bytes/);
    assert.notEqual((await call(socket, "fetchCompanies", options)).code,
      "LIMIT");
  });

scenario("the ends of the ranges of durations",
  { socketio: "ping_interval = 100ms ping_timeout = 10min " +
      "connect_timeout = 500ms", database: "query_timeout = 10min" },
  async (gw) => {
    const socket = await gw.socket();
    await sleep(700);
    assert.equal((await call(socket, "fetchMembers")).success, true);
  });

scenario("who says nothing is accepted, and has head_timeout",
  { limits: "head_timeout = 300ms" }, async (gw) => {
    const [silent] = await idle(gw, 1);
    await new Promise((done) => { silent.on("close", done).resume(); });
    assert.match(gw.log, /closed: no head came within head_timeout/);
  });

scenario("running out of descriptors loses nobody",
  { workers: 1, connections: 1, limits: "head_timeout = 2s" }, async (gw) => {
    const socket = await gw.socket();
    const master = gw.child.pid;
    const open_ones = readdirSync(`/proc/${master}/fd`).length;
    execFileSync("prlimit", ["--pid", String(master),
      `--nofile=${open_ones + 12}`]);
    const idlers = await idle(gw, 40);
    await until(() => /accepting is paused: Too many open/.test(gw.log),
      "the pause");
    assert.equal((await call(socket, "fetchMembers")).success, true);
    // Who waits in the kernel meanwhile is served once there is room.
    const late = gw.socket();
    await sleep(300);
    for (const s of idlers) s.destroy();
    assert.equal((await call(await late, "fetchMembers")).success, true);
    await until(() => /accepting goes on/.test(gw.log), "it goes on");
    assert.ok((await counters(gw)).pauses >= 1);
    assert.equal(socket.connected, true);
  });

scenario("a websocket's message has the time of a body",
  { limits: "body_timeout = 500ms" }, async (gw) => {
    const frame = (head, text) => Buffer.concat([Buffer.from([head,
      0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
    const slow = async (...frames) => {
      const socket = net.connect(gw.port, "127.0.0.1");
      let closed = false;
      socket.on("close", () => { closed = true; });
      socket.on("data", () => {});
      socket.on("error", () => {});
      socket.write(upgrade());
      await sleep(100);
      socket.write(frame(0x81, `40{"psk":"${PSK}"}`));
      let i = 0;
      const timer = setInterval(() =>
        socket.write(frames[Math.min(i++, frames.length - 1)]), 100);
      await until(() => closed, "the end", 2000).catch(() => {});
      clearInterval(timer);
      socket.destroy();
      return closed;
    };
    const ping = frame(0x89, "");
    // A fragment, and pings for ever; a frame that never ends.
    assert.ok(await slow(frame(0x01, "42"), ping));
    assert.match(gw.log, /took longer than limits\.body_timeout/);
    assert.ok(await slow(Buffer.from([0x81, 0xfe, 0x10, 0, 0, 0, 0, 0]),
      Buffer.from("x")));
    // Whole messages, each in two pieces, may go on.
    const pong = frame(0x81, "3");
    assert.ok(!await slow(pong.subarray(0, 3), ...Array.from({ length: 19 },
      () => Buffer.concat([pong.subarray(3), pong.subarray(0, 3)]))));
  });
