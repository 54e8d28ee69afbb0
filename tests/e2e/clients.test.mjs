// Goal: the clients of Socket.IO 4, 3 and, with allow_eio3, 2 are served alike
// over every transport; without it, a client of 2 is told so.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { io as io4 } from "socket.io-client";
import io2 from "socket.io-client-2";
import { io as io3 } from "socket.io-client-3";
import { call, PSK, scenario, sleep, sql, transports, until }
  from "./lib.mjs";

// What a client is called with to show its key: only 4 and 3 have auth.
const clients = {
  "client 4": { io: io4, keys: { auth: { auth: { psk: PSK } } } },
  "client 3": { io: io3, keys: { auth: { auth: { psk: PSK } } } },
  "client 2": { io: io2, keys: {} },
};
for (const { keys } of Object.values(clients)) Object.assign(keys, {
  query: { query: { psk: PSK } },
  header: { extraHeaders: { "x-psk": PSK }, transportOptions: {
    polling: { extraHeaders: { "x-psk": PSK } },
    websocket: { extraHeaders: { "x-psk": PSK } } } },
});
const old = "allow_eio3 = true";

const once = (socket, ...events) => new Promise((done, failed) => {
  const timer = setTimeout(() =>
    failed(new Error(`none of ${events} within 10 s`)), 10000);
  for (const event of events) socket.once(event, (value) => {
    clearTimeout(timer);
    done([event, value]);
  });
});

function open(gw, client, options, nsp = "") {
  const socket = clients[client].io(gw.url + nsp,
    { reconnection: false, forceNew: true, ...options });
  gw.sockets.push(socket);
  return socket;
}

async function connect(gw, client, options, nsp) {
  const socket = open(gw, client, options, nsp);
  const [event, why] = await once(socket, "connect", "connect_error", "error");
  assert.equal(event, "connect", String(why));
  return socket;
}

// A collector with Bytes.
async function addSignoffs(gw) {
  writeFileSync(path.join(gw.folder, "collectors/fetchSignoffs.collector"),
    "model = SrSignoff\n");
  gw.child.kill("SIGHUP");
  await until(() => /reload: generation 2 is in force/.test(gw.log), "the reload");
}

const logos = (gw) => sql(gw.database, "SELECT hex(\"Logo\") AS logo, " +
  "\"Logo\" IS NULL AS none FROM \"SR_Signoff\" " +
  "ORDER BY \"SR_Signoff_RecID\"")
  .map((row) => row.none ? null : row.logo);
const hex = (bytes) => bytes === null ? null :
  Buffer.from(bytes).toString("hex").toUpperCase();

