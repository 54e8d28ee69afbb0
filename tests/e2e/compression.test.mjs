// Goal: what is compressed is the same to the byte as what is not, by every
// client and transport (W10, P17); it costs a session no memory; and what a
// client compresses is bounded when it is inflated.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import WebSocket from "ws";
import { call, ownMemory, PSK, reload, scenario, sleep, transports,
  until } from "./lib.mjs";
import { E, K, P, Raw, W, ask, frame, get, joined, post, text, upgrade }
  from "./raw.mjs";

const on = { conf: "compression { websocket = true }", log: "info" };
// Compressed messages come in, and what goes out can be read as it is.
const inward = { ...on,
  conf: "compression { websocket = true  threshold = 1M }" };
const manySql = `-- param n Int
WITH RECURSIVE t(id) AS (SELECT 1
UNION ALL SELECT id + 1 FROM t WHERE id < :n)
SELECT id, 'words of row ' || (id * 7919 % 1009) || ' are like words of others'
  AS words FROM t ORDER BY id`;
const withMany = { ...on, timeout: 120000, before: (gw) =>
  writeFileSync(path.join(gw.folder, "collectors", "many.sql"), manySql) };
const many = (id, n) => `42${id}["many",{"n":${n}}]`;
const deflated = (data) => zlib.deflateRawSync(data,
  { finishFlush: zlib.constants.Z_SYNC_FLUSH }).subarray(0, -4);
const digest = (data) => createHash("sha256").update(data).digest("hex");

// Packets are sent one by one; their answers, and the bytes that came.
async function converse(gw, perMessageDeflate, packets) {
  const c = new WebSocket(`${gw.url.replace("http", "ws")}${W}`,
    { perMessageDeflate, maxPayload: 1 << 28 });
  const answers = [];
  c.on("message", (data) => {
    const message = data.toString();
    if (message === "2") c.send("3");
    else if (message.startsWith("43")) answers.push(message);
  });
  await new Promise((done, failed) => {
    c.on("open", done);
    c.on("error", failed);
  });
  c.send(K);
  for (const [i, packet] of packets.entries()) {
    c.send(packet);
    await until(() => answers.length > i, "an answer", 60000);
  }
  const bytes = c._socket.bytesRead;
  c.close();
  return { answers, bytes, extensions: c.extensions };
}

scenario("W10: what is agreed", on, async (gw) => {
  const D = "permessage-deflate";
  const mine = `${D}; server_no_context_takeover; client_no_context_takeover`;
  const bad = "400 Invalid or unacceptable Sec-WebSocket-Extensions header";
  const rows = [
    [undefined, null],
    ["x-other; a=b", null],
    [D, mine],
    [`${D}; client_max_window_bits`, mine],
    [`x-other, ${D}; client_max_window_bits=10; server_max_window_bits=9`,
      `${mine}; server_max_window_bits=9; client_max_window_bits=10`],
    [`${D}; nobody_knows`, bad],
    [`${D}; server_max_window_bits=16`, bad],
    [`${D}; =`, bad]];
  const targets = [W, `${W}&sid=${(await joined(gw)).split("sid=")[1]}`];
  for (const target of targets)
    for (const [offer, wanted] of rows) {
      const c = new Raw(gw);
      c.send(upgrade(target, { "Sec-WebSocket-Extensions": offer }));
      await c.line(/^(101|400)/);
      const [, told] = /\r\nSec-WebSocket-Extensions: (.*)/.exec(c.heads[0])
        ?? [null, null];
      assert.equal(wanted === bad ? c.lines()[0] : told, wanted, offer);
      c.close();
    }
});

scenario("websockets: the same, to the byte", withMany, async (gw) => {
  // Below the threshold, in one piece, in several, and streamed.
  const packets = [E(1), many(2, 100), many(3, 3000), many(4, 20000),
    '425["nobody"]', many(6, 800000), E(7)];
  const plain = await converse(gw, false, packets);
  assert.equal(plain.extensions, "");
  assert.ok(plain.answers[5].length > 50e6, "a large one");
  for (const options of [true, { serverMaxWindowBits: 9, threshold: 0 },
    { serverMaxWindowBits: 8, clientMaxWindowBits: 8, threshold: 0 }]) {
    const packed = await converse(gw, options, packets);
    assert.match(packed.extensions, /^permessage-deflate/);
    assert.deepEqual(packed.answers.map(digest), plain.answers.map(digest));
    assert.ok(packed.bytes < plain.bytes / 3,
      `${packed.bytes} of ${plain.bytes}`);
  }
});

