// Goal: a new configuration comes into force while clients are connected and
// calling, and what is wrong with one changes nothing.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync,
  unlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { call, dalpurictl, freePort, PSK, reload, scenario, sleep, until }
  from "./lib.mjs";

const two = `key "test" { psk = '${PSK}' }\nkey "other" { psk = 'other-1' }`;
const other = { auth: { psk: "other-1" } };
const ended = (socket) => new Promise((done) =>
  socket.once("disconnect", (why) => done(why)));

for (const transports of [["websocket"], ["polling"]])
  scenario(`a removed key ends its sessions: ${transports}`, { keys: two },
    async (gw) => {
      const pid = gw.child.pid;
      const mine = await gw.socket({ transports });
      const its = await gw.socket({ ...other, transports });
      const gone = ended(its);
      await reload(gw, { keys: `key "test" { psk = '${PSK}' }` });
      assert.equal(await gone, "io server disconnect");
      await until(() => /its key is no longer valid/.test(gw.log), "why");
      assert.equal((await call(mine, "fetchMembers", { take: 1 })).success,
        true);
      await assert.rejects(gw.socket({ ...other, transports }),
        /Unauthorized/);
      assert.equal(gw.child.pid, pid);
    });

scenario("a key with other bytes is another key", { keys: two },
  async (gw) => {
    const its = await gw.socket(other);
    const gone = ended(its);
    await reload(gw, { keys: two.replace("other-1", "other-2") });
    assert.equal(await gone, "io server disconnect");
    await assert.rejects(gw.socket(other), /Unauthorized/);
    await gw.socket({ auth: { psk: "other-2" } });
  });

scenario("only the namespaces that a key let in are left",
  { keys: two, socketio: 'namespaces = { "/", "/two" }' }, async (gw) => {
    const mine = await gw.socket();
    const its = mine.io.socket("/two", other);
    await new Promise((done) => its.once("connect", done));
    const gone = ended(its);
    await reload(gw, { keys: `key "test" { psk = '${PSK}' }` });
    assert.equal(await gone, "io server disconnect");
    assert.equal((await call(mine, "fetchMembers", { take: 1 })).success,
      true);
  });

scenario("a key that is asked for ends who came without one",
  { socketio: "auth = none" }, async (gw) => {
    const socket = await gw.socket({ auth: {} });
    const gone = ended(socket);
    await reload(gw, { socketio: "auth = psk" });
    assert.equal(await gone, "io server disconnect");
    await assert.rejects(gw.socket({ auth: {} }), /Unauthorized/);
    const keyed = await gw.socket();
    await reload(gw, { socketio: "auth = none" });
    assert.equal((await call(keyed, "fetchMembers", { take: 1 })).success,
      true);
    await gw.socket({ auth: {} });
  });

scenario("what a key may do changes for its running sessions", {},
  async (gw) => {
    const socket = await gw.socket();
    const keys = `key "test" { psk = '${PSK}'  allow = { "fetchCompanies" } }`;
    await reload(gw, { keys });
    const answer = await until(async () => {
      const a = await call(socket, "fetchMembers", { take: 1 });
      return a.success ? null : a;
    }, "it is refused");
    assert.match(JSON.stringify(answer), /may not call/);
    assert.equal((await call(socket, "fetchCompanies", { take: 1 })).success,
      true);
    await reload(gw, {});
    await until(async () =>
      (await call(socket, "fetchMembers", { take: 1 })).success,
    "it is allowed again");
  });

scenario("a handshake that is under way when its key goes is refused",
  { keys: two }, async (gw) => {
    const open = (await (await fetch(
      `${gw.url}/socket.io/?EIO=4&transport=polling`,
      { headers: { "x-psk": "other-1" } })).text()).slice(1);
    const url = `${gw.url}/socket.io/?EIO=4&transport=polling&sid=` +
      JSON.parse(open).sid;
    await reload(gw, { keys: `key "test" { psk = '${PSK}' }` });
    assert.equal(await (await fetch(url, { method: "POST", body: "40" }))
      .text(), "ok");
    assert.match(await (await fetch(url)).text(), /^44.*Unauthorized/);
  });

