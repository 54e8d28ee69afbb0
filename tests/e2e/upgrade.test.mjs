// Goal: SIGUSR2 puts another binary in the place of the one that runs. Clients
// of every transport, with requests in flight, notice nothing; the master stays
// the same process, all roles run the new file soon, and a file that cannot
// take over changes nothing and is told to whoever asked for it.
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, readlinkSync, renameSync, rmSync,
  statSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { Crowd, openFiles } from "./crowd.mjs";
import { call, dalpurictl, program, scenario, sleep, transports, until }
  from "./lib.mjs";

// A file of the gateway's own, which can be replaced.
const own = { workers: 2, connections: 2, timeout: 120000, log: "info",
  conf: 'control = "ctl.sock"',
  before: (gw) => {
    gw.program = path.join(gw.folder, "dalpuri");
    copyFileSync(program, gw.program);
    gw.options = { ...gw.options, program: gw.program };
  } };

// As a package does it: the old file stays with those who have it open.
function put(gw, fill) {
  const fresh = `${gw.program}.new`;
  fill(fresh);
  chmodSync(fresh, 0o755);
  renameSync(fresh, gw.program);
}
const putCopy = (gw) => put(gw, (file) => copyFileSync(program, file));

const count = (gw, what) => gw.log.split(what).length - 1;
const upgrades = (gw) => count(gw, "info master") &&
  (gw.log.match(/upgraded from \S+ to \S+: pid/g) ?? []).length;

// Wait for the n-th upgrade, and for the end of those of before.
async function upgraded(gw, n) {
  await until(() => upgrades(gw) >= n, `upgrade ${n}`, 15000);
  await until(() => count(gw, "the last process of the binary before") >= n,
    `the end of all before upgrade ${n}`, 15000);
}

// Every role runs what lies at the path.
function assertFile(gw) {
  const file = statSync(gw.program);
  for (const pid of [gw.child.pid, ...gw.processes("worker")
    .concat(gw.processes("collector")).map((p) => p.pid)]) {
    assert.equal(readlinkSync(`/proc/${pid}/exe`), gw.program);
    assert.equal(statSync(`/proc/${pid}/exe`).ino, file.ino);
  }
}

scenario("the same file takes over", own, async (gw) => {
  const crowd = new Crowd(), { pid } = gw.child;
  const before = gw.processes().map((p) => p.pid);

  await crowd.connect(gw);
  await sleep(300);
  gw.child.kill("SIGUSR2");
  await upgraded(gw, 1);
  await sleep(300);
  await crowd.end();
  assert.equal(gw.child.pid, pid);
  for (const p of gw.processes()) assert.ok(!before.includes(p.pid));
  assert.equal(gw.processes().length, 6);
  const titles = gw.processes().map((p) => p.title).sort();
  assert.equal(titles[0], "dalpuri: collector 1.1");
});

scenario("another file takes over, within ten seconds", own, async (gw) => {
  const crowd = new Crowd();

  await crowd.connect(gw);
  putCopy(gw);
  const began = Date.now();
  gw.child.kill("SIGUSR2");
  await upgraded(gw, 1);
  assert.ok(Date.now() - began < 10000);
  assertFile(gw);
  await crowd.end();
});

// A session that cannot move yet: half a POST.
async function linger(gw) {
  const url = `${gw.url}/socket.io/?EIO=4&transport=polling`;
  const open = await (await fetch(url)).text();
  const { sid } = JSON.parse(open.slice(1));
  const post = net.connect(gw.port, "127.0.0.1");
  await until(() => post.readyState === "open", "a connection");
  post.write(`POST /socket.io/?EIO=4&transport=polling&sid=${sid} ` +
    "HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n4");
  post.on("error", () => {});
  return post;
}

scenario("requests of before are all run by collectors of before",
  { ...own, log: "debug", limits: "move_timeout = 1s" }, async (gw) => {
    const crowd = new Crowd(), post = await linger(gw);

    await crowd.connect(gw);
    gw.child.kill("SIGUSR2");
    await upgraded(gw, 1);
    const lines = gw.log.split("\n");
    const last = lines.findLastIndex((l) => /worker \d.* ending: /.test(l));
    const first = lines.findIndex((l) => /collector .* STOP/.test(l));
    assert.ok(last > 0 && first > last, "collectors end after workers");
    assert.doesNotMatch(gw.log, /its collector died/);
    await crowd.end();
    post.destroy();
  });

