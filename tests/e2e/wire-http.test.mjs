// Goal: HTTP entry and CORS, row by row of the protocol (H, C).
import assert from "node:assert/strict";
import { scenario, sleep } from "./lib.mjs";
import { E, K, P, Raw, W, ask, get, head, joined, open, post, upgrade }
  from "./raw.mjs";

const OPEN = '200 0{"sid":"';
const UNKNOWN = '400 {"code":0,"message":"Transport unknown"}';
const NO_SID = '400 {"code":1,"message":"Session ID unknown"}';
const METHOD = '400 {"code":2,"message":"Bad handshake method"}';
const BAD = '400 {"code":3,"message":"Bad request"}';
const VERSION = '400 {"code":5,"message":"Unsupported protocol version"}';
const Q = "/socket.io/?";

async function check(gw, rows) {
  for (const [id, bytes, wanted] of rows) {
    const c = new Raw(gw);
    c.send(bytes);
    // what stays open stays so for a while behind its answer
    if (wanted !== "OPEN") await c.line(/^/, 1500).catch(() => {});
    await c.all(wanted.endsWith("OPEN") ? 60 : 1500);
    const got = await c.all(0);
    assert.ok(got.startsWith(wanted.split("\n")[0]) &&
      got.endsWith(wanted.split("\n").at(-1)), `${id}: ${got} not ${wanted}`);
    c.close();
  }
}

scenario("H1 to H14: who is answered what", {}, async (gw) => {
  const sid = await open(gw), there = `${P}&sid=${sid}`;
  await check(gw, [
    ["H1", get("/socket.io/abc?EIO=4&transport=polling"), `${OPEN}\nOPEN`],
    ["H1", get(`/${P}`), "404 \nOPEN"],
    ["H1", get(`http://h${P}`), "404 \nOPEN"],
    ["H1", get(P.replace(".", "%2e")), "404 \nOPEN"],
    ["H2", get("/socket.io?EIO=4&transport=polling"), "404 \nOPEN"],
    ["H4", get(`${Q}EIO=%34&transport=p%6flling&foo=1&b64=1&t=x&sid=`),
      `${OPEN}\nOPEN`],
    ["H4", get(`${Q}EIO=3&EIO=4&transport=websocket&transport=polling`),
      `${OPEN}\nOPEN`],
    ["H4", get(`${P}#fragment`), `${OPEN}\nOPEN`],
    ["H5", get(`${Q}EIO=3&transport=x&sid=y`), `${UNKNOWN}\nOPEN`],
    ["H5", get(`${Q}EIO=3&transport=polling&sid=y`), `${NO_SID}\nOPEN`],
    ["H5", head("POST", `${Q}EIO=3&transport=websocket`), `${METHOD}\nOPEN`],
    ["H5", get(`${Q}EIO=3&transport=websocket`), `${BAD}\nOPEN`],
    ...["", "&transport=webtransport", "&transport=__proto__",
      "&transport=Polling"].map((t) =>
      ["H6", get(`${Q}EIO=4${t}`), `${UNKNOWN}\nOPEN`]),
    ["H7", get(`${P}&sid=aaaaaaaaaaaaaaaaaaaa`), `${NO_SID}\nOPEN`],
    ["H7", post(`${P}&sid=nope`, "3"), `${NO_SID}\nOPEN`],
    ...["POST", "PUT", "DELETE", "PATCH", "TRACE"].map((m) =>
      ["H8", head(m, P), `${METHOD}\nOPEN`]),
    ["H9", get(W), `${BAD}\nOPEN`],
    ["H9", get(`${W}&sid=${sid}`), `${BAD}\nOPEN`],
    ["H9", get(there.replace("EIO=4", "EIO=3")), `${BAD}\nOPEN`],
    ["H11", get(`${Q}transport=polling`), `${VERSION}\nOPEN`],
    ["H11", get(P.replace("EIO=4", "EIO=5")), `${VERSION}\nOPEN`],
    ["H12", get(P, "Origin: a\x01b"), "400 \nEND"],
    ["H13", head("PUT", there), "500 \nOPEN"],
    ["H13", head("DELETE", there), "500 \nOPEN"],
    ["H9 and H13: it goes on", post(there, "3"), "200 ok\nOPEN"],
  ]);
  const c = new Raw(gw);
  c.send(head("HEAD", P));
  await sleep(60);
  assert.match(String(c.got), /^HTTP\/1.1 400 [^]*\r\n\r\n$/, "H8 HEAD");
  const other = new Raw(gw);
  other.send(upgrade("/other/"));
  assert.equal(await other.all(2000), "END", "H3");
  assert.ok(other.lived > 800 && other.lived < 1600, "H3: after a second");
});

scenario("H15 and H19: keep-alive", {}, async (gw) => {
  const kept = new Raw(gw), closed = new Raw(gw);
  kept.send(get(P));
  closed.send(get(P, "Connection: close"));
  assert.match(await closed.all(500), /^200 0[^]*END$/, "H19");
  assert.match(closed.heads[0], /\r\nConnection: close/, "H19");
  await kept.all(8000);
  assert.match(kept.heads[0],
    /\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5$/, "H15");
  assert.ok(kept.lived > 4800 && kept.lived < 6800, `H15: ${kept.lived}`);
});

