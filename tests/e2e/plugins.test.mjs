// Goal: collectors in C: events with any arguments, bytes both ways,
// acknowledgements, a word for whoever connects, namespaces of their own; as
// the public protocol suite expects of a server, byte by byte, and through the
// real client.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync }
  from "node:fs";
import { execFileSync, spawnSync } from "node:child_process";
import path from "node:path";
import { io } from "socket.io-client";
import WebSocket from "ws";
import { call, program, scenario, sleep, transports, until }
  from "./lib.mjs";

const built = path.join(path.dirname(program), "../tests/plugins");
const plugin = (gw, from, to = from) => copyFileSync(path.join(built, from),
  path.join(gw.folder, "collectors", to));
const suite = { socketio: "auth = none", keys: "", before: (gw) => {
  plugin(gw, "message.so");
  plugin(gw, "message-with-ack.so");
} };
const rude = { before: (gw) => plugin(gw, "rude.so") };

// A socket that notes all events from before it is connected.
async function connect(gw, nsp = "/", extra = {}) {
  const socket = io(gw.url + nsp, { reconnection: false, forceNew: true,
    transports: ["websocket"], auth: {}, ...extra });
  const events = [];
  socket.onAny((...all) => events.push(all));
  gw.sockets.push(socket);
  await new Promise((done, failed) => {
    socket.once("connect", done);
    socket.once("connect_error", failed);
  });
  return { socket, events, next: async () => {
    await until(() => events.length > 0, "an event");
    return events.shift();
  } };
}
const ack = (socket, event, ...args) => new Promise((done, failed) => {
  const timer = setTimeout(() => failed(new Error(`no ack: ${event}`)), 20000);
  socket.emit(event, ...args, (...answers) => {
    clearTimeout(timer);
    done(answers);
  });
});

// ---- the protocol's own suite, on the wire

