// Goal: a client that does not read holds up itself and nobody else.
import assert from "node:assert/strict";
import net from "node:net";
import { call, PSK, scenario, sleep, transports } from "./lib.mjs";

const LARGE = '["fetchProducts",{"include":["inventory","itemVendors"]}]';
const UPGRADE = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n" +
  "Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// A masked text frame; the mask of zeros leaves the text as it is.
const frame = (text) => {
  const data = Buffer.from(text);
  assert.ok(data.length < 126);
  return Buffer.concat([Buffer.from([0x81, 0x80 | data.length, 0, 0, 0, 0]),
    data]);
};

const connect = (gw) => new Promise((done, failed) => {
  const s = net.connect(gw.port, "127.0.0.1");
  s.on("error", () => {});
  s.once("connect", () => done(s));
  s.once("error", failed);
});

// What has come of s so far, until it matches.
const hear = (s, pattern) => new Promise((done) => {
  let text = "";
  const more = (d) => {
    text += d.toString("latin1");
    const m = pattern.exec(text);
    if (!m) return;
    s.off("data", more);
    done(m);
  };
  s.on("data", more);
});

const deaf = {
  async websocket(gw) {
    const s = await connect(gw);
    s.write(UPGRADE);
    await hear(s, /"sid"/);
    s.write(frame(`40{"psk":"${PSK}"}`));
    await hear(s, /40{"sid"/);
    s.pause();
    for (let id = 1; id <= 4; id++) s.write(frame(`42${id}${LARGE}`));
    return s;
  },
  async polling(gw) {
    const s = await connect(gw);
    const path = "/socket.io/?EIO=4&transport=polling";
    const get = (sid = "") =>
      s.write(`GET ${path}${sid} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const post = (sid, body) => s.write(`POST ${path}${sid} HTTP/1.1\r\n` +
      `Host: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    get();
    const sid = `&sid=${(await hear(s, /"sid":"([^"]+)"/))[1]}`;
    post(sid, `40{"psk":"${PSK}"}`);
    await hear(s, /ok/);
    get(sid);
    await hear(s, /40{"sid"/);
    post(sid, [1, 2, 3, 4].map((id) => `42${id}${LARGE}`).join("\x1e"));
    await hear(s, /ok/);
    s.pause();
    get(sid);
    return s;
  },
};

for (const [transport, start] of Object.entries(deaf))
  scenario(`clients that do not read, ${transport}`,
    { workers: 2, connections: 2, timeout: 90000 }, async (gw) => {
      const others = await Promise.all(Object.values(transports).map((t) =>
        gw.socket(t)));
      const sockets = [];
      for (let i = 0; i < 4; i++) sockets.push(await start(gw));
      await sleep(500);
      // far below stall_timeout, which is 60 s
      const before = Date.now();
      for (const s of others)
        assert.equal((await call(s, "fetchMembers")).success, true);
      const took = Date.now() - before;
      assert.ok(took < 30000, `${took} ms`);
      assert.match(gw.log, /ended: its client does not read/);
      for (const s of sockets) s.destroy();
    });
