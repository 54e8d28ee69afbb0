// Goal: the bytes are those of the official server, seen without a client
// that would smooth them over.
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import WebSocket from "ws";
import { PSK, scenario, sleep, until } from "./lib.mjs";

const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });

function request(gw, method, target, { headers = {}, body } = {}) {
  return new Promise((done, failed) => {
    const r = http.request({ host: "127.0.0.1", port: gw.port, method,
      path: target, headers, agent }, (res) => {
      let text = "";
      res.setEncoding("utf8");
      res.on("data", (d) => { text += d; });
      res.on("end", () => done({ status: res.statusCode, headers: res.headers,
        text }));
    });
    r.on("error", failed);
    r.end(body);
  });
}

const E = "/socket.io/?EIO=4&transport=";

// Raw bytes in, everything that comes back until the end or ms.
const raw = (gw, bytes, ms = 700) => new Promise((done) => {
  const s = net.connect(gw.port, "127.0.0.1");
  let text = "";
  s.setEncoding("latin1");
  s.on("data", (d) => { text += d; });
  s.on("error", () => {});
  const end = () => { s.destroy(); done(text); };
  s.on("close", end);
  s.write(bytes);
  setTimeout(end, ms);
});

async function open(gw) {
  const { text } = await request(gw, "GET", `${E}polling`);
  assert.equal(text[0], "0");
  return JSON.parse(text.slice(1));
}

async function socket(gw, query = "") {
  const ws = new WebSocket(`ws://127.0.0.1:${gw.port}${E}websocket${query}`);
  ws.got = [];
  ws.on("message", (d) => ws.got.push(d.toString()));
  ws.on("error", () => {});
  ws.closed = new Promise((done) => ws.on("close", (code) => {
    ws.code = code;
    done(code);
  }));
  await new Promise((done, failed) => {
    ws.once("open", done);
    ws.once("unexpected-response", (_, res) =>
      failed(new Error(`status ${res.statusCode}`)));
  });
  ws.next = () => until(() => ws.got.shift(), "a message");
  return ws;
}

