// Goal: WebSocket, heartbeat and keys, row by row of the protocol (W, B, A).
import assert from "node:assert/strict";
import { PSK, scenario, sleep, until } from "./lib.mjs";
import { E, K, P, Raw, W, ask, frame, get, joinedWebsocket, open, post, text,
  upgrade, websocket } from "./raw.mjs";

const bytes = (...list) => Buffer.from(list);
const many = (n, piece) => Buffer.concat(Array(n).fill(piece));

scenario("W1 to W9: the handshake", {}, async (gw) => {
  const version = "Missing or invalid Sec-WebSocket-Version header";
  const key = "Missing or invalid Sec-WebSocket-Key header";
  const list = "Invalid Sec-WebSocket-Protocol header";
  const rows = [
    ["W1", {}, "101 "],
    ["W5", { Upgrade: "WebSocket" }, "101 "],
    ["W5", { Connection: "keep-alive, Upgrade" }, "101 "],
    ["W6", { Connection: "keep-alive" },
      '400 {"code":3,"message":"Bad request"}'],
    ["W7", { "Sec-WebSocket-Version": "12" }, `400 ${version}`],
    ["W7", { "Sec-WebSocket-Version": undefined }, `400 ${version}`],
    ["W7", { "Sec-WebSocket-Version": "8" }, "101 "],
    ["W8", { "Sec-WebSocket-Key": undefined }, `400 ${key}`],
    ["W8", { "Sec-WebSocket-Key": "abc" }, `400 ${key}`],
    ["W9", { "Sec-WebSocket-Protocol": "a, b" }, "101 "],
    ["W9", { "Sec-WebSocket-Protocol": "a,,b" }, `400 ${list}`],
    ["W9", { "Sec-WebSocket-Protocol": "a,a" }, `400 ${list}`],
    ["W10", { "Sec-WebSocket-Extensions": "permessage-deflate" }, "101 "],
  ];
  for (const [id, changes, wanted] of rows) {
    const c = new Raw(gw), what = `${id} ${JSON.stringify(changes)}`;
    c.send(upgrade(W, changes));
    await c.line(/^(101|400)/);
    assert.equal(c.lines()[0], wanted, what);
    const h = c.heads[0];
    if (id === "W7" && wanted !== "101 ")
      assert.match(h, /\r\nSec-WebSocket-Version: 13, 8/, what);
    if (wanted === "101 ") {
      assert.match(h, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+/);
      assert.doesNotMatch(h, /\r\n(Date|Sec-WebSocket-Extensions):/, what);
      assert.equal(/\r\nSec-WebSocket-Protocol: a$/m.test(h), id === "W9");
      assert.match((await c.line(/^text/))[1],
        /^text 0\{"sid":"[\w-]{20}","upgrades":\[\],/, "W1");
    }
    c.close();
  }
  for (const [id, target, message] of [
    ["W2", "/socket.io/?EIO=4&transport=x", "Transport unknown"],
    ["W2", `${W}&sid=nope`, "Session ID unknown"],
    ["W3", W.replace("EIO=4", "EIO=5"), "Unsupported protocol version"],
    ["W4", P, "Bad request"]]) {
    const c = new Raw(gw);
    c.send(upgrade(target));
    assert.equal(await c.all(1000), `400 ${message}\nEND`, id);
    assert.match(c.heads[0],
      /\r\nConnection: close\r\nContent-type: text\/html/, id);
  }
});

scenario("W11 to W25: frames", {}, async (gw) => {
  const A = "text 431";		// the answer to E(1)
  const rows = [
    ["W11", [text(E(1))], A],
    ["W12", [text('451-1["nobody",{"_placeholder":true,"num":0}]'),
      text("bAAAA")], A],
    ["W12", [text("bAAAA")], "close - "],
    ["W13", [text("")], "close - "],
    ...["7", "x", "\n"].map((t) => ["W13", [text(t)], "close - "]),
    ...["0", "3", "5", "6", "3probe"].map((t) =>
      ["W14", [text(t), text(E(1))], A]),
    ...["2", "2probe"].map((t) => ["W15", [text(t)], "close - "]),
    ["W16", [text("1")], "close - "],
    ["W17", [frame(0x01, ""), frame(0x00, E(1).slice(0, 9)),
      frame(0x89, "p"), frame(0x00, E(1).slice(9)), frame(0x80, "")], A],
    ["W17", [frame(0x89, "x".repeat(125))], `pong ${"x".repeat(125)}`],
    ["W18", [frame(0x81, "3", { mask: false })], "close 1002 "],
    ...[0xc1, 0xa1, 0x91, 0x83, 0x87, 0x8b, 0x8f, 0x80, 0x09, 0x08].map((b) =>
      ["W18", [frame(b, "3")], "close 1002 "]),
    ["W18", [frame(0x01, "3"), frame(0x81, "3")], "close 1002 "],
    ["W18", [frame(0x89, "x".repeat(126))], "close 1002 "],
    ["W19", [frame(0x81, bytes(0x34, 0xff))], "close 1007 "],
    ["W19", [frame(0x01, bytes(0x36, 0xc3)), frame(0x80, bytes(0xa9)),
      text(E(1))], A],
    ["W20", [frame(0x81, "", { length: 1000001 })], "close 1009 "],
    ["W20", [frame(0x01, "6".repeat(600000)),
      frame(0x80, "", { length: 400001 })], "close 1009 "],
    ["W21", [text("6".padEnd(1000000, "x")), text(E(1))], A],
    ...[1000, 1014, 3000, 4000, 4999].map((code) =>
      ["W22", [frame(0x88, bytes(code >> 8, code & 255, 0x62)),
        text(E(1))], `close ${code} b`]),
    ["W22", [frame(0x88)], "close - "],
    ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map((code) =>
      ["W23", [frame(0x88, bytes(code >> 8, code & 255))], "close 1002 "]),
    ["W23", [frame(0x88, "x")], "close 1002 "],
    ["W23", [frame(0x88, bytes(3, 232, 0xff))], "close 1007 "],
    ["W24", [bytes(0x81, 0xfe, 0, 1, 0, 0, 0, 0, 0x33), text(E(1))], A],
    ["W25", [frame(0x01, "6"), many(16382, frame(0x00, "x")),
      frame(0x80, ""), text(E(1))], A],
    ["W25", [frame(0x01, "6"), many(16384, frame(0x00, "x"))],
      "close 1008 "],
  ];
  for (const [id, frames, wanted] of rows) {
    const c = await joinedWebsocket(gw);
    c.send(...frames);
    const what = `${id} ${String(frames[0]).slice(0, 30)}`;
    const pattern = new RegExp(`^${wanted.slice(0, 10)}`);
    const last = (await c.line(pattern)).at(-1);
    assert.ok(last.startsWith(wanted), `${what}: ${last.slice(0, 60)}`);
    if (wanted === "close 1002 " || id === "W22")
      assert.match(await c.all(500), /\nEND$/, what);
    c.close();
  }
});

scenario("W26, W28: at once, and long", {}, async (gw) => {
  const c = new Raw(gw);
  c.send(upgrade(W), text(K), text(E(1)));
  await c.line(/^text 431/);
  const slow = new Raw(gw);
  await slow.slowly(Buffer.from(upgrade(W)));
  await slow.line(/^text 0/);
  await slow.slowly(Buffer.concat([text(K), frame(0x89, "p"), text(E(1))]));
  await slow.line(/^text 431/);
  const around = '44,{"message":"Invalid namespace"}'.length;
  for (const [length, ...first] of [[125, 0x81, 125], [126, 0x81, 126, 0, 126],
    [65535, 0x81, 126, 255, 255],
    [65536, 0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]]) {
    const before = c.got.length, total = length + first.length;
    c.send(text(`40/${"n".repeat(length - around - 1)},`));
    await until(() => c.got.length >= before + total, `${length} bytes`);
    assert.equal(c.got.length, before + total, "W28");
    assert.deepEqual([...c.got.subarray(before, before + first.length)],
      first, "W28: the shortest form, not masked");
  }
});

scenario("B1 to B5: short timers", { socketio: "ping_interval = 200ms " +
  "ping_timeout = 200ms" }, async (gw) => {
  const ends = async (c) => {
    await c.line(/^close - /);
    return Date.now();
  };
  const pings = (c) => c.lines().filter((l) => l === "text 2").length;
  // Nothing comes too soon; what is late may have been held up on its way.
  const least = (from, wanted, what) => assert.ok(Date.now() - from >= wanted,
    `${what}: ${Date.now() - from} ms, not ${wanted}`);
  let began = Date.now();
  const c = await websocket(gw);
  await c.line(/^text 2$/);
  least(began, 200, "B1");
  c.send(text(K));
  await c.line(/^text 40/);
  await ends(c);
  least(began, 400, "B2, B3");
  assert.equal(pings(c), 1, "B3");

  const deaf = await joinedWebsocket(gw);
  await deaf.line(/^text 2$/);
  deaf.send(frame(0x8a), frame(0x89));
  await ends(deaf);
  assert.equal(pings(deaf), 1, "B5: a frame's pong is none");

  // What only holds for packets that arrive in time is tried again.
  const tries = async (what, fn) => {
    for (let n = 0; n < 8; n++) if (await fn()) return;
    assert.fail(what);
  };
  await tries("B4: a pong puts the ping off", async () => {
    const early = await joinedWebsocket(gw);
    await sleep(120);
    began = Date.now();
    early.send(text("3"), text("3"));
    await early.line(/^text 2$/);
    return Date.now() - began >= 200;
  });
  await tries("B3: once per ping", async () => {
    const once = await joinedWebsocket(gw);
    await once.line(/^text 2$/);
    await sleep(100);
    const first = Date.now();
    once.send(text("6"));
    await sleep(100);
    const second = Date.now();
    once.send(text("6"));
    const end = await ends(once);
    return end - first >= 200 && end - second < 200;
  });
});

scenario("B6: a namespace in time", { socketio: "connect_timeout = 900ms" },
  async (gw) => {
    const begun = Date.now();
    const all = await Promise.all(["", "40", K].map(async (first) => {
      const c = await websocket(gw);
      if (first) c.send(text(first));
      if (first === K) c.send(text("41"));
      return c;
    }));
    const last = all.pop();
    for (const c of all) await c.line(/^close - /);
    assert.ok(Date.now() - begun >= 900, "B6: not sooner");
    await sleep(300);
    assert.ok(!last.lines().some((l) => /^close/.test(l)), "B6: for good");
  });

scenario("A1 to A3: whose key decides", {}, async (gw) => {
  const yes = /^text 40\{"sid":"[\w-]{20}"\}$/;
  const no = /^text 44\{"message":"Unauthorized"\}$/;
  const rows = [
    ["", {}, K, yes],
    ["", { "X-PSK": PSK }, "40", yes],
    [`&psk=${PSK}`, {}, "40", yes],
    [`&psk=%${PSK.charCodeAt(0).toString(16)}${PSK.slice(1)}`, {}, "40", yes],
    ["", { "x-psk": PSK }, '40{"psk":"no"}', no],
    ["", { "x-psk": PSK }, '40{"psk":5}', no],
    ["", { "x-psk": PSK }, `40{"psk":["${PSK}"]}`, no],
    ...['""', "null", "0", "false"].map((v) =>
      ["", { "x-psk": PSK }, `40{"psk":${v}}`, yes]),
    [`&psk=${PSK}`, { "x-psk": "no" }, "40", no],
    [`&psk=${PSK}`, { "x-psk": "" }, "40", yes],
    [`&psk=${PSK}&psk=no`, {}, "40", no],
    [`&psk=${PSK}%00`, {}, "40", no],
    ...[`${PSK}\\u0000`, PSK.slice(1), PSK.slice(0, -1), `${PSK}x`,
      PSK.toUpperCase()].map((v) => ["", {}, `40{"psk":"${v}"}`, no]),
  ];
  for (const [query, headers, connect, wanted] of rows) {
    const c = await websocket(gw, W + query, headers);
    c.send(text(connect));
    assert.match((await c.line(/^text 4/)).at(-1), wanted,
      `A1, A2: ${query} ${JSON.stringify(headers)} ${connect}`);
    if (wanted === no) {
      c.send(text(K));
      await c.line(yes);
    }
    c.close();
  }
  const there = `${P}&sid=${await open(gw)}`;
  await ask(gw, post(there, "40", `x-psk: ${PSK}`));
  assert.equal(await ask(gw, get(`${there}&psk=${PSK}`, `x-psk: ${PSK}`)),
    '200 44{"message":"Unauthorized"}', "A1: the opening request only");
  const c = await websocket(gw);
  c.send(text(E(1)));
  await c.line(/^close - /);
  assert.doesNotMatch(await c.all(0), /43/, "A4");
});