scenario("websockets: each level, and what is too short",
  { ...withMany, conf: "compression { websocket = true  threshold = 2000 }" },
  async (gw) => {
    const packets = [many(1, 20), many(2, 2000)], seen = [];
    const plain = await converse(gw, false, packets);
    for (const level of [1, 4, 9]) {
      await reload(gw, { conf: "compression { websocket = true " +
        `threshold = 2000  level = ${level} }` });
      const packed = await converse(gw, true, packets);
      assert.deepEqual(packed.answers, plain.answers);
      seen.push(packed.bytes);
    }
    assert.ok(plain.answers[0].length > 1000);
    assert.ok(seen[0] > seen[1] && seen[1] > seen[2], `fewer: ${seen}`);
    assert.ok(seen[2] > plain.answers[0].length, "the short one is plain");
  });

scenario("off is off",
  { ...withMany, conf: "" }, async (gw) => {
    const first = await converse(gw, true, [many(1, 3000)]);
    assert.equal(first.extensions, "");
    const c = new Raw(gw);
    c.send(upgrade(W, { "Sec-WebSocket-Extensions": "x; =" }));
    await c.line(/^text 0/);
    assert.doesNotMatch(c.heads[0], /Extensions/);
    c.send(frame(0xc1, deflated(K)));
    await c.line(/close 1002 /);
  });

// ---- what comes in ----------------------------------------------------------

async function packedClient(gw) {
  const c = new Raw(gw);
  c.send(upgrade(W, { "Sec-WebSocket-Extensions": "permessage-deflate" }));
  await c.line(/^text 0/);
  assert.match(c.heads[0], /\r\nSec-WebSocket-Extensions: permessage-deflate;/);
  return c;
}

scenario("what was agreed holds when it is turned off", inward,
  async (gw) => {
    const c = await packedClient(gw);
    c.send(frame(0xc1, deflated(K)));
    await c.line(/^text 40/);
    await reload(gw, { conf: "compression { websocket = false }" });
    c.send(frame(0xc1, deflated(E(1))));
    await c.line(/^text 431/);
    const other = new Raw(gw);
    other.send(upgrade(W, { "Sec-WebSocket-Extensions": "permessage-deflate" }));
    await other.line(/^text 0/);
    assert.doesNotMatch(other.heads[0], /Extensions/);
    await reload(gw, { conf: "compression { websocket = true }" });
    await packedClient(gw);
  });

scenario("compressed requests, and what is none", inward, async (gw) => {
  const event = deflated(E(1)), A = /text 431\[/;
  const rows = [
    ["in one frame", [frame(0xc1, event)], A],
    ["in three, and a ping", [frame(0x41, event.subarray(0, 9)),
      frame(0x89, "p"), frame(0x00, event.subarray(9, 10)),
      frame(0x80, event.subarray(10))], A],
    ["not compressed", [text(E(1))], A],
    ["marked later", [frame(0x41, event.subarray(0, 9)),
      frame(0xc0, event.subarray(9))], /close 1002 /],
    ["a marked ping", [frame(0xc9, "p")], /close 1002 /],
    ["another bit", [frame(0xe1, event)], /close 1002 /],
    ["cut off", [frame(0xc1, event.subarray(0, -3))], /close 1007 /],
    ["no DEFLATE", [frame(0xc1, "\x06\x06")], /close 1007 /],
    ["no UTF-8", [frame(0xc1, deflated(Buffer.from([0x34, 0xff])))],
      /close 1007 /],
    ["it refers to a message before", [frame(0xc1, event),
      frame(0xc1, zlib.deflateRawSync(E(1), { dictionary: Buffer.from(E(1)),
        finishFlush: zlib.constants.Z_SYNC_FLUSH }).subarray(0, -4))],
      /close 1007 /],
  ];
  for (const [what, frames, wanted] of rows) {
    const c = await packedClient(gw);
    c.send(frame(0xc1, deflated(K)));
    await c.line(/^text 40/);
    c.send(...frames);
    await until(() => wanted.test(c.lines().join("\n")), what)
      .catch((e) => assert.fail(`${e.message}: ${c.lines().join("\n")}`));
    c.close();
  }
});

const peak = (pid) => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(
  `/proc/${pid}/status`, "utf8"))[1]);