scenario("twice in a row, and in the middle of reloads", own, async (gw) => {
  const crowd = new Crowd();

  await crowd.connect(gw);
  gw.child.kill("SIGHUP");
  gw.child.kill("SIGUSR2");
  // one that comes during a trial would be the same upgrade
  await until(() => upgrades(gw) >= 1, "the first upgrade");
  gw.child.kill("SIGUSR2");
  for (let i = 0; i < 10; i++) {
    await sleep(100);
    gw.child.kill("SIGHUP");
  }
  await upgraded(gw, 2);
  await crowd.end();
});

scenario("whatever is no gateway changes nothing", own, async (gw) => {
  const crowd = new Crowd();
  const roles = () => gw.processes("worker")
    .concat(gw.processes("collector")).map((p) => p.pid).sort();
  await until(() => count(gw, "connected to the database") >= 4,
    "all are connected");
  const processes = roles();
  const bad = {
    "garbage": (file) => writeFileSync(file, "\x7fELF no program at all"),
    "a program that ends with 1": (file) =>
      copyFileSync("/bin/false", file),
    "a program that ends with 0": (file) => copyFileSync("/bin/true", file)
  };

  await crowd.connect(gw);
  for (const [what, fill] of Object.entries(bad)) {
    put(gw, fill);
    const { status, err } = await dalpurictl(gw, "upgrade");
    assert.notEqual(status, 0, what);
    assert.match(err, /goes on: the other binary did not start/, what);
  }
  rmSync(gw.program);
  const gone = await dalpurictl(gw, "upgrade");
  assert.notEqual(gone.status, 0);
  assert.match(gone.err, /goes on: .*No such file/);
  writeFileSync(gw.program, "no program");
  chmodSync(gw.program, 0o644);
  const denied = await dalpurictl(gw, "upgrade");
  assert.notEqual(denied.status, 0);
  putCopy(gw);
  gw.writeConf({ ...gw.options, conf: `${own.conf}\nno_such_setting = 1` });
  const faulty = await dalpurictl(gw, "upgrade");
  assert.notEqual(faulty.status, 0);
  assert.match(faulty.err, /faults/);
  assert.match(faulty.err, /dalpuri\.conf:\d+/);
  assert.deepEqual(roles(), processes);
  gw.writeConf(gw.options);
  const good = await dalpurictl(gw, "upgrade");
  assert.equal(good.status, 0, good.err);
  await upgraded(gw, 1);
  assertFile(gw);
  await crowd.end();
});

scenario("five upgrades leave no descriptor open", own, async (gw) => {
  const crowd = new Crowd();

  await until(() => count(gw, "connected to the database") >= 4,
    "all are connected");
  const before = openFiles(gw.child.pid);
  await crowd.connect(gw, 12);
  for (let i = 1; i <= 5; i++) {
    putCopy(gw);
    gw.child.kill("SIGUSR2");
    await upgraded(gw, i);
    await until(() => count(gw, "connected to the database") >= 4 * (i + 1),
      "all are connected");
  }
  assertFile(gw);
  await crowd.end();
  for (const c of crowd.clients) c.disconnect();
  await until(() => openFiles(gw.child.pid) <= before,
    `not more than ${before} descriptors`);
});

scenario("clients that come during it are served", own, async (gw) => {
  const crowd = new Crowd();
  let coming = true;

  await crowd.connect(gw, 6);
  const guests = Array.from({ length: 3 }, async (_, i) => {
    let n = 0;
    while (coming) {
      const s = await gw.socket(Object.values(transports)[i]);
      assert.equal((await call(s, "fetchMembers", { take: 2 })).success, true);
      s.disconnect();
      n++;
    }
    return n;
  });
  await sleep(300);
  putCopy(gw);
  gw.child.kill("SIGUSR2");
  await upgraded(gw, 1);
  coming = false;
  for (const n of await Promise.all(guests)) assert.ok(n > 2);
  assertFile(gw);
  await crowd.end();
});

scenario("it stops as always afterwards", { ...own, ends: false },
  async (gw) => {
    gw.child.kill("SIGUSR2");
    await until(() => upgrades(gw) === 1, "the upgrade");
    assert.equal(await gw.stop(), 0);
  });