scenario("H16 and H17: many sessions on one connection", { workers: 2 },
  async (gw) => {
    const a = await joined(gw), b = await joined(gw);
    const c = new Raw(gw);
    c.send(post(a, "3") + post(b, "3") + get(P) + post(`${P}&sid=x`, "3") +
      get("/x") + post(b, "3") + post(a, "3"));
    await until7(c);
    assert.deepEqual(c.lines().map((l) => l.slice(0, 6)), ["200 ok", "200 ok",
      "200 0{", "400 {\"", "404 ", "200 ok", "200 ok"], "H16");
    const d = new Raw(gw);
    d.send(get(a) + post(a, E(1)));
    const got = await d.line(/^200 ok/);
    assert.match(got[0], /^200 431\[\{"success":true/, "H17");
    const e = new Raw(gw);
    await e.slowly(post(a, E(2)) + get(a) + post(b, "3"));
    assert.match((await e.line(/^200 432/))[0], /^200 ok/, "split bytes");
    async function until7(x) {
      for (let i = 0; i < 200 && x.lines().length < 7; i++) await sleep(10);
    }
  });

scenario("H18, H20 to H23, H26: heads", {}, async (gw) => {
  const one = (line, ...more) =>
    [line, "Host: x", ...more, "", ""].join("\r\n");
  const cl = (v) => one("POST / HTTP/1.1", `Content-Length: ${v}`);
  const pad = (n) => "a".repeat(n);
  await check(gw, [
    ["H18", head("GET", P, [], "1.0"), `${OPEN}\nEND`],
    ["H18", head("GET", P, ["Connection: keep-alive"], "1.0"),
      `${OPEN}\nOPEN`],
    ["H20", get(P, `X: ${pad(14900)}`), `${OPEN}\nOPEN`],
    ["H20", get(`${P}&x=${pad(14900)}`), `${OPEN}\nOPEN`],
    ["H20", get(P, `X: ${pad(17000)}`), "431 \nEND"],
    ["H20", get(`${P}&x=${pad(17000)}`), "431 \nEND"],
    ["H20", get(P, ...Array(200).fill("X: y")), `${OPEN}\nOPEN`],
    ["H21", one("GOT / HTTP/1.1"), "400 \nEND"],
    ["H21", one("GET / HTTP/1.1", "A: b", " c"), "400 \nEND"],
    ["H21", one("GET / HTTP/1.1", "A : b"), "400 \nEND"],
    ["H21", one("GET / HTTP/1.1", "A: b\0"), "400 \nEND"],
    ["H21", one("GET x HTTP/1.1"), "400 \nEND"],
    ["H21", "GET / HTTP/1.1\nHost: x\n\n", "400 \nEND"],
    ["H21", "\x16\x03\x01\x02\x00", "400 \nEND"],
    ["H22", one("POST / HTTP/1.1", "Content-Length: 1",
      "Transfer-Encoding: chunked"), "400 \nEND"],
    ["H22", one("POST / HTTP/1.1", "Content-Length: 1",
      "Content-Length: 1"), "400 \nEND"],
    ["H22", cl("-1"), "400 \nEND"],
    ["H22", cl("0x1"), "400 \nEND"],
    ["H23", "GET / HTTP/1.1\r\n\r\n", "400 \nEND"],
    ["H26", `\r\n\r\n${get(P)}`, `${OPEN}\nOPEN`],
  ]);
});

scenario("H24, H25, H27: bodies and old browsers", {}, async (gw) => {
  const there = await joined(gw);
  const c = new Raw(gw);
  c.send(head("POST", there, ["Expect: 100-continue", "Content-Length: 1"]));
  await c.line(/^100/);
  c.send("3");
  assert.deepEqual(await c.line(/^200/), ["100 ", "200 ok"], "H24");
  const chunked = head("POST", there, ["Transfer-Encoding: chunked"]);
  assert.equal(await ask(gw, `${chunked}1;a=b;c="d"\r\n3\r\n` +
    "0;z\r\nX-T: 1\r\nY: 2\r\n\r\n"), "200 ok", "H25");
  assert.match(await ask(gw, get(P, "User-Agent: x;MSIE 8")), /^200/);
  assert.match(ask.head, /\r\nX-XSS-Protection: 0/, "H27");
  assert.equal(await ask(gw, head("POST", there)), "200 ok", "H25");
  assert.equal(await ask(gw, get(there)), NO_SID, "H25: an empty body");
});

scenario("C1, C2, C5: any origin", {}, async (gw) => {
  const star = /\r\nAccess-Control-Allow-Origin: \*/;
  for (const [bytes, there] of [[get(P), true], [get(P, "Origin: http://a"),
    true], [get(`${P}&sid=x`), true], [upgrade(W), true],
    [get("/other"), false]]) {
    await ask(gw, bytes);
    assert.equal(star.test(ask.head), there, `C1, C5: ${bytes}`);
    assert.doesNotMatch(ask.head, /Vary|Credentials/i);
  }
  for (const target of [P, "/socket.io/", `${P}&sid=x`]) {
    assert.equal(await ask(gw, head("OPTIONS", target,
      ["Access-Control-Request-Headers: x-psk,  b"])), "204 ", "C2");
    for (const line of ["Access-Control-Allow-Origin: *",
      "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE",
      "Vary: Access-Control-Request-Headers", "Content-Length: 0",
      "Access-Control-Allow-Headers: x-psk,  b"])
      assert.ok(ask.head.includes(`\r\n${line}`), `C2: ${line}`);
  }
});

scenario("C4: no CORS", { socketio: "cors_origins = {}" }, async (gw) => {
  const there = await joined(gw);
  for (const [bytes, wanted] of [[get(P, "Origin: http://a"), OPEN],
    [head("OPTIONS", P), METHOD], [head("OPTIONS", "/socket.io/"), UNKNOWN],
    [head("OPTIONS", `${P}&sid=x`), NO_SID], [head("OPTIONS", there), "500 "],
    [post(there, "3"), "200 ok"], [post(there, K), "200 ok"]]) {
    assert.ok((await ask(gw, bytes)).startsWith(wanted), `C4: ${bytes}`);
    assert.doesNotMatch(ask.head, /Access-Control|Vary/i, "C4");
  }
});