const sanitized = (pid) => /libasan/.test(readFileSync(`/proc/${pid}/maps`));

scenario("bombs end at max_payload", { ...inward, workers: 1 }, async (gw) => {
  const bomb = deflated(Buffer.alloc(100e6));
  assert.ok(bomb.length < 110000);
  const { pid } = await until(() => gw.processes("worker")[0], "a worker");
  const exactly = (n) => deflated(`42["nobody","${"x".repeat(n - 15)}"]`);
  for (let i = 0; i < 20; i++) {
    const c = await packedClient(gw);
    c.send(i % 2 ? frame(0xc1, bomb) : Buffer.concat([
      frame(0x41, bomb.subarray(0, 999)), frame(0x80, bomb.subarray(999))]));
    await c.line(/close 1009 /);
    c.close();
  }
  assert.ok(sanitized(pid) || peak(pid) < 32 << 10, `${peak(pid)} KiB`);
  const c = await packedClient(gw);
  c.send(text(K), frame(0xc1, exactly(1000000)), text(E(1)));
  await c.line(/^text 431/);
  c.send(frame(0xc1, exactly(1000001)));
  await c.line(/close 1009 /);
});

// ---- HTTP -------------------------------------------------------------------

// The answer to a packet, as it came and decoded: the first poll that is not
// answered with a ping alone.
async function poll(gw, there, packet, accept, version) {
  await ask(gw, post(there, packet));
  for (;;) {
    const got = await pollOnce(gw, there, accept, version);
    if (got.content !== "") return got;
    await ask(gw, post(there, "3"));
  }
}

async function pollOnce(gw, there, accept, version = "1.1") {
  const c = new Raw(gw);
  c.send(get(there, ...accept === undefined ? [] :
    [`Accept-Encoding: ${accept}`]).replace("HTTP/1.1", `HTTP/${version}`));
  const whole = () => {
    const at = c.got.indexOf("\r\n\r\n") + 4;
    const chunked = /\ntransfer-encoding: chunked/i.test(c.got.subarray(0, at));
    const length = /\ncontent-length: (\d+)/i.exec(c.got.subarray(0, at));
    return at > 4 && (c.end || (length && c.got.length >= at + +length[1]) ||
      (chunked && c.got.subarray(-5).toString() === "0\r\n\r\n"));
  };
  await until(whole, "the answer", 60000);
  c.close();
  const at = c.got.indexOf("\r\n\r\n") + 4;
  const head = c.got.subarray(0, at).toString();
  let body = c.got.subarray(at);
  if (/chunked/.test(head)) {
    const parts = [];
    for (let n; (n = parseInt(body.subarray(0, 20), 16)) > 0;) {
      const from = body.indexOf("\r\n") + 2;
      parts.push(body.subarray(from, from + n));
      body = body.subarray(from + n + 2);
    }
    body = Buffer.concat(parts);
  }
  const coding = /\nContent-Encoding: (.*)\r/.exec(head)?.[1];
  const decode = { gzip: zlib.gunzipSync, deflate: zlib.inflateSync };
  return { coding, head, bytes: body.length, content:
    (coding ? decode[coding](body) : body).toString()
      .replace(/^2\x1e|\x1e?2$/, "") };
}

scenario("P17: polls", withMany, async (gw) => {
  const there = await joined(gw);
  const rows = [[undefined], ["gzip, deflate, br", "gzip"],
    ["deflate", "deflate"], ["br"], ["gzip;q=0"], ["*;q=0.1", "gzip"],
    ["gzip;q=0.2, deflate;q=0.3", "deflate"]];
  for (const n of [100, 3000, 100000]) {
    const plain = await poll(gw, there, many(1, n));
    for (const [accept, wanted] of rows) {
      const got = await poll(gw, there, many(1, n), accept);
      assert.equal(got.coding, wanted, accept);
      assert.equal(digest(got.content), digest(plain.content), accept);
      assert.match(got.head, /Content-Type: text\/plain; charset=UTF-8\r/);
      assert.match(got.head, /cache-control: no-store\r/);
      if (wanted) {
        assert.match(got.head, /Transfer-Encoding: chunked\r/);
        assert.ok(got.bytes < plain.bytes / 3);
      }
    }
    const old = await poll(gw, there, many(1, n), "gzip", "1.0");
    assert.equal(old.coding, "gzip");
    assert.doesNotMatch(old.head, /chunked|Content-Length/);
    assert.equal(digest(old.content), digest(plain.content));
  }
  const short = await poll(gw, there, '421["nobody"]', "gzip");
  assert.equal(short.coding, undefined, "less than the threshold");
});