scenario("who does not listen at that moment hears of it later",
  { keys: two }, async (gw) => {
    const at = `${gw.url}/socket.io/?EIO=4&transport=polling`;
    const open = await (await fetch(at,
      { headers: { "x-psk": "other-1" } })).text();
    const url = `${at}&sid=${JSON.parse(open.slice(1)).sid}`;
    await fetch(url, { method: "POST", body: "40" });
    assert.match(await (await fetch(url)).text(), /^40/);
    await reload(gw, { keys: `key "test" { psk = '${PSK}' }` });
    await until(() => /master: REVOKED/.test(gw.log), "the worker knows");
    await sleep(100);
    assert.equal(await (await fetch(url)).text(), "41");
    assert.equal(await (await fetch(url)).text(), "1");
    await until(() => /its key is no longer valid/.test(gw.log), "why");
  });

// ---- the folder of the collectors

const member = "model = Member\n";
const at = (gw, name) => path.join(gw.folder, "collectors", name);
// What a connection that is opened 300 ms later gets.
async function later(gw, event) {
  await sleep(300);
  const socket = await gw.socket();
  const answer = await call(socket, event, { take: 1 });
  socket.disconnect();
  return answer;
}

scenario("a collector is dropped, replaced, changed and taken out", {},
  async (gw) => {
    const file = at(gw, "dropped.collector");
    const old = await gw.socket();
    writeFileSync(file, member);
    assert.equal((await later(gw, "dropped")).success, true);
    assert.match((await call(old, "dropped")).error, /no collector/,
      "a session keeps what it was opened with");

    writeFileSync(at(gw, "new"), "model = Company\n");
    renameSync(at(gw, "new"), file);
    const company = await later(gw, "dropped");
    assert.ok(!("memberId" in company.data[0]), JSON.stringify(company));

    writeFileSync(file, member);
    assert.equal((await later(gw, "dropped")).success, true);
    unlinkSync(file);
    assert.match((await later(gw, "dropped")).error, /no collector/);

    writeFileSync(at(gw, "plain.sql"), "select 1 as one");
    const sql = await later(gw, "plain");
    assert.ok(sql.success || /sql/i.test(JSON.stringify(sql)),
      JSON.stringify(sql));
    symlinkSync("fetchMembers.collector", at(gw, "linked.collector"));
    assert.equal((await later(gw, "linked")).success, true);
  });

scenario("a faulty file leaves its last good version in force", {},
  async (gw) => {
    const file = at(gw, "dropped.collector");
    writeFileSync(file, member);
    assert.equal((await later(gw, "dropped")).success, true);
    writeFileSync(file, "model = Nobody\n");
    assert.equal((await later(gw, "dropped")).success, true);
    assert.match(gw.log, /dropped\.collector:1: /);
  });

scenario("what editors write beside the files makes no load", {},
  async (gw) => {
    await sleep(400);	// the folder is as new as the gateway
    const before = gw.log.length;
    const loads = () =>
      gw.log.slice(before).split("reading the configuration").length - 1;
    for (const name of ["4913", ".x.collector.swp", "x.collector~", "#x#",
      ".hidden.collector", "x.tmp"]) {
      writeFileSync(at(gw, name), "?");
      unlinkSync(at(gw, name));
    }
    await sleep(400);
    assert.equal(loads(), 0);
    for (let i = 0; i < 100; i++)
      writeFileSync(at(gw, `many${i}.collector`), member);
    assert.equal((await later(gw, "many99")).success, true);
    assert.ok(loads() <= 3, `${loads()} loads for one burst`);
  });

scenario("a folder that is replaced is watched again", {}, async (gw) => {
  const folder = path.join(gw.folder, "collectors");
  renameSync(folder, `${folder}.old`);
  mkdirSync(folder);
  writeFileSync(at(gw, "dropped.collector"), member);
  assert.equal((await later(gw, "dropped")).success, true);
  assert.match((await later(gw, "fetchMembers")).error, /no collector/);
  writeFileSync(at(gw, "again.collector"), member);
  assert.equal((await later(gw, "again")).success, true);
  rmSync(folder, { recursive: true });
  assert.equal((await later(gw, "again")).success, true,
    "without a folder nothing changes");
});

// ---- addresses