async function raw(gw, query = "EIO=4&transport=websocket") {
  const ws = new WebSocket(`${gw.url.replace("http", "ws")}/socket.io/?${query}`);
  const got = [];
  const waiting = [];
  ws.binaryType = "arraybuffer";
  ws.on("message", (data, binary) => {
    const value = binary ? Buffer.from(data) : data.toString();
    if (value === "2") return;
    if (waiting.length) waiting.shift()(value);
    else got.push(value);
  });
  ws.on("error", () => {});
  ws.next = () => got.length ? Promise.resolve(got.shift()) :
    new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error("no packet")), 10000);
      waiting.push((value) => { clearTimeout(timer); done(value); });
    });
  ws.closed = new Promise((done) => ws.on("close", done));
  assert.match(await ws.next(), /^0\{/);
  return ws;
}
const joined = async (gw) => {
  const ws = await raw(gw);
  ws.send("40");
  assert.match(await ws.next(), /^40\{"sid":"[^"]+"\}$/);
  assert.equal(await ws.next(), '42["auth",{}]');
  return ws;
};

scenario("the protocol suite's packets, byte by byte", suite, async (gw) => {
  for (const [sent, sid, auth] of [
    ["40", /^40\{"sid":"[^"]+"\}$/, '42["auth",{}]'],
    ['40{"token":"123"}', /^40\{/, '42["auth",{"token":"123"}]'],
    ["40/custom,", /^40\/custom,\{"sid"/, '42/custom,["auth",{}]'],
    ['40/custom,{"token":"abc"}', /^40\/custom,/,
      '42/custom,["auth",{"token":"abc"}]'],
    ['40{"psk":"secret","a":[1],"p\\u0073k":2,"b":"psk"}', /^40\{/,
      '42["auth",{"a":[1],"b":"psk"}]'],
  ]) {
    const ws = await raw(gw);
    ws.send(sent);
    assert.match(await ws.next(), sid);
    assert.equal(await ws.next(), auth);
    ws.terminate();
  }
  let ws = await raw(gw);
  ws.send("40/random");
  assert.equal(await ws.next(), '44/random,{"message":"Invalid namespace"}');
  ws = await raw(gw);
  ws.send("4abc");
  await ws.closed;

  ws = await joined(gw);
  ws.send("40/custom");
  assert.match(await ws.next(), /^40\/custom,/);
  assert.equal(await ws.next(), '42/custom,["auth",{}]');
  ws.send("41/custom");
  ws.send('42["message","message to main namespace"]');
  assert.equal(await ws.next(),
    '42["message-back","message to main namespace"]');

  ws.send('42["message",1,"2",{"3":[true]}]');
  assert.equal(await ws.next(), '42["message-back",1,"2",{"3":[true]}]');
  const two = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
  ws.send(`452-["message",${two}]`);
  ws.send(Uint8Array.from([1, 2, 3]));
  ws.send(Uint8Array.from([4, 5, 6]));
  assert.equal(await ws.next(), `452-["message-back",${two}]`);
  assert.deepEqual(await ws.next(), Buffer.from([1, 2, 3]));
  assert.deepEqual(await ws.next(), Buffer.from([4, 5, 6]));
  ws.send('42456["message-with-ack",1,"2",{"3":[false]}]');
  assert.equal(await ws.next(), '43456[1,"2",{"3":[false]}]');
  ws.send(`452-789["message-with-ack",${two}]`);
  ws.send(Uint8Array.from([1, 2, 3]));
  ws.send(Uint8Array.from([4, 5, 6]));
  assert.equal(await ws.next(), `462-789[${two}]`);
  assert.deepEqual(await ws.next(), Buffer.from([1, 2, 3]));
  assert.deepEqual(await ws.next(), Buffer.from([4, 5, 6]));
  for (const bad of ["4abc", "42{}",
    '42abc["message-with-ack",1,"2",{"3":[false]}]']) {
    ws.send(bad);
    await ws.closed;
    ws = await joined(gw);
  }
  ws.send("41");
  ws.send('42["message",1]');
  await ws.closed;
});

// ---- the real client

for (const [name, options] of Object.entries(transports))
  scenario(`events, acks and bytes through the client: ${name}`, suite,
    async (gw) => {
      for (const nsp of ["/", "/custom"]) {
        const c = await connect(gw, nsp, { ...options, auth: { who: nsp } });
        assert.deepEqual(await c.next(), ["auth", { who: nsp }]);
        const bytes = Buffer.from([0, 1, 254, 255]);
        for (const args of [[], [null], [1, "2", { 3: [true] }],
          [bytes, Buffer.alloc(0), "x"],
          [{ deep: [{ bytes }, bytes] }, bytes, 1.5], ["é\u2028😀"],
          [Buffer.alloc(300000, 7), "y".repeat(200000)]]) {
          c.socket.emit("message", ...args);
          assert.deepEqual(await c.next(), ["message-back", ...args]);
          assert.deepEqual(await ack(c.socket, "message-with-ack", ...args),
            args);
        }
        assert.deepEqual(await ack(c.socket, "message", 1), []);
        assert.deepEqual(await c.next(), ["message-back", 1]);
        c.socket.disconnect();
      }
    });

scenario("namespaces, keys and what a plugin is told", { before: (gw) => {
  plugin(gw, "rude.so");
  plugin(gw, "message.so");
}, keys: `key "crm" { psk = 'k1' }
key "web" { psk = 'k2'  allow = { "fetchCompanies", "rude" } }`,
socketio: 'namespaces = { "/", "/other" }' }, async (gw) => {
  const crm = await connect(gw, "/custom", { auth: { psk: "k1", a: 1 } });
  assert.deepEqual(await crm.next(), ["auth", { a: 1 }]);
  const told = { event: "rude", nsp: "/custom", key: "crm", auth: { a: 1 },
    arguments: 2, attachments: 1, acks: 1, "in time": true };
  assert.deepEqual(await ack(crm.socket, "rude", "tell", Buffer.from("x")),
    [told]);
  await until(() => gw.log.includes("plugin rude: it tells"), "the line");
  assert.ok(!/^what it was told/m.test(gw.log), "a line stays a line");
  // A namespace of a plugin serves the others, too, and the conf's all.
  assert.equal((await call(crm.socket, "fetchCompanies", { take: 1 }))
    .data.length, 1);
  // A plugin is at home in its own namespaces only.
  const other = await connect(gw, "/other", { auth: { psk: "k1" } });
  assert.equal((await call(other.socket, "message", 1)).code,
    "UNKNOWN_COLLECTOR");
  assert.equal((await ack(other.socket, "rude", "tell"))[0].nsp, "/other");
  // Who may not call it is not told of, either.
  const web = await connect(gw, "/", { auth: { psk: "k2" } });
  assert.equal((await call(web.socket, "message", 1)).code, "FORBIDDEN");
  web.socket.emit("message", 1);
  assert.deepEqual((await ack(web.socket, "rude", "tell"))[0].auth, {});
  await sleep(100);
  assert.deepEqual(web.events, []);
  assert.deepEqual(other.events, []);
  await assert.rejects(connect(gw, "/custom", { auth: { psk: "no" } }),
    /Unauthorized/);
  await assert.rejects(connect(gw, "/custom",
    { auth: { psk: "k1", long: "x".repeat(70000) } }), /Payload too long/);
});

scenario("several arguments, rows, failures, the database", rude,
  async (gw) => {
    const c = await connect(gw, "/", { auth: { psk: "test-key-1" } });
    const rude = (...args) => ack(c.socket, "rude", ...args);
    const several = [Buffer.from([1, 2]), [1], { b: Buffer.from([3]) },
      Buffer.alloc(0)];
    assert.deepEqual(await rude("several"), several);
    assert.deepEqual(c.events.splice(0), [["first"], ["second", ...several]]);
    const [rows] = await rude("rows");
    assert.equal(rows.success, true);
    assert.deepEqual(rows.data, Array.from({ length: 100000 },
      (_, i) => ({ i })));
    assert.deepEqual(c.events.splice(0), [["first"]]);
    assert.deepEqual(await rude("refuse"), [{ success: false,
      error: 'It does not like "you".', code: "FORBIDDEN" }]);
    assert.equal((await rude("no such way"))[0].code, "BAD_OPTIONS");
    const [cells] = await rude("cells");
    assert.deepEqual(cells.filter((_, i) => i !== 2),
      [1, 1, 42, 0, 4, "n", 3]);
    const [{ data: [company] }] = await rude("inject");
    assert.equal(company.t, "x' OR '1'='1'; DROP TABLE Company; --");
    for (const [way, words] of [["write", /query:1:.*DELETE/i],
      ["write two", /query:1:/i], ["too few", /1 parameters, and 0 values/]]) {
      const [answer] = await rude(way);
      assert.equal(answer.success, false);
      assert.match(answer.error, words);
    }
    assert.ok((await call(c.socket, "fetchCompanies", { take: 1 })).success);
    // Its state is that of a process: one of four has counted.
    const [calls] = await rude();
    assert.ok(calls >= 1 && calls <= 12, String(calls));
  });

scenario("clients of Socket.IO 2", { ...suite,
  socketio: "auth = none\n allow_eio3 = true" }, async (gw) => {
  const { default: io2 } = await import("socket.io-client-2");
  for (const options of Object.values(transports))
    for (const nsp of ["/", "/custom"]) {
      const socket = io2(gw.url + nsp, { reconnection: false, forceNew: true,
        ...options });
      const next = (event) => new Promise((done, failed) => {
        const timer = setTimeout(() => failed(new Error(`no ${event}: ${nsp} ` +
          JSON.stringify(options))), 20000);
        socket.once(event, (...args) => {
          clearTimeout(timer);
          done(args);
        });
      });
      gw.sockets.push(socket);
      assert.deepEqual(await next("auth"), [{}]);
      const args = [1, Buffer.from([0, 255]), { b: Buffer.from("x") }];
      const back = next("message-back");
      socket.emit("message", ...args);
      assert.deepEqual((await back).map((a) => JSON.stringify(a)),
        args.map((a) => JSON.stringify(a)));
      const acked = await ack(socket, "message-with-ack", ...args);
      assert.equal(JSON.stringify(acked), JSON.stringify(args));
    }
});

scenario("a plugin that is replaced: who runs the old one keeps it", { ...suite,
  keys: "key \"test\" { psk = 'test-key-1' }", socketio: "" }, async (gw) => {
  const options = { auth: { psk: "test-key-1" } };
  const old = await connect(gw, "/", options);
  assert.deepEqual(await old.next(), ["auth", {}]);
  const file = path.join(gw.folder, "collectors/message.so");
  copyFileSync(path.join(built, "rude.so"), `${file}.new`);
  renameSync(`${file}.new`, file);
  await sleep(400);
  const young = await connect(gw, "/", options);
  assert.equal((await ack(young.socket, "message", "tell"))[0].event,
    "message");
  old.socket.emit("message", "tell");
  assert.deepEqual(await old.next(), ["message-back", "tell"]);
  assert.deepEqual(young.events, []);
  // A faulty one leaves the last good version in force.
  writeFileSync(file, readFileSync(file).subarray(0, 3000));
  await until(() => /message\.so: its last good version/.test(gw.log),
    "the refusal is told");
  const last = await connect(gw, "/", options);
  assert.equal((await ack(last.socket, "message", "tell"))[0].event,
    "message");
  old.socket.emit("message", "tell");
  assert.deepEqual(await old.next(), ["message-back", "tell"]);
  // Gone: nobody else calls it, and its namespace goes with it.
  rmSync(file);
  rmSync(path.join(gw.folder, "collectors/message-with-ack.so"));
  await sleep(400);
  const late = await connect(gw, "/", options);
  assert.equal((await call(late.socket, "message")).code,
    "UNKNOWN_COLLECTOR");
  await assert.rejects(connect(gw, "/custom", options), /Invalid namespace/);
  old.socket.emit("message", 1);
  assert.deepEqual(await old.next(), ["message-back", 1]);
});

scenario("sessions with plugins move to another worker", { ...suite,
  workers: 2 }, async (gw) => {
  const c = await connect(gw, "/", { auth: { a: 1 } });
  assert.deepEqual(await c.next(), ["auth", { a: 1 }]);
  const workers = gw.processes("worker").map(({ pid }) => pid);
  workers.forEach((pid) => process.kill(pid, "SIGTERM"));
  await until(() => !gw.processes("worker").some(({ pid }) =>
    workers.includes(pid)), "both are replaced");
  assert.deepEqual(await ack(c.socket, "message-with-ack", Buffer.from("x")),
    [Buffer.from("x")]);
  assert.ok(c.socket.connected);
});

scenario("files that are no plugins are refused by name", { before: (gw) => {
  const bytes = readFileSync(path.join(built, "rude.so"));
  const put = (name, data) => writeFileSync(path.join(gw.folder, "collectors",
    name), data);
  const at = bytes.indexOf("Goes wrong on command.") - 16;
  const foreign = Buffer.from(bytes);
  foreign.writeUInt32LE(2, at);
  put("foreign.so", foreign);
  put("cut.so", bytes.subarray(0, 100));
  put("text.so", "I am a text.\n");
  put("empty.so", "");
  put("9lives.so", bytes);
}, connections: 1, workers: 1 }, async (gw) => {
  const words = { foreign: /foreign\.so:1: .*version 2 .*expected version 1/,
    cut: /cut\.so:1: .*expected/, text: /text\.so:1: no ELF file/,
    empty: /empty\.so:1: no ELF file/, "9lives": /9lives\.so:1: .*called/ };
  const { stderr, status } = spawnSync(program, ["check", "-c", gw.conf],
    { encoding: "utf8" });
  assert.equal(status, 78);
  const socket = await gw.socket();
  for (const [name, sentence] of Object.entries(words)) {
    assert.match(gw.log, sentence);
    assert.match(stderr, sentence);
    assert.equal((await call(socket, name)).code, "UNKNOWN_COLLECTOR");
  }
  assert.ok((await call(socket, "fetchCompanies", { take: 1 })).success);
});

scenario("the tools know of plugins", rude, async (gw) => {
  const run = (...args) => execFileSync(program, args, { encoding: "utf8",
    env: { ...process.env, PSK: "test-key-1" } });
  assert.match(run("check", "-c", gw.conf), /rude/);
  const types = run("types", "-c", gw.conf);
  assert.match(types, /Goes wrong on command\./);
  assert.match(types, /"rude": \(\.\.\.args: any\[\]\) => void/);
  const out = spawnSync(program, ["export", "-c", gw.conf, "rude"],
    { encoding: "utf8" });
  assert.match(out.stderr, /collector in C/);
  assert.equal(out.stdout, "");
});