for (const [client, { keys }] of Object.entries(clients)) {
  for (const [way, transport] of Object.entries(transports)) {
    scenario(`${client}, ${way}: answers small, large and binary`,
      { socketio: old }, async (gw) => {
        await addSignoffs(gw);
        const socket = await connect(gw, client,
          { ...transport, ...keys.query });
        const wanted = sql(gw.database, "SELECT \"Member_RecID\" AS id " +
          "FROM \"Member\" ORDER BY 1").map((row) => row.id);
        const answers = await Promise.all(Array.from({ length: 20 }, () =>
          call(socket, "fetchMembers", { select: ["memberRecId"] })));
        for (const { success, data } of answers) {
          assert.equal(success, true);
          assert.deepEqual(data.map((row) => row.memberRecId), wanted);
        }
        const large = await call(socket, "fetchProducts",
          { include: ["subcategory", "manufacturer", "itemVendors"] });
        assert.equal(large.success, true, large.error);
        assert.ok(JSON.stringify(large).length > 1 << 19, "it is large");
        const binary = await call(socket, "fetchSignoffs",
          { select: ["logo"] });
        assert.equal(binary.success, true, binary.error);
        assert.deepEqual(binary.data.map((row) => hex(row.logo)), logos(gw));
        assert.ok(binary.data.some((row) => row.logo !== null));
        const none = await call(socket, "fetchMembers", { select: ["nope"] });
        assert.equal(none.code, "UNKNOWN_FIELD");
      });

    for (const [source, key] of Object.entries(keys))
      scenario(`${client}, ${way}: the key in ${source}, and namespaces`,
        { socketio: `${old}  namespaces = { "/", "/crm" }` }, async (gw) => {
          const options = { ...transport, ...key };
          for (const nsp of ["", "/crm"]) {
            const socket = await connect(gw, client, options, nsp);
            const { success } = await call(socket, "fetchCompanies",
              { select: ["companyRecId"] });
            assert.equal(success, true);
          }
        });

    scenario(`${client}, ${way}: refusals`, { socketio: old }, async (gw) => {
      const key = client === "client 2" ? "error" : "connect_error";
      for (const wrong of [{}, { query: { psk: "wrong" } }]) {
        const socket = open(gw, client, { ...transport, ...wrong });
        const [event, why] = await once(socket, "connect", key);
        assert.equal(event, key);
        assert.equal(why.message ?? why, "Unauthorized");
      }
      const socket = open(gw, client, { ...transport, ...keys.query },
        "/nope");
      const [event, why] = await once(socket, key);
      assert.equal(event, key);
      assert.equal(why.message, "Invalid namespace");
    });

    scenario(`${client}, ${way}: bytes in, and bytes as base64`,
      { socketio: old }, async (gw) => {
        await addSignoffs(gw);
        for (const forceBase64 of [false, true]) {
          const socket = await connect(gw, client,
            { ...transport, ...keys.query, forceBase64 });
          const odd = await call(socket, "fetchMembers",
            { select: Buffer.from([0, 1, 2, 255]) });
          assert.equal(odd.success, false);
          const { data } = await call(socket, "fetchSignoffs",
            { select: ["logo"] });
          assert.deepEqual(data.map((row) => hex(row.logo)), logos(gw));
        }
      });

    scenario(`${client}, ${way}: heartbeat`,
      { socketio: `${old}  ping_interval = 300ms  ping_timeout = 1s` },
      async (gw) => {
        const socket = await connect(gw, client,
          { ...transport, ...keys.query });
        let lost;
        socket.on("disconnect", (why) => { lost = why; });
        await sleep(2000);
        assert.equal(lost, undefined);
        assert.equal((await call(socket, "fetchMembers")).success, true);
        socket.disconnect();
        await until(() => /closed: the client closed it|its connection was lost/
          .test(gw.log), "the session has ended");
      });
  }
}

for (const [way, transport] of Object.entries(transports))
  scenario(`client 2, ${way}: not allowed`, {}, async (gw) => {
    const socket = open(gw, "client 2",
      { ...transport, query: { psk: PSK } });
    const [, why] = await once(socket, "connect_error", "connect");
    assert.match(String(why), /xhr poll error|websocket error/);
  });