const greets = (port, host = "127.0.0.1") => new Promise((done) => {
  const s = net.connect(port, host);
  s.on("connect", () => { s.destroy(); done(true); });
  s.on("error", () => done(false));
});

scenario("it listens elsewhere, and connections stay", {}, async (gw) => {
  const was = gw.port;
  const sockets = [await gw.socket(),
    await gw.socket({ transports: ["polling"] })];
  const head = net.connect(was, "127.0.0.1");
  await new Promise((done) => head.once("connect", done));
  head.write("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n");

  gw.port = await freePort();
  gw.url = `http://127.0.0.1:${gw.port}`;
  await reload(gw, {});
  assert.equal(await greets(was), false);
  assert.equal((await call(await gw.socket(), "fetchMembers", { take: 1 }))
    .success, true);
  assert.equal((await call(sockets[0], "fetchMembers", { take: 1 })).success,
    true);
  const answer = new Promise((done) => head.once("data", done));
  head.write(`Host: x\r\nx-psk: ${PSK}\r\n\r\n`);
  assert.match(String(await answer), /^HTTP\/1.1 200/);
  head.destroy();

  const loads = gw.log.length;
  await reload(gw, {});
  assert.doesNotMatch(gw.log.slice(loads), /listening on/,
    "an address that stays keeps its socket");
});

scenario("all addresses become one, and one all", {}, async (gw) => {
  const socket = await gw.socket();
  const conf = readFileSync(gw.conf, "utf8");
  const listen = async (text) => {
    const seen = gw.log.length;
    writeFileSync(gw.conf, conf.replace(/listen = .*/, `listen = ${text}`));
    gw.child.kill("SIGHUP");
    await until(() => /is in force|nothing has changed/
      .test(gw.log.slice(seen)), "the end");
    assert.doesNotMatch(gw.log.slice(seen), /nothing has changed/);
  };
  await listen(`{ "*:${gw.port}" }`);
  assert.equal(await greets(gw.port, "127.0.0.2"), true);
  await listen(`{ "127.0.0.1:${gw.port}" }`);
  assert.equal(await greets(gw.port, "127.0.0.2"), false);
  await listen(`{ "127.0.0.1:${gw.port}", "127.0.0.2:${gw.port}" }`);
  assert.equal(await greets(gw.port, "127.0.0.2"), true);
  assert.equal(await greets(gw.port), true);
  assert.equal((await call(socket, "fetchMembers", { take: 1 })).success,
    true);
});

scenario("an address that cannot be had changes nothing",
  { keys: two }, async (gw) => {
    const taken = net.createServer();
    await new Promise((done) => taken.listen(0, "127.0.0.1", done));
    const its = await gw.socket(other);
    const was = gw.port;
    gw.port = taken.address().port;
    await reload(gw, { keys: `key "test" { psk = '${PSK}' }` },
      /dalpuri\.conf:2: listen on .*in use[^]*nothing has changed/);
    taken.close();
    assert.equal(await greets(was), true);
    assert.equal((await call(its, "fetchMembers", { take: 1 })).success, true);
    gw.port = was;
  });

// ---- the rest

scenario("another database serves running sessions", { before(gw) {
  copyFileSync(gw.database, path.join(gw.folder, "empty.db"));
} }, async (gw) => {
  const socket = await gw.socket();
  await reload(gw, { url: "file:nothing.db" });
  await until(async () =>
    !(await call(socket, "fetchMembers", { take: 1 })).success,
  "the old one is left");
  await reload(gw, { url: "file:empty.db" });
  await until(async () =>
    (await call(socket, "fetchMembers", { take: 1 })).success,
  "the new one serves");
});

