// Goal: a database that goes away, in any way, costs no more than the requests
// that need it meanwhile; each says which database and why, and all is well
// when it is back.
import assert from "node:assert/strict";
import { copyFileSync, renameSync, rmSync } from "node:fs";
import net from "node:net";
import { call, demoDatabase, hasProgram, scenario, sleep, sql, until }
  from "./lib.mjs";
import { databases } from "./databases.mjs";

// Between the gateway and a server; how is what happens to connections:
// "pass", "refuse" (closed at once), or "swallow" (nothing goes through).
class Between {
  how = "pass";
  accepted = 0;
  pairs = new Set();

  async start(port) {
    this.server = net.createServer((here) => {
      this.accepted++;
      if (this.how === "refuse") { here.destroy(); return; }
      const there = net.connect(port, "127.0.0.1");
      const pair = [here, there];
      this.pairs.add(pair);
      const end = () => {
        this.pairs.delete(pair);
        for (const s of pair) s.destroy();
      };
      for (const s of pair) s.on("error", end).on("close", end);
      here.on("data", (d) => { if (this.how === "pass") there.write(d); });
      there.on("data", (d) => { if (this.how === "pass") here.write(d); });
    });
    await new Promise((up) => this.server.listen(0, "127.0.0.1", up));
    this.port = this.server.address().port;
  }

  cut() {
    for (const pair of [...this.pairs]) for (const s of pair) s.destroy();
  }

  stop() {
    this.cut();
    this.server.close();
  }
}

const skip = !hasProgram("mariadbd") || !hasProgram("psql") ?
  "no database servers here" : false;
const count = (text, what) => text.split(what).length - 1;
const calls = (socket, n) => Promise.all(Array.from({ length: n }, () =>
  call(socket, "fetchMembers")));

for (const name of ["postgresql", "mariadb"]) {
  const between = new Between();
  const options = { skip, timeout: 120000, database: false };

  async function begin(gw) {
    const server = (await databases()).find((d) => d.name === name);
    await between.start(Number(/:(\d+)\/demo/.exec(server.url)[1]));
    gw.writeConf({ log: "info", url: server.url.replace(/:\d+\/demo/,
      `:${between.port}/demo`), database: `connect_timeout = 1s
        query_timeout = 2s reconnect_max = 500ms` });
    between.how = "pass";
    const up = count(gw.log, "connected to the database");
    gw.child.kill("SIGHUP");
    await until(() => count(gw.log, "connected to the database") >= up + 4,
      "all are connected", 20000);
    return server;
  }
  const end = () => between.stop();

  scenario(`${name}: idle connections end, and no request meets it`, options,
    async (gw) => {
      await begin(gw);
      try {
        const socket = await gw.socket();
        for (let i = 0; i < 5; i++) {
          assert.ok((await calls(socket, 8)).every((a) => a.success));
          between.cut();
          await sleep(50);
        }
        const answers = await calls(socket, 8);
        assert.ok(answers.every((a) => a.success), JSON.stringify(answers
          .find((a) => !a.success)));
      } finally { end(); }
    });

  scenario(`${name}: a server that refuses, and comes back`, options,
    async (gw) => {
      await begin(gw);
      try {
        const socket = await gw.socket();
        const log = gw.log.length;
        between.how = "refuse";
        between.cut();
        await until(() => count(gw.log.slice(log), "database is down") === 4,
          "all have noticed");
        between.accepted = 0;
        const answers = await calls(socket, 200);
        for (const a of answers) {
          assert.equal(a.code, "DATABASE");
          assert.match(a.error, new RegExp(
            `^No connection to ${name} demo\\S* on 127\\.0\\.0\\.1:\\d+: .*; ` +
            "the next attempt is in \\d+ ms$", "is"));
        }
        assert.ok(between.accepted < 50,
          `${between.accepted} attempts for 200 requests`);
        await sleep(1000);
        assert.equal(count(gw.log.slice(log), "database is down"), 4,
          "one line each");
        between.how = "pass";
        await until(async () => (await call(socket, "fetchMembers")).success,
          "it is back");
        await until(() => count(gw.log.slice(log), "connected to the " +
          "database") === 4, "all are back");
      } finally { end(); }
    });

  scenario(`${name}: packets that go nowhere`, options, async (gw) => {
    await begin(gw);
    try {
      const socket = await gw.socket();
      between.how = "swallow";
      for (const a of await calls(socket, 12))
        assert.match(a.code, /^(TIMEOUT|DATABASE)$/);
      between.how = "pass";
      between.cut();
      await until(async () => (await call(socket, "fetchMembers")).success,
        "it is back", 20000);
      assert.equal(count(gw.log, "runs beyond its deadline"), 0,
        "no collector had to be killed");
    } finally { end(); }
  });
}

scenario("postgresql: fewer connections than collectors", { skip,
  timeout: 120000, database: false }, async (gw) => {
  const server = (await databases()).find((d) => d.name === "postgresql");
  server.exec("ALTER ROLE dalpuri CONNECTION LIMIT 2");
  try {
    gw.writeConf({ log: "info", url: server.url,
      database: "reconnect_max = 500ms" });
    gw.child.kill("SIGHUP");
    await until(() => count(gw.log, "connected to the database") === 2,
      "two are connected");
    const socket = await gw.socket();
    await until(async () => (await call(socket, "fetchMembers")).success,
      "it serves");
    for (let i = 0; i < 10; i++)
      for (const a of await calls(socket, 20)) assert.equal(a.success, true,
        a.error);
    server.exec("ALTER ROLE dalpuri NOLOGIN; SELECT pg_terminate_backend(pid)" +
      " FROM pg_stat_activity WHERE usename = 'dalpuri'");
    await until(async () => {
      const a = await call(socket, "fetchMembers");
      return a.code === "DATABASE" && /not permitted to log in/.test(a.error);
    }, "it says why");
    server.exec("ALTER ROLE dalpuri LOGIN CONNECTION LIMIT -1");
    await until(async () => (await call(socket, "fetchMembers")).success,
      "it is back");
  } finally {
    server.exec("ALTER ROLE dalpuri LOGIN CONNECTION LIMIT -1");
  }
});

scenario("sqlite: a file that is replaced, and one that is removed", {},
  async (gw) => {
    const socket = await gw.socket();
    const [{ n }] = sql(gw.database, "SELECT count(*) n FROM Member");
    assert.equal((await call(socket, "fetchMembers")).data.length, n);
    copyFileSync(demoDatabase(), `${gw.database}.new`);
    sql(`${gw.database}.new`, "SELECT 1");
    renameSync(gw.database, `${gw.database}.old`);
    renameSync(`${gw.database}.new`, gw.database);
    for (const a of await calls(socket, 8)) assert.equal(a.success, true);
    rmSync(gw.database);
    await until(async () => {
      const a = await call(socket, "fetchMembers");
      return a.code === "DATABASE" && /demo\.db/.test(a.error);
    }, "it is missed");
    copyFileSync(demoDatabase(), gw.database);
    await until(async () => (await call(socket, "fetchMembers")).success,
      "it is back");
  });