scenario("Engine.IO 3: polls, whose length stands in front",
  { ...withMany, socketio: "allow_eio3 = true" }, async (gw) => {
    const path = P.replace("EIO=4", "EIO=3");
    const { sid } = JSON.parse(/{.*/.exec(await ask(gw,
      get(`${path}&psk=${PSK}`)))[0]);
    const there = `${path}&sid=${sid}`;
    assert.equal(await ask(gw, get(there)), "200 2:40");
    for (const n of [100, 100000]) {
      const packet = many(1, n), whole = `${packet.length}:${packet}`;
      const plain = await poll(gw, there, whole);
      const packed = await poll(gw, there, whole, "gzip");
      assert.equal(plain.coding, undefined);
      assert.equal(packed.coding, "gzip");
      assert.match(plain.content, /^\d+:431\[/);
      assert.equal(digest(packed.content), digest(plain.content));
    }
  });

scenario("POSTs are never decoded, as in the official server", on,
  async (gw) => {
    const there = await joined(gw);
    assert.equal(await ask(gw, post(there, "garbage",
      "Content-Encoding: gzip")), "200 ok");
    assert.match(await ask(gw, get(there)), /^400 \{"code":1/);
  });

scenario("polls: off", { ...withMany, conf: "compression { http = false }" },
  async (gw) => {
    const there = await joined(gw);
    const got = await poll(gw, there, many(1, 3000), "gzip");
    assert.equal(got.coding, undefined);
    assert.match(got.head, /Content-Length/);
  });

// ---- clients, memory, moves -------------------------------------------------

scenario("socket.io-client over every transport", withMany, async (gw) => {
  for (const [name, options] of Object.entries(transports)) {
    const [packed, plain] = await Promise.all([true, false].map((v) =>
      gw.socket({ ...options, perMessageDeflate: v ? { threshold: 0 } : v })));
    for (const n of [1, 50, 5000, 100000])
      assert.deepEqual(await call(packed, "many", { n, words: undefined }),
        await call(plain, "many", { n }), name);
  }
});

scenario("a session has no memory for it", { ...withMany, workers: 1 },
  async (gw) => {
    const { pid } = await until(() => gw.processes("worker")[0], "a worker");
    const round = (sockets) => Promise.all(sockets.map((s) =>
      call(s, "many", { n: 2000 })));
    const connect = () => Promise.all(Array.from({ length: 150 }, () =>
      gw.socket({ perMessageDeflate: { threshold: 0 } })));
    await round(await connect());
    await sleep(300);
    const before = ownMemory(pid), sockets = await connect();
    await round(sockets);
    await round(sockets);
    await sleep(300);
    const each = (ownMemory(pid) - before) / sockets.length;
    console.log(`${each.toFixed(1)} KiB for each session`);
    assert.ok(sanitized(pid) || each < 8, `${each} KiB for each session`);
  });

scenario("sessions move half way through a message", { ...withMany,
  connections: 2 }, async (gw) => {
  const n = 300000, plain = await converse(gw, false, [many(1, n)]);
  const workers = () => gw.processes("worker").map(({ pid }) => pid);
  const running = [true, true, { serverMaxWindowBits: 9 }]
    .map((v) => converse(gw, v, [many(1, n), many(2, 3000)]));
  let moves = 0, over = false;
  const all = Promise.all(running).finally(() => { over = true; });
  while (!over) {
    const [pid] = workers();
    process.kill(pid, "SIGTERM");
    await until(() => over || !workers().includes(pid), "it has ended", 20000);
    moves++;
  }
  for (const { answers, extensions } of await all) {
    assert.match(extensions, /^permessage-deflate/);
    assert.equal(digest(answers[0]), digest(plain.answers[0]));
  }
  console.log(`${moves} workers replaced meanwhile`);
  assert.match(gw.log, /has moved here/);
  assert.doesNotMatch(gw.log, / error |could not move/);
});
