// Goal: who asks too much waits, is told when to try again, and is hardly in
// the way of others.  Everything is counted, nothing is timed.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { call, PSK, scenario, until } from "./lib.mjs";

const keys = `key "loud" { psk = '${PSK}' }
key "quiet" { psk = 'test-key-2' }
key "narrow" { psk = 'test-key-3' max_running = 1 }`;
const joins = { include: ["company", "contact", "techContact"] };

scenario("a thousand requests of one client, and one of another",
  { keys, limits: "requests = 2000", log: "info" }, async (gw) => {
    const loud = await gw.socket();
    const quiet = await gw.socket({ auth: { psk: "test-key-2" } });
    const waits = [];
    let answered = 0;
    const all = Array.from({ length: 1000 }, () =>
      call(loud, "fetchOpportunities", { take: 50, ...joins })
        .then((a) => { assert.equal(a.success, true); answered++; }));
    while (answered < 500) {
      const before = answered;
      await call(quiet, "fetchOpportunities", { take: 50, ...joins });
      waits.push(answered - before);
    }
    await Promise.all(all);
    // Three rounds of the four collectors, and what had been answered already
    // when this process, which is all clients in one, came to read it.  In
    // the order of their coming the first would have been behind 1000.
    waits.sort((a, b) => a - b);
    assert.ok(waits.length > 10, `only ${waits.length} answers of one client`);
    assert.ok(waits[waits.length >> 1] <= 40, `others had ${waits} before`);
  });

// The most requests that were between two lines of the log at once.
function most(log, begin, end) {
  const out = new Set();
  let highest = 0;
  for (const line of log.split("\n")) {
    const id = /request ([0-9a-f]{16}): /.exec(line)?.[1];
    if (id && begin.test(line)) out.add(id);
    if (id && end.test(line)) out.delete(id);
    highest = Math.max(highest, out.size);
  }
  return highest;
}
const asked = /: waiting -> asked$/;
const done = /: (answered|failed: .*)$/;

scenario("a key's max_running, over two workers", { keys, log: "debug" },
  async (gw) => {
    await until(() => gw.log.match(/worker \d: ready/g)?.length === 2,
      "both workers");
    const sockets = await Promise.all(Array.from({ length: 6 }, () =>
      gw.socket({ auth: { psk: "test-key-3" } })));
    gw.log = "";
    const answers = await Promise.all(sockets.flatMap((s) =>
      Array.from({ length: 10 }, () => call(s, "fetchMembers"))));
    assert.ok(answers.every((a) => a.success));
    await until(() => gw.log.match(/: answered/g)?.length === 60, "the log");
    assert.equal(most(gw.log, asked, done), 1);
    for (const worker of ["worker 1", "worker 2"])
      assert.match(gw.log, new RegExp(`${worker}\\[\\d+\\]: request .*answered`));
  });

scenario("a collector's max_running, and others pass", { log: "debug",
  before(gw) {
    const from = path.join(gw.folder, "collectors");
    for (const name of ["narrow", "wide"])
      copyFileSync(path.join(from, "fetchMembers.collector"),
        path.join(from, `${name}.collector`));
    const file = path.join(from, "narrow.collector");
    writeFileSync(file, `${readFileSync(file, "utf8")}\nmax_running = 1\n`);
  } }, async (gw) => {
  const sockets = await Promise.all(Array.from({ length: 6 }, () =>
    gw.socket()));
  gw.log = "";
  const narrow = sockets.flatMap((s) => Array.from({ length: 10 }, () =>
    call(s, "narrow")));
  assert.ok((await Promise.all(narrow)).every((a) => a.success));
  await until(() => gw.log.match(/: answered/g)?.length === 60, "the log");
  assert.equal(most(gw.log, asked, done), 1);
  // Those of others need not wait for them.
  let left = 60;
  const again = sockets.flatMap((s) => Array.from({ length: 10 }, () =>
    call(s, "narrow").then(() => { left--; })));
  await Promise.all(sockets.map((s) => call(s, "wide")));
  // Behind them in one line, none would be left.
  assert.ok(left > 0, `${left} of 60 were left`);
  await Promise.all(again);
});

scenario("OVERLOADED says when to try again", { workers: 1, connections: 1,
  limits: "queue_length = 5" }, async (gw) => {
  const socket = await gw.socket();
  await call(socket, "fetchMembers");
  const answers = await Promise.all(Array.from({ length: 40 }, () =>
    call(socket, "fetchOpportunities", joins)));
  const refused = answers.filter((a) => !a.success);
  assert.ok(refused.length > 0 && refused.length < 40);
  for (const a of refused) {
    assert.deepEqual(Object.keys(a), ["success", "error", "code",
      "retryAfter"]);
    assert.equal(a.code, "OVERLOADED");
    assert.ok(Number.isInteger(a.retryAfter) && a.retryAfter > 0);
    assert.match(a.error, new RegExp(`try again in ${a.retryAfter} ms$`));
  }
  assert.ok(new Set(refused.map((a) => a.retryAfter)).size > 1,
    "not all at once");
});