// ---- raw: what is on the wire

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const head = (query, upgrade) => `GET /socket.io/?${query} HTTP/1.1\r\n` +
  "Host: a\r\n" + (upgrade ? "Connection: Upgrade\r\nUpgrade: websocket\r\n" +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n` : "") + "\r\n";

scenario("revision 3 is refused in plain HTTP when it is not allowed", {},
  async (gw) => {
    const ask = (request) => new Promise((done) => {
      let text = "";
      const s = net.connect(gw.port, "127.0.0.1", () => s.write(request));
      s.on("data", (d) => {
        text += d;
        if (/\r\n\r\n[^]*Unsupported/.test(text)) s.end();
      });
      s.on("close", () => done(text));
    });
    const polling = await ask(head("EIO=3&transport=polling"));
    assert.match(polling, /^HTTP\/1.1 400 /);
    assert.match(polling,
      /\{"code":5,"message":"Unsupported protocol version"\}$/);
    const websocket = await ask(head("EIO=3&transport=websocket", true));
    assert.match(websocket, /^HTTP\/1.1 400 /);
    assert.match(websocket, /\r\n\r\nUnsupported protocol version$/);
  });

async function fetchText(gw, query, body, type = "text/plain;charset=UTF-8") {
  const response = await fetch(`${gw.url}/socket.io/?${query}`, body === undefined ?
    {} : { method: "POST", body, headers: { "Content-Type": type } });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get("content-type"),
    bytes, text: bytes.toString() };
}

scenario("revision 3 by polling: framing, order and heartbeat",
  { socketio: `${old}  namespaces = { "/", "/crm" }  ping_interval = 2s
    ping_timeout = 500ms` }, async (gw) => {
    const opened = await fetchText(gw, `EIO=3&transport=polling&psk=${PSK}`);
    const [, length, json] = /^(\d+):(0\{.*\})$/.exec(opened.text);
    assert.equal(Number(length), json.length);
    const { sid, upgrades } = JSON.parse(json.slice(1));
    assert.deepEqual(upgrades, ["websocket"]);
    const q = `EIO=3&transport=polling&sid=${sid}`;
    assert.equal((await fetchText(gw, q)).text, "2:40");
    const post = async (text, type) =>
      assert.equal((await fetchText(gw, q, text, type)).text, "ok");
    // Joined by a query, refused without it, in one payload with a ping.
    await post("11:40/crm?x=1,10:40/nope?y,1:2");
    assert.equal((await fetchText(gw, q)).text,
      "7:40/crm,39:44/nope,{\"message\":\"Invalid namespace\"}1:3");
    // Characters outside the basic plane count two.
    await post("16:420[\"\u{1F600}\",\"\u20ac\u00e9xy\"]2:2x");
    const { text } = await fetchText(gw, q);
    assert.match(text, /^\d+:430\[\{"success":false.*\}\]1:3$/);
    assert.equal(Number(text.split(":")[0]),
      text.slice(text.indexOf(":") + 1, -3).length);
    // As bytes, in and out.
    const since = Date.now();
    await post(Buffer.from("\0\x01\xff2", "latin1"),
      "application/octet-stream");
    assert.equal((await fetchText(gw, q)).text, "1:3");
    // Another revision is none of its requests; nobody else's heartbeat.
    assert.equal((await fetchText(gw, q.replace("EIO=3", "EIO=4"))).text,
      "{\"code\":3,\"message\":\"Bad request\"}");
    assert.equal((await fetchText(gw, q)).text, "1:1");
    assert.ok(Date.now() - since >= 2500, "the heartbeat counted");
    assert.match(gw.log, /closed: no ping came/);
    assert.equal((await fetchText(gw, q)).text,
      "{\"code\":1,\"message\":\"Session ID unknown\"}");
  });

for (const b64 of [false, true])
  scenario(`revision 3 by polling: bytes, ${b64 ? "" : "not "}as base64`,
    { socketio: old }, async (gw) => {
      await addSignoffs(gw);
      const opened = await fetchText(gw,
        `EIO=3&transport=polling&psk=${PSK}${b64 ? "&b64=1" : ""}`);
      const { sid } = JSON.parse(opened.text.slice(opened.text.indexOf("{")));
      const q = `EIO=3&transport=polling&sid=${sid}`;
      assert.equal((await fetchText(gw, q)).text, "2:40");
      const ask = "420[\"fetchSignoffs\",{\"select\":[\"logo\"]}]";
      await fetchText(gw, q, `${ask.length}:${ask}`);
      // A poll that waits would be answered with the first packet alone.
      await until(() => /: answered/.test(gw.log), "the answer");
      await sleep(50);
      const { bytes, type } = await fetchText(gw, q);
      const wanted = logos(gw).filter((logo) => logo !== null);
      const got = [];
      let at = 0;
      while (at < bytes.length) {
        if (b64) {
          const colon = bytes.indexOf(":", at);
          const n = Number(bytes.subarray(at, colon));
          got.push(bytes.subarray(colon + 1, colon + 1 + n).toString());
          at = colon + 1 + n;
        } else {
          const end = bytes.indexOf(255, at);
          const n = Number(Array.from(bytes.subarray(at + 1, end)).join(""));
          const packet = bytes.subarray(end + 1, end + 1 + n);
          assert.equal(bytes[at], got.length === 0 ? 0 : 1);
          got.push(bytes[at] === 0 ? packet.toString() : packet);
          at = end + 1 + n;
        }
      }
      assert.equal(type, b64 ? "text/plain; charset=UTF-8" :
        "application/octet-stream");
      assert.ok(got[0].startsWith(`46${wanted.length}-0[`));
      assert.deepEqual(got.slice(1), wanted.map((logo) => b64 ?
        `b4${Buffer.from(logo, "hex").toString("base64")}` :
        Buffer.concat([Buffer.from([4]), Buffer.from(logo, "hex")])));
    });
