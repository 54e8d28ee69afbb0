// Databases of every family with the same content, for tests: SQLite's is a
// file, PostgreSQL's and MariaDB's are on private servers.  Each process has
// databases of its own, and a test makes more tables there by exec().
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { demoDatabase, freePort, top } from "./lib.mjs";
import { statementsOf } from "./statements.mjs";

const script = path.join(top, "tests/servers");
const text = { encoding: "utf8", maxBuffer: 1 << 30 };

// A program that reads SQL; its words on failure.
function feed(program, args, input) {
  try {
    return execFileSync(program, args, { ...text, input,
      stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    throw new Error(`${program}: ${error.stderr ?? error.message}`);
  }
}

const sqlite = (file, ...args) => feed("sqlite3", ["-bail", file, ...args]);

// How the demo database's columns are declared elsewhere.  Text that is in a
// key or an index needs a length in MariaDB.
const families = {
  postgresql: {
    types: { TEXT: "text", BOOLEAN: "boolean", INTEGER: "integer",
      BIGINT: "bigint", REAL: "double precision", DECIMAL: "numeric(65,30)",
      DATETIME: "timestamp(3)", BLOB: "bytea" },
    name: (s) => `"${s}"`,
    value: (v, type) => (type === "BLOB" ? `\\\\x${v}` : v),
    load: (table, file) => `\\copy ${table} FROM '${file}'`,
    foreign: " NOT VALID",
    tail: "",
  },
  mariadb: {
    types: { TEXT: "varchar(191)", LONG: "longtext", BOOLEAN: "boolean",
      INTEGER: "int", BIGINT: "bigint", REAL: "double",
      DECIMAL: "decimal(65,30)", DATETIME: "datetime(3)", BLOB: "longblob" },
    name: (s) => `\`${s}\``,
    value: (v) => v,
    load: (table, file, columns) => `LOAD DATA LOCAL INFILE '${file}' INTO
      TABLE ${table} CHARACTER SET utf8mb4 (${columns.map(({ name, type }, i) =>
      (type === "BLOB" ? `@v${i}` : `\`${name}\``))})${columns.map(
      ({ name, type }, i) => (type === "BLOB" ? [`\`${name}\`=UNHEX(@v${i})`] :
        [])).flat().map((s, i) => (i ? "," : " SET ") + s).join("")};`,
    foreign: "",
    tail: " DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_nopad_bin",
  },
};

// Tables of a SQLite file, as its pragmas tell, with their rows as arrays of
// texts (floats with all digits, bytes in hex).  A process for each question
// about each table would take long.
function tablesOf(file) {
  const rows = (sql) => JSON.parse(sqlite(file, "-json", sql) || "[]");
  const from = "FROM sqlite_schema t, pragma_";
  const where = "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'";
  const of = (list, name) => list.filter((x) => x.of === name);
  const columns = rows(`SELECT t.name AS of, c.name, c.type,
    c."notnull" AS needed, c.pk ${from}table_info(t.name) c ${where}`);
  const indexes = rows(`SELECT t.name AS of, l."unique" AS single,
    json_group_array(i.name) AS columns ${from}index_list(t.name) l,
    pragma_index_info(l.name) i ${where} AND l.origin <> 'pk'
    GROUP BY t.name, l.name`);
  const foreign = rows(`SELECT t.name AS of, f."table" AS target,
    json_group_array("from") AS here, json_group_array("to") AS there
    ${from}foreign_key_list(t.name) f ${where} GROUP BY t.name, f.id`);
  const tables = [...new Set(columns.map((c) => c.of))].map((name) => ({ name,
    columns: of(columns, name), indexes: of(indexes, name),
    foreign: of(foreign, name), rows: [] }));
  const lines = sqlite(file, tables.map((t, i) => `SELECT ${i}, json_array(${
    t.columns.map(({ name: c, type }) => `CASE ${type === "DATETIME" ?
      `WHEN typeof("${c}") = 'integer' THEN strftime('%Y-%m-%d %H:%M:%f',
      "${c}" / 1000.0, 'unixepoch') WHEN 1 THEN strftime('%Y-%m-%d %H:%M:%f',
      "${c}")` : ""} WHEN typeof("${c}") = 'blob' THEN
      hex("${c}") WHEN typeof("${c}") = 'real' THEN printf('%!.17g', "${c}") ELSE
      CAST("${c}" AS TEXT) END`)}) FROM "${t.name}";`).join("\n"));
  for (const line of lines.split("\n").filter(Boolean)) {
    const at = line.indexOf("|");
    tables[line.slice(0, at)].rows.push(JSON.parse(line.slice(at + 1)));
  }
  return tables;
}

// Rows as tab-separated text, with backslashes: both servers read it.
function writeRows(table, family, to) {
  const special = { "\\": "\\\\", "\t": "\\t", "\n": "\\n",
    "\r": "\\r" };
  writeFileSync(to, table.rows.map((row) => row.map((v, i) => (v === null ?
    "\\N" : family.value(v.replace(/[\\\t\n\r]/g, (c) => special[c]),
      table.columns[i].type))).join("\t") + "\n").join(""));
}

// The SQL that makes a copy of a SQLite file's tables.
function copySql(tables, family, folder) {
  const { name, types } = family;
  const list = (json) => JSON.parse(json).map(name).join(", ");
  const make = [];
  const keys = [];
  for (const t of tables) {
    const short = new Set([...t.indexes, ...t.foreign].flatMap((x) =>
      JSON.parse(x.columns ?? x.here)));
    const pk = t.columns.filter((c) => c.pk).sort((a, b) => a.pk - b.pk)
      .map((c) => name(c.name));
    const type = (c) => (c.type === "TEXT" && !c.pk && !short.has(c.name) &&
      types.LONG) || types[c.type];
    make.push(`CREATE TABLE ${name(t.name)} (${[
      ...t.columns.map((c) => `${name(c.name)} ${type(c)}${
        c.needed || c.pk ? " NOT NULL" : " NULL"}`),
      ...(pk.length ? [`PRIMARY KEY (${pk})`] : [])]})${family.tail};`);
    const rows = path.join(folder, `${make.length}.tsv`);
    writeRows(t, family, rows);
    make.push(family.load(name(t.name), rows, t.columns));
    t.indexes.forEach((x) => keys.push(`CREATE ${x.single ? "UNIQUE " : ""}INDEX
      ${name(`${t.name}_${JSON.parse(x.columns).join("_")}`.slice(0, 60))}
      ON ${name(t.name)} (${list(x.columns)});`));
    t.foreign.forEach((f) => keys.push(`ALTER TABLE ${name(t.name)} ADD
      FOREIGN KEY (${list(f.here)}) REFERENCES ${name(f.target)}
      (${list(f.there)})${family.foreign};`));
  }
  return [...make, ...keys].join("\n");
}

// Servers of our own end with us; those that DALPURI_SERVERS names (a folder,
// see tests/servers) are there for several test files at once.
async function startServers() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dalpuri-servers-"));
  const ports = [await freePort(), await freePort()];
  execFileSync(script, ["start", folder, ...ports.map(String),
    String(process.pid)], { ...text, stdio: ["ignore", "ignore", "inherit"] });
  process.on("exit", () => {
    execFileSync(script, ["stop", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

// A database of this process's own on both servers.
function open(folder) {
  const name = `demo_${process.pid}`;
  const urls = readFileSync(path.join(folder, "urls"), "utf8").split("\n");
  const pg = path.join(folder, "postgresql");
  const my = path.join(folder, "mariadb/socket");
  const [port] = /(?<=:)\d+(?=\/demo$)/.exec(urls[0]);
  const feeds = {
    postgresql: (sql, database = name) => feed("psql", ["-X", "-q", "-At",
      "-v", "ON_ERROR_STOP=1", "-h", pg, "-p", port, "-U", "admin",
      "-d", database], sql),
    mariadb: (sql, database = name) => feed("mariadb", ["--no-defaults", "-N",
      "-u", "root", "-S", my, "--local-infile=1",
      "--default-character-set=utf8mb4", database], sql),
  };
  return Object.fromEntries(Object.entries(feeds).map(([family, exec], i) => {
    exec(`CREATE DATABASE ${name}${i ? "" : " OWNER dalpuri"}`, "demo");
    return [family, { name: family, exec: (sql) => exec(sql),
      url: urls[i].replace(/demo$/, name),
      pidFile: path.join(folder, family, i ? "pid" : "postmaster.pid"),
      statements: () => statementsOf(folder, family, name) }];
  }));
}

// Everybody may read and write what the admin makes.
const grants = `GRANT ALL ON SCHEMA public TO dalpuri;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO dalpuri;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO dalpuri;`;

async function startOnce() {
  const s = open(process.env.DALPURI_SERVERS || await startServers());
  const file = demoDatabase();
  const tables = tablesOf(file);
  s.postgresql.exec(grants);
  for (const [name, family] of Object.entries(families)) {
    const head = name === "mariadb" ? "SET foreign_key_checks = 0;\n" : "";
    s[name].exec(head + copySql(tables, family, path.dirname(file)));
  }
  const lite = { name: "sqlite", url: `file:${file}`,
    exec: (sql) => feed("sqlite3", ["-bail", file], sql),
    statements: () => [] };
  return [lite, s.postgresql, s.mariadb];
}

let servers;

// [{ name, url, exec(sql), statements(), pidFile }]: exec runs SQL as an admin
// and gives what it prints; statements() are those that the gateway has sent;
// pidFile begins with the server's process id.
export function databases() {
  servers ??= startOnce();
  return servers;
}