async function joined(gw) {
  const ws = await socket(gw);
  assert.match(await ws.next(), /^0\{"sid":"[\w-]{20}","upgrades":\[\],/);
  ws.send(`40{"psk":"${PSK}"}`);
  assert.match(await ws.next(), /^40\{"sid":"[\w-]{20}"\}$/);
  return ws;
}

scenario("the HTTP entry", {}, async (gw) => {
  const rows = [
    ["GET", "/", 404, ""],
    ["GET", "/socket.io?EIO=4&transport=polling", 404, ""],
    ["GET", "/socket.io/", 400, '{"code":0,"message":"Transport unknown"}'],
    ["GET", `${E}webtransport`, 400,
      '{"code":0,"message":"Transport unknown"}'],
    ["GET", `${E}polling&sid=aaaaaaaaaaaaaaaaaaaa`, 400,
      '{"code":1,"message":"Session ID unknown"}'],
    ["POST", `${E}polling&sid=short`, 400,
      '{"code":1,"message":"Session ID unknown"}'],
    ["POST", `${E}polling`, 400,
      '{"code":2,"message":"Bad handshake method"}'],
    ["DELETE", `${E}polling`, 400,
      '{"code":2,"message":"Bad handshake method"}'],
    ["GET", `${E}websocket`, 400, '{"code":3,"message":"Bad request"}'],
    ["GET", "/socket.io/?EIO=3&transport=polling", 400,
      '{"code":5,"message":"Unsupported protocol version"}'],
    ["GET", "/socket.io/?transport=polling", 400,
      '{"code":5,"message":"Unsupported protocol version"}'],
  ];
  for (const [method, target, status, text] of rows) {
    const r = await request(gw, method, target);
    assert.equal(r.status, status, target);
    assert.equal(r.text, text, target);
    assert.equal(r.headers["access-control-allow-origin"],
      status === 404 ? undefined : "*", target);
  }
});

scenario("open, poll and post", {}, async (gw) => {
  const r = await request(gw, "GET", `${E}polling`);
  assert.equal(r.status, 200);
  assert.equal(r.headers["content-type"], "text/plain; charset=UTF-8");
  assert.equal(r.headers["cache-control"], "no-store");
  const o = JSON.parse(r.text.slice(1));
  assert.match(o.sid, /^[\w-]{20}$/);
  assert.deepEqual({ ...o, sid: "" }, { sid: "", upgrades: ["websocket"],
    pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 });
  const there = `${E}polling&sid=${o.sid}`;
  const poll = request(gw, "GET", there);
  const post = await request(gw, "POST", there,
    { body: `40{"psk":"${PSK}"}` });
  assert.equal(post.text, "ok");
  assert.equal(post.headers["content-type"], "text/html");
  assert.match((await poll).text, /^40\{"sid":"[\w-]{20}"\}$/);
  const two = request(gw, "GET", there);
  await request(gw, "POST", there, { body:
    '420["fetchMembers",{"select":["memberRecId"]}]\x1e421["nobody"]' });
  let text = (await two).text;
  while (!/430/.test(text) || !/431/.test(text))
    text += "\x1e" + (await request(gw, "GET", there)).text;
  for (const packet of text.split("\x1e"))
    assert.match(packet, /^43[01]\[\{"success":(true|false),.*\}\]$/);
});

scenario("what ends a polling session, and what does not", {}, async (gw) => {
  const good = await open(gw);
  const there = `${E}polling&sid=${good.sid}`;
  for (const method of ["PUT", "DELETE"])
    assert.equal((await request(gw, method, there)).status, 500);
  assert.deepEqual((await request(gw, "GET", `${E}websocket&sid=${good.sid}`))
    .text, '{"code":3,"message":"Bad request"}');
  const big = await request(gw, "POST", there,
    { body: "4" + "x".repeat(1000000) });
  assert.equal(big.status, 413);
  assert.equal((await request(gw, "POST", there, { body: "3" })).text, "ok");

  const twice = request(gw, "GET", there);
  await sleep(100);
  const second = await request(gw, "GET", there);
  assert.ok([400, 500].includes(second.status));
  assert.equal((await twice).text, "1");
  assert.match((await request(gw, "GET", there)).text, /"code":1/);

  for (const [body, answer] of [["x", "1"], ["", "1"], ["1", "6"],
    ["2", "1"], ["4", "1"], ["42[\"early\"]", "1"]]) {
    const { sid } = await open(gw);
    const poll = request(gw, "GET", `${E}polling&sid=${sid}`);
    await sleep(50);
    await request(gw, "POST", `${E}polling&sid=${sid}`, { body });
    assert.equal((await poll).text, answer, JSON.stringify(body));
    assert.match((await request(gw, "GET", `${E}polling&sid=${sid}`)).text,
      /"code":1/, JSON.stringify(body));
  }
});

scenario("CORS and preflight", {}, async (gw) => {
  const r = await request(gw, "OPTIONS", `${E}polling`, { headers: {
    origin: "http://page.example", "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,x-psk" } });
  assert.equal(r.status, 204);
  assert.equal(r.headers["access-control-allow-origin"], "*");
  assert.equal(r.headers["access-control-allow-methods"],
    "GET,HEAD,PUT,PATCH,POST,DELETE");
  assert.equal(r.headers["access-control-allow-headers"],
    "content-type,x-psk");
  assert.equal(r.headers.vary, "Access-Control-Request-Headers");
});

scenario("a list of origins is reflected",
  { socketio: 'cors_origins = { "http://a.example", "http://b.example" }' },
  async (gw) => {
    const seen = async (origin) => (await request(gw, "GET", `${E}polling`,
      { headers: { origin } })).headers;
    const good = await seen("http://b.example");
    assert.equal(good["access-control-allow-origin"], "http://b.example");
    assert.match(good.vary, /Origin/);
    const bad = await seen("http://c.example");
    assert.equal(bad["access-control-allow-origin"], undefined);
  });

scenario("bytes that are no HTTP", {}, async (gw) => {
  for (const bytes of ["garbage\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
    "POST /socket.io/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "POST /socket.io/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n" +
      "Transfer-Encoding: chunked\r\n\r\n"])
    assert.match(await raw(gw, bytes), /^HTTP\/1\.1 400 /, bytes);
  assert.match(await raw(gw, "GET /" + "x".repeat(17000) +
    " HTTP/1.1\r\nHost: x\r\n\r\n"), /^HTTP\/1\.1 431 /);
  const two = await raw(gw, ("GET / HTTP/1.1\r\nHost: x\r\n\r\n").repeat(2));
  assert.equal(two.match(/404 Not Found/g).length, 2, "pipelined");
  assert.match(await raw(gw, "GET / HTTP/1.0\r\n\r\n"),
    /^HTTP\/1\.1 404 [^]*Connection: close/i);
});

scenario("a head that comes byte by byte", {}, async (gw) => {
  const s = net.connect(gw.port, "127.0.0.1");
  let text = "";
  s.on("data", (d) => { text += d; });
  s.setNoDelay();
  for (const c of `GET ${E}polling HTTP/1.1\r\nHost: x\r\n\r\n`) {
    s.write(c);
    await sleep(1);
  }
  await until(() => /0\{"sid"/.test(text), "the open packet");
  s.destroy();
});

scenario("websocket: rules and close codes", {}, async (gw) => {
  const frame = (first, payload, mask = true) => {
    const p = Buffer.from(payload);
    return Buffer.concat([Buffer.from([first, (mask ? 0x80 : 0) | p.length]),
      mask ? Buffer.alloc(4) : Buffer.alloc(0), p]);
  };
  const rows = [
    ["unmasked", (w) => w._socket.write(frame(0x81, "3", false)), 1002],
    ["RSV bit", (w) => w._socket.write(frame(0xc1, "3")), 1002],
    ["unknown opcode", (w) => w._socket.write(frame(0x83, "3")), 1002],
    ["stray continuation", (w) => w._socket.write(frame(0x80, "3")), 1002],
    ["not UTF-8", (w) => w._socket.write(frame(0x81, [0x34, 0xff])), 1007],
    ["too long", (w) => w.send("4" + "x".repeat(1000000)), 1009],
    ["unknown type", (w) => w.send("x"), 1005],
    ["empty text", (w) => w.send(""), 1005],
    ["ping from the client", (w) => w.send("2"), 1005],
    ["close packet", (w) => w.send("1"), 1005],
    ["second CONNECT", (w) => w.send("40"), 1005],
    ["reserved event", (w) => w.send('42["disconnect"]'), 1005],
    ["broken JSON", (w) => w.send('42["x",{]'), 1005],
    ["not an array", (w) => w.send("42{}"), 1005],
    ["CONNECT_ERROR", (w) => w.send("44{}"), 1005],
    ["its own close frame", (w) => w.close(4000), 4000],
  ];
  for (const [what, act, code] of rows) {
    const ws = await joined(gw);
    act(ws);
    assert.equal(await ws.closed, code, what);
  }
  const ws = await joined(gw);
  for (const ignored of ["3", "5", "6", "3probe", "0", "42[\"unknown\"]",
    "430[]"]) ws.send(ignored);
  ws.send('427["fetchMembers",{"select":["memberRecId"]}]');
  assert.match(await ws.next(), /^437\[\{"success":true,"data":\[/);
  ws.send('4200012["nobody"]');
  assert.match(await ws.next(), /^4312\[\{"success":false,/);
  ws.send("41");
  ws.send(`40{"psk":"${PSK}"}`);
  assert.match(await ws.next(), /^40\{"sid":/);
  ws.close();
});

scenario("namespaces", { socketio: 'namespaces = { "/", "/two" }' },
  async (gw) => {
    const ws = await joined(gw);
    ws.send(`40/nope,{"psk":"${PSK}"}`);
    assert.equal(await ws.next(), '44/nope,{"message":"Invalid namespace"}');
    ws.send("40/two,{\"psk\":\"wrong\"}");
    assert.equal(await ws.next(), '44/two,{"message":"Unauthorized"}');
    ws.send(`40/two,{"psk":"${PSK}"}`);
    assert.match(await ws.next(), /^40\/two,\{"sid":/);
    ws.send('42/two,5["fetchMembers",{"select":["memberRecId"]}]');
    assert.match(await ws.next(), /^43\/two,5\[\{"success":true/);
    ws.close();
  });

scenario("upgrade by hand", {}, async (gw) => {
  const { sid } = await open(gw);
  const there = `${E}polling&sid=${sid}`;
  await request(gw, "POST", there, { body: `40{"psk":"${PSK}"}` });
  const ws = await socket(gw, `&sid=${sid}`);
  ws.send("2probe");
  assert.equal(await ws.next(), "3probe");
  let got = (await request(gw, "GET", there)).text;
  if (/^40/.test(got)) got = (await request(gw, "GET", there)).text;
  assert.equal(got, "6", "a poll in this phase is ended with a noop");
  await request(gw, "POST", there,
    { body: '420["fetchMembers",{"select":["memberRecId"]}]' });
  await sleep(200);
  ws.send("5");
  assert.match(await ws.next(), /^430\[\{"success":true/);
  assert.deepEqual((await request(gw, "GET", there)).text,
    '{"code":3,"message":"Bad request"}');
  await sleep(200);
  assert.deepEqual(ws.got, [], "nothing is doubled");
  ws.close();
});

scenario("several sessions share one connection", { workers: 2 },
  async (gw) => {
    const one = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (method, target, body) => new Promise((done, failed) => {
      const r = http.request({ host: "127.0.0.1", port: gw.port, method,
        path: target, agent: one }, (res) => {
        let text = "";
        res.on("data", (d) => { text += d; });
        res.on("end", () => done(text));
      });
      r.on("error", failed);
      r.end(body);
    });
    const sids = [];
    for (let i = 0; i < 6; i++)
      sids.push(JSON.parse((await ask("GET", `${E}polling`)).slice(1)).sid);
    for (const sid of sids)
      assert.equal(await ask("POST", `${E}polling&sid=${sid}`,
        `40{"psk":"${PSK}"}`), "ok");
    for (let round = 0; round < 3; round++)
      for (const sid of sids) {
        await ask("POST", `${E}polling&sid=${sid}`,
          `42${round}["fetchMembers",{"select":["memberRecId"]}]`);
        let text = "";
        await until(async () => {
          text += await ask("GET", `${E}polling&sid=${sid}`);
          return text.includes(`43${round}[{"success":true`);
        }, `an answer for ${sid}`);
      }
    one.destroy();
  });
