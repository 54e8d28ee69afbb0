// Goal: a reverse proxy that pools few connections for many polling sessions,
// mixes their requests, and cuts bytes anywhere, harms none of them.
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { io } from "socket.io-client";
import { PSK, call, scenario, sleep } from "./lib.mjs";

// Each request goes over any free connection of a small pool.
function pooling(gw) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 12,
    scheduling: "fifo" });
  return http.createServer((req, res) => {
    const onward = http.request({ agent, host: "127.0.0.1", port: gw.port,
      method: req.method, path: req.url, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.headers);
      answer.pipe(res);
    });
    onward.on("error", () => res.destroy());
    res.on("close", () => { if (!res.writableEnded) onward.destroy(); });
    req.pipe(onward);
  });
}

// Every byte stream is cut into small pieces with pauses.
function cutting(gw) {
  const drip = async (from, to) => {
    for await (const data of from)
      for (let i = 0, n = 1; i < data.length; i += n, n = n * 3 % 4093) {
        to.write(data.subarray(i, i + n));
        await sleep(0);
      }
    to.end();
  };
  return net.createServer((client) => {
    const server = net.connect(gw.port, "127.0.0.1");
    for (const s of [client, server]) {
      s.setNoDelay();
      s.on("error", () => { client.destroy(); server.destroy(); });
    }
    drip(client, server).catch(() => {});
    drip(server, client).catch(() => {});
  });
}

// Each asks for another field, so that no answer fits another session.
const fields = ["memberRecId", "memberId", "firstName", "lastName"];

async function sessions(proxy, count, transports) {
  await new Promise((done) => proxy.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${proxy.address().port}`;
  const all = Array.from({ length: count }, () => io(url, { transports,
    auth: { psk: PSK }, forceNew: true, reconnection: false }));
  try {
    await Promise.all(all.map((s) => new Promise((done, failed) => {
      s.on("connect", done);
      s.on("connect_error", failed);
    })));
    for (let round = 1; round <= 3; round++)
      await Promise.all(all.map(async (s, i) => {
        const field = fields[(i + round) % fields.length];
        const answer = await call(s, "fetchMembers", { select: [field] });
        assert.equal(answer.success, true);
        assert.ok(answer.data.length > 100);
        for (const row of answer.data)
          assert.deepEqual(Object.keys(row), [field]);
      }));
    assert.ok(all.every((s) => s.connected));
  } finally {
    for (const s of all) s.disconnect();
    proxy.close();
    proxy.closeAllConnections?.();
  }
}

scenario("H16: few connections for many sessions", { workers: 2,
  connections: 2 }, (gw) => sessions(pooling(gw), 10, ["polling"]));

scenario("H16: bytes in pieces", { workers: 2 }, async (gw) => {
  await sessions(cutting(gw), 4, ["polling"]);
  await sessions(cutting(gw), 4, ["polling", "websocket"]);
});
