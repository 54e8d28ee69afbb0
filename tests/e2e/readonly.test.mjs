// Goal: nothing is ever written, though the login could: statements in the
// servers' logs, the database as another program sees it, and each door that
// somebody might try.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { databases } from "./databases.mjs";
import { call, put, scenario, until } from "./lib.mjs";
import { writingOf } from "./statements.mjs";

// A broad run of requests; one database may refuse some of them.
const list = Array.from({ length: 40 }, (_, i) => i);
const requests = [
  ["fetchCompanies", {}],
  ["fetchCompanies", { take: 3, skip: 2, orderBy: { companyName: "desc" } }],
  ["fetchCompanies", { take: -3, cursor: { companyRecId: 9 } }],
  ["fetchCompanies", { distinct: "vendorFlag", include: { _count: true } }],
  ["fetchCompanies", { where: { companyRecId: { in: list } } }],
  ["fetchCompanies", { where: { companyName: { contains: "'%_\\" },
    NOT: { parentCompany: { is: { companyName: { startsWith: "a" } } } } } }],
  ["fetchCompanies", { where: { companyRecId: { in: Array(9000).fill(0)
    .map((_, i) => i) } }, orderBy: { childCompanies: { _count: "desc" } } }],
  ["fetchCompanies", { include: { childCompanies: { take: 1, skip: 1,
    where: { childCompanies: { none: {} } } }, parentCompany: true } }],
  ["fetchProducts", { include: ["inventory", "subcategory"] }],
  ["fetchOpportunities", { include: ["company", "contact"], omit:
    { opportunityName: true } }],
  ["still", { include: { childCompanies: true } }],
  ["counted", { least: 5 }],
  ["fetchCompanies", { where: { companyName: "'; DROP TABLE Company; --" } }],
  ["counted", { least: "0; DELETE FROM Company" }],
  ["counted", { "least; DELETE FROM Company": 1 }],
  ["fetchCompanies", { select: { "x\"; DROP TABLE Company; --": true } }],
  ["fetchCompanies", { orderBy: { companyName: "asc; DELETE FROM Company" } }],
  ["fetchCompanies", { take: "1; DELETE FROM Company" }],
  ["DELETE FROM Company", {}],
];

// .sql files that are refused, and what is said of each.
const refused = {
  second: ["SELECT 1 AS a; DELETE FROM Company", /second/],
  commented: ["SELECT 1 AS a -- ;\n/* ; */ ; DELETE FROM Company", /second/],
  quoted: ["SELECT ';' AS \";\"; DELETE FROM Company", /second/],
  inserts: ["INSERT INTO Company (x) VALUES (1)", /INSERT/],
  returning: ["WITH x AS (DELETE FROM Company RETURNING *) SELECT * FROM x",
    /DELETE/],
  into: ["SELECT * INTO other FROM Company", /INTO/],
  outfile: ["SELECT 1 AS a INTO OUTFILE '/tmp/x'", /INTO|OUTFILE/],
  locks: ["SELECT * FROM Company FOR UPDATE", /UPDATE/],
  shares: ["SELECT * FROM Company FOR SHARE", /SHARE/],
  attaches: ["ATTACH 'other.db' AS other", /ATTACH/],
  pragma: ["PRAGMA journal_mode = DELETE", /PRAGMA/],
  loads: ["SELECT load_extension('x') AS a", /load_extension/],
  sequence: ["SELECT setval('s', 1) AS a", /setval/],
  next: ["SELECT nextval('s') AS a", /nextval/],
  object: ["SELECT lo_create(0) AS a", /lo_create/],
  setting: ["SELECT set_config('transaction_read_only', 'off', false) AS a",
    /set_config/],
  advisory: ["SELECT pg_advisory_lock(1) AS a", /pg_advisory_lock/],
  named: ["SELECT GET_LOCK('a', 1) AS a", /GET_LOCK/],
  sleeps: ["SELECT SLEEP(9) AS a", /SLEEP/],
  calls: ["CALL write()", /CALL/],
  sets: ["SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", /SET/],
};
const dollars = ["SELECT $$;$$ AS a; DELETE FROM Company", /second|\$/];

