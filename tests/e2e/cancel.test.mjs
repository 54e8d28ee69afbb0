// Goal: a query that nobody waits for any more, or that runs too long, ends on
// the server too, by the database's own means, and costs nobody else anything.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { databases } from "./databases.mjs";
import { call, scenario, sleep, until } from "./lib.mjs";

// Hours of work in one row, and how the server tells what it is doing.
const families = {
  sqlite: { endless: `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1
FROM n WHERE i < 100000000000) SELECT COUNT(*) AS n FROM n` },
  postgresql: { endless: `SELECT COUNT(*) AS n FROM
generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a <> b`,
  busy: `SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND
usename = 'dalpuri'` },
  mariadb: { endless: `SELECT COUNT(*) AS n FROM seq_1_to_1000000 a,
seq_1_to_1000000 b WHERE a.seq <> b.seq`,
  busy: `SELECT COUNT(*) FROM information_schema.processlist WHERE
user = 'dalpuri' AND info LIKE '%seq_1_to%' AND command <> 'Killed'` },
};

for (const db of await databases()) {
  const { endless, busy } = families[db.name];
  const running = () => Number(db.exec(busy).trim());
  const options = {
    url: db.url,
    database: db.name === "sqlite" ? undefined : false,
    workers: 1,
    connections: 2,
    before: (gw) => {
      writeFileSync(path.join(gw.folder, "collectors/endless.sql"), endless);
      writeFileSync(path.join(gw.folder, "collectors/one.sql"),
        "SELECT 1 AS one");
    },
  };
  const begun = (gw, n = 1) => until(() =>
    (gw.log.match(/request \w+: taken/g) ?? []).length >= n &&
    (!busy || running() >= n), "the query runs");

  scenario(`${db.name}: a client goes away`, options, async (gw) => {
    const waits = await gw.socket();
    const pids = gw.processes("collector").map((p) => p.pid).sort();
    const leaves = await gw.socket();

    leaves.emit("endless", () => {});
    await begun(gw);
    leaves.disconnect();
    if (busy) await until(() => running() === 0, "the server stops it", 5000);
    // Both connections serve again: two at once, many times.
    for (let i = 0; i < 5; i++) {
      const both = await Promise.all([call(waits, "one"), call(waits, "one")]);
      for (const a of both) assert.deepEqual(a.data, [{ one: 1 }]);
    }
    assert.deepEqual(gw.processes("collector").map((p) => p.pid).sort(), pids,
      "no collector had to die for it");
    assert.doesNotMatch(gw.log, /database is down/);
  });

  scenario(`${db.name}: too long is TIMEOUT`, options, async (gw) => {
    gw.writeConf({ ...options, database: "query_timeout = 700ms" });
    gw.child.kill("SIGHUP");
    await until(() => /generation 2 is in force/.test(gw.log), "a reload");
    const socket = await gw.socket();
    const pids = gw.processes("collector").map((p) => p.pid).sort();
    const answers = await Promise.all([call(socket, "endless"),
      call(socket, "endless")]);

    for (const a of answers) {
      assert.equal(a.success, false);
      assert.equal(a.code, "TIMEOUT", a.error);
      assert.match(a.error, /query_timeout/);
    }
    if (busy) await until(() => running() === 0, "the server stops it", 5000);
    for (let i = 0; i < 5; i++)
      assert.deepEqual((await call(socket, "one")).data, [{ one: 1 }]);
    assert.deepEqual(gw.processes("collector").map((p) => p.pid).sort(), pids,
      "no collector had to die for it");
  });

  scenario(`${db.name}: many that leave hit nobody else`, options,
    async (gw) => {
      const stays = await gw.socket();
      let asked = 0;

      for (let round = 0; round < 8; round++) {
        const leaves = await gw.socket();
        leaves.emit("endless", () => {});
        await sleep(50 + 30 * round);
        leaves.disconnect();
        const a = await call(stays, "one");
        assert.deepEqual(a.data, [{ one: 1 }], JSON.stringify(a));
        asked++;
      }
      assert.equal(asked, 8);
      if (busy)
        await until(() => running() === 0, "the server stops them", 5000);
    });
}