scenario("the log is opened again, by every process",
  { conf: 'log_file = "first.log"' }, async (gw) => {
    const file = (name) => path.join(gw.folder, name);
    const text = (name) => {
      try { return readFileSync(file(name), "utf8"); } catch { return ""; }
    };
    const writers = /master\[|worker \d|collector \d/g;
    const socket = await gw.socket();
    renameSync(file("first.log"), file("first.log.1"));
    gw.child.kill("SIGHUP");
    await until(() => /is in force/.test(text("first.log")), "a new file");
    await until(async () => {
      await call(socket, "fetchMembers", { take: 1 });
      return new Set(text("first.log").match(writers)).size >= 3;
    }, "master, worker and collector write there");
    gw.writeConf({ conf: 'log_file = "second.log"' });
    gw.child.kill("SIGHUP");
    await until(async () => {
      await call(socket, "fetchMembers", { take: 1 });
      return new Set(text("second.log").match(writers)).size >= 3;
    }, "they write to the second file");
    const size = text("first.log").length;
    const seen = text("second.log").length;
    gw.writeConf({ conf: 'log_file = "/nowhere/at/all.log"' });
    gw.child.kill("SIGHUP");
    await until(() => /dalpuri\.conf:\d+: log_file .*[^]*nothing has changed/
      .test(text("second.log").slice(seen)), "it is told where");
    assert.equal(text("first.log").length, size);
  });

scenario("who asks while a load runs hears of the next one", {},
  async (gw) => {
    const loads = () => gw.log.split("reading the configuration").length;
    for (let i = 0; i < 5; i++) {
      const before = loads();
      gw.child.kill("SIGHUP");
      await until(() => loads() > before, "a load runs");
      gw.writeConf({ ...gw.options, limits: `json_depth = ${i % 2 ? 20 : "?"}` });
      const { status, err } = await dalpurictl(gw, "reload");
      assert.equal(status, i % 2 ? 0 : 1, err);
      await until(() => /is in force|nothing has changed/.test(gw.log), "end");
    }
  });

scenario("signals in heaps, while clients call", {}, async (gw) => {
  const pid = gw.child.pid;
  const sockets = await Promise.all(Array.from({ length: 10 }, () =>
    gw.socket()));
  let stop = false, answers = 0;
  const load = sockets.map(async (socket) => {
    while (!stop) {
      const a = await call(socket, "fetchMembers", { take: 5 });
      assert.equal(a.success, true, JSON.stringify(a));
      answers++;
    }
  });
  for (let i = 0; i < 60; i++) {
    gw.child.kill("SIGHUP");
    await sleep(i % 3 ? 1 : 50);
  }
  const extra = await Promise.all(Array.from({ length: 10 }, () =>
    gw.socket()));
  for (const s of extra) s.disconnect();
  stop = true;
  await Promise.all(load);
  assert.ok(answers > 100, `${answers} answers`);
  assert.equal(gw.child.pid, pid);
  for (const s of sockets) assert.equal(s.connected, true);
});

scenario("a signal while it starts is not lost", { ends: false },
  async (gw) => {
    await gw.stop();
    gw.log = "";
    gw.sockets = [];
    gw.spawn(["-c", gw.conf], {});
    await until(() => gw.processes("loader").length > 0 ||
      gw.processes("worker").length > 0, "the loader runs");
    gw.child.kill("SIGHUP");
    await until(() => /generation 2 is in force/.test(gw.log),
      "it is read again");
    assert.equal(await gw.stop(), 0);
  });

// The CPUs that a process may run on, as numbers.
const cpus = (pid) => /^Cpus_allowed_list:\s+(.*)/m.exec(readFileSync(
  `/proc/${pid}/status`, "utf8"))[1].split(",").flatMap((run) => {
  const [from, to = from] = run.split("-").map(Number);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}).join();

scenario("CPUs are shared out between the workers, or not", { connections: 1,
  skip: cpus("self").split(",").length < 2 }, async (gw) => {
  const all = cpus(gw.child.pid);
  const parts = () => Object.fromEntries(gw.processes()
    .filter(({ title }) => /worker|collector/.test(title))
    .map(({ pid, title }) => [title.replace("dalpuri: ", "").trim(),
      cpus(pid)]));
  const apart = (p) => p["worker 1"] !== p["worker 2"] &&
    p["worker 1"] === p["collector 1.1"] &&
    p["worker 2"] === p["collector 2.1"] && all === `${p["worker 1"]},${
    p["worker 2"]}`.split(",").sort((a, b) => a - b).join();
  await until(() => apart(parts()), "two parts, which are all");
  await reload(gw, { conf: "share_cpus = false" });
  await until(() => Object.values(parts()).every((p) => p === all), "all");
  await reload(gw, { conf: "" });
  await until(() => apart(parts()), "two parts again");
});