// What no file can tell: a function whose name says nothing.
const hidden = {
  postgresql: { make: `CREATE TABLE could_write (a integer);
    GRANT ALL ON could_write TO dalpuri;
    CREATE FUNCTION innocent() RETURNS integer LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO could_write VALUES (1); RETURN 1; END $$;`,
  says: /read-only transaction/ },
  mariadb: { make: `CREATE TABLE could_write (a int) ENGINE=InnoDB;
    DELIMITER //
    CREATE FUNCTION innocent() RETURNS int MODIFIES SQL DATA
    BEGIN INSERT INTO could_write VALUES (1); RETURN 1; END //
    DELIMITER ;`,
  says: /READ ONLY transaction/ },
};

// A session that asks to write, in ODBC's own notation and in urls.
function wilful(db) {
  const { hostname, port, username, password, pathname } = new URL(
    db.url.replace(/^\w+/, "http"));
  const login = `Port=${port};Database=${pathname.slice(1)};UID=${username};` +
    `PWD={${decodeURIComponent(password).replaceAll("}", "}}")}};`;
  return db.name === "postgresql" ? `Driver={PostgreSQL Unicode};Server=${
    hostname};${login}ReadOnly=0;` +
    "ConnSettings={SET default_transaction_read_only=off};" :
    `Driver={MariaDB Unicode};Server=${hostname};${login}` +
    "INITSTMT={SET SESSION tx_read_only=0};";
}

// Every row of every table, as another program sees them.
function content(db) {
  if (db.name === "sqlite") {
    const file = db.url.replace(/^file:/, "");
    return [createHash("sha256").update(readFileSync(file)).digest("hex"),
      ...readdirSync(path.dirname(file)).sort()];
  }
  const names = db.exec(`SELECT table_name FROM information_schema.tables WHERE
    table_type = 'BASE TABLE' AND table_schema = ${db.name === "mariadb" ?
    "DATABASE()" : "'public'"} ORDER BY 1;`).trim().split("\n");
  assert.ok(names.length > 10);
  return db.exec(names.map((n) => (db.name === "mariadb" ?
    `CHECKSUM TABLE \`${n}\`;` : `SELECT '${n}', count(*),
    md5(string_agg(t::text, '|' ORDER BY t::text)) FROM "${n}" t;`))
    .join("\n"));
}

// The same login, in the hands of somebody else.
function writes(db) {
  const { hostname, port, username, password, pathname } = new URL(
    db.url.replace(/^\w+/, "http"));
  const secret = decodeURIComponent(password);
  const sql = "INSERT INTO could_write VALUES (7); DELETE FROM could_write;";
  const env = { ...process.env, PGPASSWORD: secret, MYSQL_PWD: secret };
  if (db.name === "postgresql")
    execFileSync("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", hostname,
      "-p", port, "-U", username, "-d", pathname.slice(1), "-c", sql], { env });
  else
    execFileSync("mariadb", ["--no-defaults", "-h", hostname, "-P", port, "-u",
      username, "-e", sql, pathname.slice(1)], { env });
}

const extra = {
  "still.collector": "model = Company\nsnapshot = true\n",
  "counted.sql": "-- param least Int = 0\n-- a query\nSELECT COUNT(*) AS n " +
    "FROM could_write WHERE a >= :least",
};

