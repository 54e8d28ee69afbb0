// Goal: who waits for the same is answered by one execution, and nothing else
// about an answer changes.  Executions are counted by the collectors.
import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { call, PSK, scenario, told, until } from "./lib.mjs";

const served = async (gw) =>
  (await told(gw, "collectors")).collectors.reduce((n, c) => n + c.served, 0);
const shared = async (gw) =>
  (await told(gw, "status")).counters.shared;

const one = { workers: 1, connections: 1, log: "debug",
  limits: "requests = 200 stream_bytes = 4K",
  keys: `key "test" { psk = '${PSK}' } key "other" { psk = 'test-key-2' }`,
  before(gw) {
    const folder = path.join(gw.folder, "collectors");
    appendFileSync(path.join(folder, "fetchMembers.collector"),
      "\ncoalesce = true\n");
    // Long enough to be killed in.
    writeFileSync(path.join(folder, "count.sql"), `-- coalesce true
-- param to Int
WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < :to)
SELECT count(*) AS n FROM c`);
  } };

// The collector stands still while fn asks, with two others in front of it.
async function busy(gw, socket, fn) {
  const [{ pid }] = gw.processes("collector");
  await call(socket, "fetchCompanies", { take: 1 });
  process.kill(pid, "SIGSTOP");
  const front = [1, 2].map(() =>
    call(socket, "fetchCompanies", { take: 1 }));
  await until(async () => (await told(gw, "status")).queued === 2, "two are asked");
  const answers = fn();
  // An answer that needs no collector: what was sent before it is there.
  await Promise.all(gw.sockets.map((s) => call(s, "none")));
  process.kill(pid, "SIGCONT");
  await Promise.all(front);
  return Promise.all(answers);
}
const times = (n, fn) => Array.from({ length: n }, (_, i) => fn(i));

scenario("fifty of the same are one execution", one, async (gw) => {
  const sockets = [await gw.socket(),
    await gw.socket({ transports: ["polling"] }), await gw.socket()];
  const alone = await call(sockets[0], "fetchMembers", { take: 3 });
  const before = await served(gw);
  const all = await busy(gw, sockets[0], () => times(50, (i) =>
    call(sockets[i % 3], "fetchMembers", { take: 3 })));
  for (const a of all) assert.deepEqual(a, alone);
  await until(async () => await served(gw) - before === 1 + 2 + 1, "one execution");
  assert.equal(await shared(gw), 49);
});

scenario("another key's and others' are executed for themselves", one,
  async (gw) => {
    const mine = await gw.socket();
    const theirs = await gw.socket({ auth: { psk: "test-key-2" } });
    const before = await served(gw);
    const all = await busy(gw, mine, () => [
      ...times(10, () => call(mine, "fetchMembers", { take: 3 })),
      ...times(10, () => call(theirs, "fetchMembers", { take: 3 })),
      ...times(5, (i) => call(mine, "fetchMembers", { skip: i })),
      ...times(5, () => call(mine, "fetchCompanies", { take: 3 }))]);
    assert.ok(all.every((a) => a.success));
    await until(async () => await served(gw) - before === 3 + 1 + 1 + 5 + 5, "twelve");
    assert.equal(await shared(gw), 18);
  });

scenario("a refusal, an answer that is streamed, a client that leaves", one,
  async (gw) => {
    const sockets = [await gw.socket(), await gw.socket(), await gw.socket()];
    let before = await served(gw);
    const refused = await busy(gw, sockets[0], () => times(6, (i) =>
      call(sockets[i % 3], "fetchMembers", { take: "many" })));
    for (const a of refused) assert.equal(a.code, "BAD_OPTIONS");
    await until(async () => await served(gw) - before === 3 + 1, "one refusal");

    before = await served(gw);
    const large = await busy(gw, sockets[0], () => times(6, (i) =>
      call(sockets[i % 3], "fetchMembers")));
    assert.ok(JSON.stringify(large[0]).length > 4096);
    for (const a of large) assert.deepEqual(a, large[0]);
    await until(async () => await served(gw) - before === 3 + 6, "each for itself");

    const [, ...left] = await busy(gw, sockets[0], () => {
      const all = [call(sockets[2], "fetchMembers", { take: 4 })
        .catch(() => "gone"), ...times(6, (i) =>
        call(sockets[i % 2], "fetchMembers", { take: 4 }))];
      setImmediate(() => sockets[2].disconnect());
      gw.sockets.pop();
      return all;
    });
    assert.ok(left.every((a) => a.success && a.data.length === 4));
  });

scenario("a killed collector costs one of them", { ...one, crashes: true },
  async (gw) => {
    const sockets = [await gw.socket(), await gw.socket()];
    const [{ pid }] = gw.processes("collector");
    await call(sockets[0], "count", { to: 1 });
    const sharing = /: shares the answer of /g;
    const killed = until(async () =>
      [...gw.log.matchAll(sharing)].length === 3 &&
      (await told(gw, "collectors")).collectors[0].running ===
        /shares the answer of (\w+)/.exec(gw.log)[1], "one runs for all")
      .then(() => process.kill(pid, "SIGKILL"));
    const all = await busy(gw, sockets[0], () => times(4, (i) =>
      call(sockets[i % 2], "count", { to: 3000000 })));
    await killed;
    assert.deepEqual(all.map((a) => a.code ?? "fine").sort(),
      ["WORKER_LOST", "fine", "fine", "fine"]);
    assert.equal(await shared(gw), 0);
  });
