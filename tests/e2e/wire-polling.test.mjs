// Goal: polling and the upgrade, row by row of the protocol (P, U).
import assert from "node:assert/strict";
import { scenario, sleep, until } from "./lib.mjs";
import { E, P, Raw, ask, frame, get, head, joined, post, text, websocket }
  from "./raw.mjs";

const GONE = '400 {"code":1,"message":"Session ID unknown"}';
const TYPE = "Content-Type: application/octet-stream";
const ws = (there) => there.replace("polling", "websocket");

scenario("P1 to P6, P19, P21: open, poll, post", {}, async (gw) => {
  const answer = await ask(gw, get(P));
  assert.equal(answer.replace(/"[\w-]{20}"/, "20"), '200 0{"sid":20,' +
    '"upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,' +
    '"maxPayload":1000000}', "P1, P2");
  for (const line of ["Content-Type: text/plain; charset=UTF-8",
    `Content-Length: ${answer.length - 4}`, "cache-control: no-store"])
    assert.ok(ask.head.includes(`\r\n${line}`), `P1: ${line}`);
  const there = await joined(gw, P);
  assert.equal(await ask(gw, get(`${there}&b64=1`), 150), "BLOCKED",
    "P4, P19");
  const again = await joined(gw);
  assert.equal(await ask(gw, post(again, `${E(1)}\x1e${E(2)}`)), "200 ok");
  for (const line of ["Content-Type: text/html", "Content-Length: 2",
    "cache-control: no-store"])
    assert.ok(ask.head.includes(`\r\n${line}`), `P5: ${line}`);
  await sleep(500);
  assert.match(await ask(gw, get(again)),
    /^200 43[12]\[\{.*\}\]\x1e43[12]\[\{.*\}\]$/, "P3");
  await ask(gw, post(again, "40/é😀,"));
  assert.equal(await ask(gw, get(again)),
    '200 44/é😀,{"message":"Invalid namespace"}', "P21");
  await ask(gw, post(again, '451-1["nobody",{"_placeholder":true,"num":0}]' +
    "\x1eb"));
  assert.match(await ask(gw, get(again)), /^200 431\[\{"success":false/, "P6");
});

scenario("P7: too much", {}, async (gw) => {
  const there = await joined(gw), full = "6".padEnd(1000000, "x");
  assert.equal(await ask(gw, post(there, full)), "200 ok", "exactly");
  for (const bytes of [post(there, `${full}x`), post(there, full.repeat(5)),
    `${head("POST", there, ["Transfer-Encoding: chunked"])}f4241\r\n${full}x`,
    head("POST", there, ["Content-Length: 1000001"])]) {
    const c = new Raw(gw);
    c.send(bytes);
    assert.equal(await c.all(3000), "413 \nEND", "P7: no reset");
    c.close();
  }
  assert.equal(await ask(gw, post(there, "3")), "200 ok", "P7: it goes on");
});

// What a POST does to the poll that waits, and to the session.
scenario("P10 to P14: packets", {}, async (gw) => {
  const rows = [
    ["P10", "3", "400 ", "200 1", GONE, TYPE],
    ...["x", "7", "", "3\x1e", "\x1e3", "3\x1e\x1e3"].map((body) =>
      ["P11", body, "200 ok", "200 1", GONE]),
    ["P12", "1", "200 ok", "200 6", GONE],
    ...["0", "3", "5", "6", "6x"].map((body) =>
      ["P13", body, "200 ok", "BLOCKED"]),
    ["P14", "2", "200 ok", "200 1", GONE],
    ["P14", "2probe", "200 ok", "200 1", GONE],
    ["S8", "421{}", "200 ok", "200 1", GONE],
  ];
  for (const [id, body, answer, poll, after, ...headers] of rows) {
    const there = await joined(gw), c = new Raw(gw);
    c.send(get(there));
    await sleep(30);
    const what = `${id} ${JSON.stringify(body)}`;
    assert.equal(await ask(gw, post(there, body, ...headers)), answer, what);
    await sleep(30);
    assert.equal(c.lines()[0] ?? "BLOCKED", poll, what);
    if (after) assert.equal(await ask(gw, get(there)), after, what);
    c.close();
  }
});

scenario("P8, P9, P15, P16: ends", {}, async (gw) => {
  let there = await joined(gw), one = new Raw(gw);
  one.send(get(there));
  await sleep(50);
  assert.equal(await ask(gw, get(there)), "400 ", "P8");
  await one.line(/^200 1$/);
  assert.equal(await ask(gw, get(there)), GONE, "P8");

  there = await joined(gw);
  one = new Raw(gw);
  one.send(head("POST", there, ["Content-Length: 9"]) + "3");
  await sleep(50);
  assert.equal(await ask(gw, post(there, "3")), "400 ", "P9");
  assert.equal(await one.all(500), "END", "P9");
  assert.equal(await ask(gw, get(there)), GONE, "P9");

  for (const begin of [get, (t) => head("POST", t, ["Content-Length: 9"])]) {
    there = await joined(gw);
    one = new Raw(gw);
    one.send(begin(there));
    await sleep(50);
    one.close();
    await sleep(50);
    assert.equal(await ask(gw, get(there)), GONE, "P15");
  }

  there = await joined(gw);
  await ask(gw, post(there, "42[]"));
  assert.equal(await ask(gw, post(there, "3")), "200 ok", "P16");
  assert.equal(await ask(gw, get(there)), "200 6\x1e1", "P16");
  assert.equal(await ask(gw, get(there)), GONE, "P16");
});

scenario("U1 to U4, U7, U8, U12: the upgrade", {}, async (gw) => {
  const there = await joined(gw), waiting = new Raw(gw);
  waiting.send(get(there));
  const w = await websocket(gw, ws(there));
  w.send(text("2probe"));
  await w.line(/^text 3probe$/);
  await waiting.line(/^200 6$/);
  for (let i = 0; i < 3; i++)
    assert.equal(await ask(gw, get(there)), "200 6", "U2");
  assert.equal(await ask(gw, post(there, E(1))), "200 ok", "U3");
  await sleep(300);
  assert.match(await ask(gw, get(there)), /^200 431\[/, "U3");
  await ask(gw, post(there, `${E(2)}\x1e${E(3)}`));
  await sleep(300);
  const late = await websocket(gw, ws(there));
  assert.match(await late.all(100), /^101 \nclose - \n/, "U8");
  w.send(text("5"), text(E(4)));
  const got = await w.line(/^text 434/);
  assert.deepEqual(got.slice(2).map((l) => l.slice(0, 8)).sort(),
    ["text 432", "text 433", "text 434"], "U4: once, in order");
  for (const bytes of [get(there), post(there, "3")])
    assert.equal(await ask(gw, bytes),
      '400 {"code":3,"message":"Bad request"}', "U7");
  const another = await websocket(gw, ws(there));
  assert.match(await another.all(100), /^101 \nclose - \n/, "U8");
  w.send(text(E(5)));
  await w.line(/^text 435/);
  w.send(frame(0x88));
  await w.all(500);
  assert.equal(await ask(gw, get(there)), GONE, "U12");
});

scenario("U5, U6: without a probe, and with a poll", {}, async (gw) => {
  for (const first of ["", "2probe"]) {
    const there = await joined(gw), waiting = new Raw(gw);
    waiting.send(get(there));
    await sleep(50);
    const w = await websocket(gw, ws(there));
    if (first) w.send(text(first));
    w.send(text("5"), text(E(1)));
    await w.line(/^text 431/);
    await waiting.line(/^200 6$/);
  }
});

scenario("U9, U10: an upgrade that fails", {}, async (gw) => {
  const wrong = [text("2"), text("2x"), text("3"), text("6"), text("1"),
    text(""), text("z"), text("bAAAA"), text(E(9)), frame(0x82, "x"),
    frame(0x88), frame(0xc1, "x"), null];
  for (const probed of [false, true])
    for (const bytes of wrong) {
      const there = await joined(gw), w = await websocket(gw, ws(there));
      if (probed) {
        w.send(text("2probe"));
        await w.line(/3probe/);
      }
      if (bytes) {
        w.send(bytes);
        await w.line(/^close /);
      } else {
        w.close();
        await sleep(50);
      }
      assert.equal(await ask(gw, post(there, E(1))), "200 ok", "U9, U10");
      assert.match(await ask(gw, get(there)), /^200 431\[/, "U9, U10");
      const later = await websocket(gw, ws(there));
      later.send(text("2probe"), text("5"), text(E(2)));
      await later.line(/^text 432/);
      later.close();
      w.close();
    }
});

scenario("U11: an upgrade in time", { socketio: "upgrade_timeout = 400ms" },
  async (gw) => {
    const there = await joined(gw);
    const w = await websocket(gw, ws(there));
    assert.deepEqual(await w.line(/^close/), ["101 ", "close - "], "U11");
    assert.equal(await ask(gw, post(there, "3")), "200 ok", "U11: goes on");
  });

scenario("U13, B: short timers", { socketio: "ping_interval = 1s " +
  "ping_timeout = 500ms" }, async (gw) => {
  let there = await joined(gw);
  assert.equal(await ask(gw, get(there)), "200 2", "B1");
  const w = await websocket(gw, ws(there));
  w.send(text("2probe"), text("5"));
  await sleep(200);
  const began = Date.now();
  w.send(text("3"));
  await w.line(/^close/);
  assert.ok(Date.now() - began >= 1500, "U13");

  there = await joined(gw);
  assert.equal(await ask(gw, get(there)), "200 2", "B1");
  assert.equal(await ask(gw, get(there)), "200 1", "B2");
  assert.equal(await ask(gw, get(there)), GONE, "B2");

  there = await joined(gw);
  const sid = there.match(/sid=(.{6})/)[1];
  await until(() => gw.log.includes(`session ${sid}: closed: no pong came`),
    "the end of the session");
  assert.equal(await ask(gw, get(there)), GONE, "B2: nobody polls");
});

scenario("U: while a large answer is under way", {}, async (gw) => {
  const there = await joined(gw);
  await ask(gw, post(there, '421["fetchMembers"]'));
  const w = await websocket(gw, ws(there));
  w.send(text("2probe"));
  await w.line(/3probe/);
  await ask(gw, post(there, `422["fetchMembers"]\x1e${E(3)}`));
  const poll = await ask(gw, get(there));
  w.send(text("5"), text(E(4)));
  await w.line(/^text 434/);
  await sleep(1000);
  const all = [...poll.slice(4).split("\x1e").map((p) => `text ${p}`),
    ...w.lines()].filter((l) => /^text 43/.test(l)).map((l) => l.slice(0, 8));
  assert.deepEqual(all.sort(), ["text 431", "text 432", "text 433",
    "text 434"], "once each");
});