function family(db) {
  const cases = db.name === "postgresql" ? { ...refused, dollars } : refused;
  let before;
  // Raw strings are taken as they are: $ and " mean something in the file.
  const quoted = (url) => url.replaceAll("\\", "\\\\").replaceAll('"', '\\"');

  test(`${db.name}: the login could write`, () => {
    if (db.name === "sqlite") {
      db.exec("CREATE TABLE could_write (a integer)");
    } else {
      db.exec(hidden[db.name].make);
      writes(db);
    }
    before = content(db);
  });

  scenario(`${db.name}: requests of every kind`, { url: db.url,
    database: false, before: (gw) => put(gw, extra) }, async (gw) => {
    const socket = await gw.socket();
    let good = 0;
    for (const [event, options] of requests)
      good += (await call(socket, event, options)).success ? 1 : 0;
    assert.equal(good, 13, gw.log.slice(-3000));
    if (db.name !== "sqlite") return;
    // the file is open, and nowhere for writing
    const file = db.url.replace(/^file:/, "");
    const flags = gw.processes().flatMap(({ pid }) =>
      readdirSync(`/proc/${pid}/fd`).filter((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(file);
        } catch {
          return false;
        }
      }).map((fd) => /flags:\s+(\d+)/.exec(readFileSync(
        `/proc/${pid}/fdinfo/${fd}`, "utf8"))[1]));
    assert.ok(flags.length > 0);
    for (const f of flags) assert.equal(parseInt(f, 8) & 3, 0, f);
  });

  scenario(`${db.name}: files that would write are refused`, { url: db.url,
    database: false, before: (gw) => put(gw, {
      ...Object.fromEntries(Object.entries(cases).map(([name, [sql]]) =>
        [`${name}.sql`, sql])),
      "where.collector": "model = Company\nwhere {\n  Company = '{ " +
        '"companyName": "x\'\'; DELETE FROM Company" } OR 1=1\'\n}\n',
      "model.collector": "model = 'Company; DELETE FROM Company'\n",
      "defaults.collector": "model = Company\ndefaults = 'DELETE FROM " +
        "Company'\n",
    }) }, async (gw) => {
    const socket = await gw.socket();
    for (const event of [...Object.keys(cases), "where", "model", "defaults"]) {
      const answer = await call(socket, event);
      assert.equal(answer.code, "UNKNOWN_COLLECTOR", `${event}: ${
        JSON.stringify(answer)}`);
      const told = gw.log.split("\n").find((l) =>
        new RegExp(`/${event}\\.(?:sql|collector):\\d+: `).test(l));
      assert.ok(told, event);
      if (cases[event]) assert.match(told, cases[event][1]);
    }
    assert.equal((await call(socket, "fetchMembers")).success, true);
  });

  if (hidden[db.name])
    for (const [what, url] of Object.entries({ "a url": db.url,
      "a string that asks to write": wilful(db) }))
      scenario(`${db.name}: a function that writes, by ${what}`, {
        url: quoted(url), database: false,
        before: (gw) => put(gw, { "asks.sql": "SELECT innocent() AS a" }),
      }, async (gw) => {
        const socket = await gw.socket();
        const answer = await call(socket, "asks");
        assert.equal(answer.code, "DATABASE", JSON.stringify(answer));
        assert.match(answer.error + gw.log, hidden[db.name].says);
        assert.equal((await call(socket, "fetchMembers")).success, true);
      });

  test(`${db.name}: nothing has changed, and nothing but reads was sent`,
    () => {
      assert.deepEqual(content(db), before);
      if (db.name === "sqlite") return;
      const all = db.statements();
      const mine = writingOf(all, db.name);
      assert.ok(all.length > 100);
      // nothing but what this test has sent as that login
      assert.ok(mine.length > 0);
      assert.deepEqual(mine.filter((x) =>
        !/^(?:INSERT INTO|DELETE FROM) could_write\b/.test(x)), []);
    });
}

for (const db of await databases()) family(db);

scenario("sqlite: choices in the url that would write", {}, async (gw) => {
  const exit = await gw.stop();
  assert.equal(exit, 0);
  gw.sockets.length = 0;
  for (const query of ["mode=rwc", "mode=rw", "journal_mode=wal",
    "vfs=unix-none"]) {
    gw.writeConf({ ...gw.options, url: `file:demo.db?${query}` });
    gw.log = "";
    gw.spawn(["-c", gw.conf], {});
    await until(() => gw.exit !== undefined || gw.answers(), "it has spoken");
    if (gw.exit === undefined) {
      const answer = await call(await gw.socket(), "fetchMembers");
      assert.equal(answer.success, false, query);
      await gw.stop();
      gw.sockets.length = 0;
    }
    assert.match(gw.log, new RegExp(`"${query.split("=")[0]}"`), query);
  }
  gw.writeConf(gw.options);
  gw.spawn(["-c", gw.conf], {});
  await until(() => gw.answers(), "it listens");
});
