// Goal: a schema written from a database that nobody here has designed reads
// every table of it, a second run adds what is new and keeps what a person has
// changed, and check --live names each place where schema and database differ.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after } from "node:test";
import { TdsServer } from "../tds/server.mjs";
import { databases } from "./databases.mjs";
import { call, environment, program, scenario, until }
  from "./lib.mjs";

const engine = process.env.TDS_ENGINE ?? path.resolve(program,
  "../../tests/tds/engine");

// A music shop and a film rental, with all that makes introspection hard.
const script = ({ quote: q, types: t, tail, enums, generated }) => `
${enums.before ?? ""}
CREATE TABLE ${q("Artist")} (${q("ArtistId")} ${t.serial}, ${q("Name")} ${t.text}(120))${tail};
CREATE TABLE ${q("Album")} (${q("AlbumId")} ${t.serial}, ${q("Title")} ${t.text}(160) NOT NULL,
  ${q("ArtistId")} ${t.int} NOT NULL,
  FOREIGN KEY (${q("ArtistId")}) REFERENCES ${q("Artist")} (${q("ArtistId")}))${tail};
CREATE TABLE ${q("Track")} (${q("TrackId")} ${t.serial}, ${q("Name")} ${t.text}(200) NOT NULL,
  ${q("AlbumId")} ${t.int}, ${q("UnitPrice")} ${t.decimal}(10,2) DEFAULT 0.99 NOT NULL,
  ${q("Milliseconds")} ${t.int} NOT NULL,
  FOREIGN KEY (${q("AlbumId")}) REFERENCES ${q("Album")} (${q("AlbumId")}))${tail};
CREATE TABLE ${q("Playlist Track")} (${q("Playlist Id")} ${t.int} NOT NULL, ${q("Track Id")} ${t.int} NOT NULL,
  PRIMARY KEY (${q("Playlist Id")}, ${q("Track Id")}),
  FOREIGN KEY (${q("Track Id")}) REFERENCES ${q("Track")} (${q("TrackId")}))${tail};
CREATE TABLE ${q("Listening")} (${q("Id")} ${t.serial}, ${q("PlaylistId")} ${t.int}, ${q("TrackId")} ${t.int},
  FOREIGN KEY (${q("PlaylistId")}, ${q("TrackId")})
  REFERENCES ${q("Playlist Track")} (${q("Playlist Id")}, ${q("Track Id")}))${tail};
CREATE TABLE ${q("Employee")} (${q("EmployeeId")} ${t.serial}, ${q("LastName")} ${t.text}(20) NOT NULL,
  ${q("ReportsTo")} ${t.int}, ${q("Hired")} ${t.moment},
  FOREIGN KEY (${q("ReportsTo")}) REFERENCES ${q("Employee")} (${q("EmployeeId")}))${tail};
CREATE TABLE language (language_id ${t.serial}, name ${t.text}(20) NOT NULL)${tail};
CREATE TABLE film (film_id ${t.serial}, title ${t.text}(128) NOT NULL, language_id ${t.int} NOT NULL,
  original_language_id ${t.int}, rating ${enums.type}, length ${t.int},
  FOREIGN KEY (language_id) REFERENCES language (language_id),
  FOREIGN KEY (original_language_id) REFERENCES language (language_id))${tail};
CREATE TABLE film_text (film_id ${t.int} NOT NULL PRIMARY KEY, description ${t.long},
  FOREIGN KEY (film_id) REFERENCES film (film_id))${tail};
CREATE TABLE ${q("class")} (${q("id")} ${t.serial}, ${q("2nd name")} ${t.text}(20), ${q("AND")} ${t.int},
  ${q("größe")} ${t.int}, ${q("select")} ${t.text}(9), ${q("twice")} ${generated})${tail};
CREATE TABLE ${q("log line")} (${q("at")} ${t.moment}, ${q("text")} ${t.text}(99))${tail};
CREATE TABLE ${q("code")} (${q("number")} ${t.int} NOT NULL, ${q("area")} ${t.text}(9) NOT NULL,
  CONSTRAINT code_key UNIQUE (${q("area")}, ${q("number")}))${tail};
CREATE INDEX film_title ON film (title);
CREATE VIEW album_length AS SELECT a.${q("Title")} AS title, SUM(t.${q("Milliseconds")}) AS total
  FROM ${q("Album")} a JOIN ${q("Track")} t ON t.${q("AlbumId")} = a.${q("AlbumId")} GROUP BY a.${q("Title")};
INSERT INTO ${q("Artist")} (${q("ArtistId")}, ${q("Name")}) VALUES (1, 'Ada'), (2, 'Bo');
INSERT INTO ${q("Album")} (${q("AlbumId")}, ${q("Title")}, ${q("ArtistId")}) VALUES (1, 'One', 1), (2, 'Two', 1);
INSERT INTO ${q("Track")} (${q("TrackId")}, ${q("Name")}, ${q("AlbumId")}, ${q("Milliseconds")}, ${q("UnitPrice")}) VALUES
  (1, 't1', 1, 1000, 0.99), (2, 't2', 1, 2000, 0.99), (3, 't3', 2, 500, 0.99);
INSERT INTO ${q("Playlist Track")} (${q("Playlist Id")}, ${q("Track Id")}) VALUES (7, 1), (7, 3);
INSERT INTO ${q("Listening")} (${q("Id")}, ${q("PlaylistId")}, ${q("TrackId")}) VALUES (1, 7, 3), (2, NULL, 3);
INSERT INTO ${q("Employee")} (${q("EmployeeId")}, ${q("LastName")}, ${q("ReportsTo")}) VALUES (1, 'Boss', NULL), (2, 'Aide', 1);
INSERT INTO language (language_id, name) VALUES (1, 'English'), (2, 'Italian');
INSERT INTO film (film_id, title, language_id, original_language_id, rating) VALUES (1, 'Roma', 1, 2, 'NC-17');
INSERT INTO film_text (film_id, description) VALUES (1, 'long');
INSERT INTO ${q("class")} (${q("id")}, ${q("2nd name")}, ${q("AND")}, ${q("größe")}, ${q("select")}) VALUES (1, 'x', 1, 2, 's');
INSERT INTO ${q("log line")} (${q("text")}) VALUES ('hello');
INSERT INTO ${q("code")} (${q("number")}, ${q("area")}) VALUES (5, 'N');
`;

const ansi = (s) => `"${s}"`;
const tick = (s) => `\`${s}\``;
const bracket = (s) => `[${s}]`;
const twice = (q, type) => `${type} GENERATED ALWAYS AS (${q("größe")} * 2) STORED`;
const families = {
  sqlite: { quote: ansi, tail: "", enums: { type: "VARCHAR(5)" },
    types: { serial: "INTEGER PRIMARY KEY", int: "INTEGER", text: "NVARCHAR",
      long: "TEXT", decimal: "NUMERIC", moment: "DATETIME" },
    generated: twice(ansi, "INTEGER"),
    // What every native type becomes: declaration, then the member's type.
    native: { INTEGER: "Int?", INT: "Int?", TINYINT: "Int?", BIGINT: "BigInt?",
      "UNSIGNED BIG INT": "BigInt?", "CHARACTER(20)": "String?", CLOB: "String?",
      TEXT: "String?", BLOB: "Bytes?", REAL: "Float?", "DOUBLE PRECISION":
      "Float?", FLOAT: "Float?", "DECIMAL(10,5)": "Decimal?", BOOLEAN:
      "Boolean?", DATE: "DateTime?", DATETIME: "DateTime?", JSON: "Json?",
      GEOMETRY: 'Unsupported("GEOMETRY")?', "INTEGER NOT NULL DEFAULT 7":
      "Int @default(7)", "TEXT NOT NULL DEFAULT 'it''s \"so\"'":
      'String @default("it\'s \\"so\\"")' } },
  postgresql: { quote: ansi, tail: "", enums: { type: "mpaa_rating",
      before: "CREATE TYPE mpaa_rating AS ENUM ('G', 'PG', 'NC-17');" },
    types: { serial: "serial PRIMARY KEY", int: "integer",
      text: "varchar", long: "text", decimal: "numeric", moment: "timestamptz" },
    generated: twice(ansi, "integer"),
    before: "CREATE DOMAIN year AS integer; CREATE TYPE mood AS ENUM ('ok', 'so so');",
    native: { smallint: "Int? @db.SmallInt", integer: "Int?", bigint: "BigInt?",
      boolean: "Boolean?", real: "Float? @db.Real", "double precision": "Float?",
      "numeric(12,4)": "Decimal? @db.Decimal(12, 4)", numeric:
      "Decimal? @db.Decimal", money: "Decimal? @db.Money", text: "String?",
      "varchar(50)": "String? @db.VarChar(50)", varchar: "String? @db.VarChar",
      "char(3)": "String? @db.Char(3)", uuid: "String? @db.Uuid", inet:
      "String? @db.Inet", xml: "String? @db.Xml", "bit(4)": "String? @db.Bit(4)",
      "bit varying(9)": "String? @db.VarBit(9)", json: "Json? @db.Json",
      jsonb: "Json?", bytea: "Bytes?", date: "DateTime? @db.Date",
      "time(2)": "DateTime? @db.Time(2)", timetz: "DateTime? @db.Timetz",
      "timestamp(3)": "DateTime? @db.Timestamp(3)", timestamptz:
      "DateTime? @db.Timestamptz", "text[]": "String[]", "integer[]": "Int[]",
      year: "Int?", mood: "mood?", "mood[]": "mood[]", interval:
      'Unsupported("interval")?', point: 'Unsupported("point")?', tsvector:
      'Unsupported("tsvector")?', "mood NOT NULL DEFAULT 'so so'":
      "mood @default(so_so)", "integer NOT NULL DEFAULT -1": "Int @default(-1)",
      "boolean NOT NULL DEFAULT true": "Boolean @default(true)",
      "timestamptz NOT NULL DEFAULT now()":
      "DateTime @default(now()) @db.Timestamptz" } },
  mariadb: { quote: tick, tail: " ENGINE=InnoDB DEFAULT CHARSET utf8mb4",
    enums: { type: "ENUM('G', 'PG', 'NC-17')" },
    types: { serial: "int AUTO_INCREMENT PRIMARY KEY", int: "int",
      text: "varchar", long: "text", decimal: "decimal", moment: "datetime" },
    generated: twice(tick, "int"),
    native: { tinyint: "Int? @db.TinyInt", "tinyint(1)": "Boolean?", boolean:
      "Boolean?", smallint: "Int? @db.SmallInt", mediumint: "Int? @db.MediumInt",
      int: "Int?", "int unsigned": "Int? @db.UnsignedInt", bigint: "BigInt?",
      "bigint unsigned": "BigInt? @db.UnsignedBigInt", year: "Int? @db.Year",
      "bit(1)": "Boolean? @db.Bit(1)", "bit(8)": "Bytes? @db.Bit(8)", float:
      "Float? @db.Float", double: "Float?", "decimal(12,4)":
      "Decimal? @db.Decimal(12, 4)", "char(3)": "String? @db.Char(3)",
      "varchar(50)": "String? @db.VarChar(50)", text: "String? @db.Text",
      longtext: "String? @db.LongText", "binary(4)": "Bytes? @db.Binary(4)",
      "varbinary(40)": "Bytes? @db.VarBinary(40)", blob: "Bytes? @db.Blob",
      longblob: "Bytes?", date: "DateTime? @db.Date", time: "DateTime? @db.Time",
      "datetime(3)": "DateTime? @db.DateTime(3)", "timestamp(3) NULL":
      "DateTime? @db.Timestamp(3)", "set('a','b')": "String?", "enum('a b','c')":
      "native_c28?", point: 'Unsupported("point")?', "int NOT NULL DEFAULT 7":
      "Int @default(7)", "varchar(9) NOT NULL DEFAULT 'x'":
      'String @default("x") @db.VarChar(9)' } },
  sqlserver: { quote: bracket, tail: "", enums: { type: "varchar(5)" },
    types: { serial: "int IDENTITY(1,1) PRIMARY KEY", int: "int",
      text: "nvarchar", long: "nvarchar(max)", decimal: "decimal",
      moment: "datetime2" },
    generated: "int",
    native: { tinyint: "Int? @db.TinyInt", smallint: "Int? @db.SmallInt", int:
      "Int?", bigint: "BigInt?", bit: "Boolean?", real: "Float? @db.Real",
      float: "Float?", money: "Float? @db.Money", "decimal(12,4)":
      "Decimal? @db.Decimal(12, 4)", "char(3)": "String? @db.Char(3)",
      "varchar(50)": "String? @db.VarChar(50)", "varchar(max)":
      "String? @db.VarChar(Max)", "nvarchar(50)": "String? @db.NVarChar(50)",
      "nvarchar(max)": "String? @db.NVarChar(Max)", uniqueidentifier:
      "String? @db.UniqueIdentifier", "varbinary(40)":
      "Bytes? @db.VarBinary(40)", "varbinary(max)": "Bytes? @db.VarBinary(Max)",
      date: "DateTime? @db.Date", datetime: "DateTime? @db.DateTime", datetime2:
      "DateTime?", datetimeoffset: "DateTime? @db.DateTimeOffset", time:
      "DateTime? @db.Time" } },
};

let tds;
after(() => tds?.stop());

// A database with the tables of above: { url, exec }.
async function open(name, folder, text = script(families[name])) {
  if (name === "sqlite") {
    const file = path.join(folder, "shop.db");
    const exec = (sql) => execFileSync("sqlite3", ["-bail", file],
      { input: sql, encoding: "utf8" });
    exec(text);
    return { url: `file:${file}`, exec };
  }
  if (name === "sqlserver") {
    tds ??= await TdsServer.start({ program: engine });
    for (const statement of text.split(/;\n/).filter((s) => s.trim()))
      await tds.exec(statement);
    return { url: tds.url, exec: (sql) => tds.exec(sql) };
  }
  const db = (await databases()).find((d) => d.name === name);
  db.exec(text);
  return db;
}

// Not spawnSync: a server of this process may have to answer it.
const run = (gw, args) => new Promise((done) => {
  execFile(program, args,
    { cwd: gw.folder, timeout: 60000, env: environment() },
    (error, out, err) => done({ status: error?.code ?? 0, out, err }));
});

// The block of a model without its alignment.
const block = (schema, name) => {
  const m = new RegExp(`^(?:model|view|enum) ${name} \\{\n([^}]*)\\}`, "m")
    .exec(schema);
  assert.ok(m, `no block ${name} in\n${schema}`);
  return m[1].split("\n").map((l) => l.trim().replace(/\s+/g, " "))
    .filter(Boolean);
};
const member = (schema, model, name) => block(schema, model)
  .find((l) => l.startsWith(`${name} `));

// Collectors for these models, and answers of a gateway on the schema.
async function ask(gw, url, schema, requests) {
  const folder = path.join(gw.folder, "collectors");
  await gw.stop();
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  for (const [event] of requests)
    writeFileSync(path.join(folder, `${event}.collector`),
      `model = ${event}\n`);
  writeFileSync(path.join(gw.folder, "schema.prisma"), schema);
  writeFileSync(gw.conf, readFileSync(gw.conf, "utf8").replace(
    '"file:demo.db"', () => JSON.stringify(url).replaceAll("$", "\\$")));
  gw.spawn(["-c", gw.conf], {});
  await until(() => gw.exit !== undefined || gw.answers(), "it listens");
  const socket = await gw.socket();
  for (const [event, options, data] of requests) {
    const answer = await call(socket, event, options);
    assert.equal(answer.success, true, `${event}: ${JSON.stringify(answer)}`);
    assert.deepEqual(answer.data, data, event);
  }
}

// The same of every family.
function checkNames(text, name) {
  const schema = text.replaceAll(", onDelete: NoAction, onUpdate: NoAction", "");
  assert.equal(member(schema, "Album", "Artist"), "Artist Artist " +
    "@relation(fields: [ArtistId], references: [ArtistId])");
  assert.match(member(schema, "Artist", "Album"), /^Album Album\[\]$/);
  // itself, and two keys to one table
  assert.match(member(schema, "Employee", "ReportsTo_Employee"),
    /^ReportsTo_Employee Employee\? @relation\("Employee_ReportsTo_Employee", /);
  assert.equal(member(schema, "Employee", "Employee_by_ReportsTo"),
    'Employee_by_ReportsTo Employee[] @relation("Employee_ReportsTo_Employee")');
  assert.match(member(schema, "film", "language"),
    /^language language @relation\("film_language", fields: \[language_id\]/);
  assert.match(member(schema, "film", "original_language"),
    /^original_language language\? /);
  assert.match(member(schema, "language", "film_by_original_language"),
    /^film_by_original_language film\[\] /);
  // compound keys, names with blanks, one to one
  assert.match(member(schema, "Listening", "Playlist_Track"), new RegExp(
    "fields: \\[PlaylistId, TrackId\\], references: \\[Playlist_Id, Track_Id\\]"));
  const line = block(schema, "Playlist_Track");
  assert.equal(line[0], 'Playlist_Id Int @map("Playlist Id")');
  assert.ok(line.includes("@@id([Playlist_Id, Track_Id])"));
  assert.ok(line.includes('@@map("Playlist Track")'));
  assert.equal(member(schema, "film", "film_text"), "film_text film_text?");
  // words that are taken, and letters that no name may have
  assert.match(member(schema, "class_", "AND_"), /Int\? @map\("AND"\)$/);
  assert.match(member(schema, "class_", "x2nd_name"), /@map\("2nd name"\)/);
  assert.match(member(schema, "class_", "gr_e"), /@map\("größe"\)$/);
  assert.ok(member(schema, "class_", "select"));
  assert.equal(member(schema, "class_", "twice"), "twice Int?");
  // rows without a key can be read, too
  assert.match(schema, /^view log_line \{$/m);
  assert.match(schema, /^view album_length \{$/m);
  assert.ok(block(schema, "code").includes("@@unique([area, number])"));
  assert.match(member(schema, "Track", "UnitPrice"), /^UnitPrice Decimal /);
  assert.match(member(schema, "Track", "TrackId"),
    /^TrackId Int @id @default\(autoincrement\(\)\)$/);
  if (families[name].enums.type.startsWith("v") ||
      families[name].enums.type.startsWith("V")) return;
  assert.deepEqual(block(schema, `${name === "mariadb" ? "film" : "mpaa"}_rating`),
    ["G", "PG", 'NC_17 @map("NC-17")']);
}

const asked = (name) => [
  ["Artist", { include: { Album: { include: { Track: { select: { Name: true } } } } } },
    [{ ArtistId: 1, Name: "Ada", Album: [
      { AlbumId: 1, Title: "One", ArtistId: 1,
        Track: [{ Name: "t1" }, { Name: "t2" }] },
      { AlbumId: 2, Title: "Two", ArtistId: 1, Track: [{ Name: "t3" }] }] },
    { ArtistId: 2, Name: "Bo", Album: [] }]],
  ["Employee", { select: { LastName: true, Employee_by_ReportsTo: {
    select: { LastName: true } }, ReportsTo_Employee: { select: { LastName: true } } } },
  [{ LastName: "Boss", Employee_by_ReportsTo: [{ LastName: "Aide" }],
    ReportsTo_Employee: null }, { LastName: "Aide", Employee_by_ReportsTo: [],
    ReportsTo_Employee: { LastName: "Boss" } }]],
  ["Listening", { select: { Playlist_Track: { select: { Playlist_Id: true } } } },
    [{ Playlist_Track: { Playlist_Id: 7 } }, { Playlist_Track: null }]],
  ["film", { select: { rating: true, original_language: { select: { name: true } },
    film_text: { select: { description: true } } } },
  [{ rating: ["mariadb", "postgresql"].includes(name) ? "NC_17" : "NC-17",
    original_language: { name: "Italian" }, film_text: { description: "long" } }]],
  ["class_", { select: ["AND_", "gr_e", "x2nd_name", "select"] },
    [{ AND_: 1, gr_e: 2, x2nd_name: "x", select: "s" }]],
  ["log_line", { select: { text: true } }, [{ text: "hello" }]],
  ["album_length", { select: { title: true }, where: { title: "One" } },
    [{ title: "One" }]],
  ["code", {}, [{ number: 5, area: "N" }]],
];

for (const name of Object.keys(families))
  scenario(`introspect ${name}`, { timeout: 180000 }, async (gw) => {
    const db = await open(name, gw.folder);
    const first = await run(gw, ["introspect", "-u", db.url]);
    assert.equal(first.status, 0, first.err);
    assert.match(first.err, /log_line: the table has no key/);
    checkNames(first.out, name);
    assert.ok(!first.out.includes("s;e}c") && !first.err.includes("s;e}c"));
    await ask(gw, db.url, first.out, asked(name));
    const check = await run(gw, ["check", "--live", "-c", gw.conf]);
    assert.equal(check.status, 0, check.out + check.err);
    assert.equal(/^warning: the login has the right INSERT on /m
      .test(check.out), ["postgresql", "mariadb"].includes(name), check.out);
    await again(gw, db, name, first.out);
  });

// Every native type: its declaration, and the member that it becomes.
for (const [name, family] of Object.entries(families))
  scenario(`native types of ${name}`, { timeout: 180000 }, async (gw) => {
    const all = Object.entries(family.native);
    const db = await open(name, gw.folder, `${family.before ?? ""}
      CREATE TABLE native (id ${family.types.int} NOT NULL PRIMARY KEY, ${all.map(
        ([type], i) => `c${i} ${type}`).join(",\n")});`);
    const { status, out, err } = await run(gw, ["introspect", "-u", db.url]);
    assert.equal(status, 0, err);
    for (const [i, [type, wanted]] of all.entries())
      assert.equal(member(out, "native", `c${i}`), `c${i} ${wanted}`, type);
  });

scenario("check --live names each difference", {}, async (gw) => {
  const file = path.join(gw.folder, "schema.prisma");
  const good = await run(gw, ["check", "--live", "-c", gw.conf]);
  assert.equal(good.status, 0, good.out + good.err);
  writeFileSync(path.join(gw.folder, "collectors/fetchMembers.collector"),
    "model = Thing\n");
  for (const name of ["Companies", "Contacts", "Opportunities", "Products"])
    rmSync(path.join(gw.folder, `collectors/fetch${name}.collector`));
  execFileSync("sqlite3", [gw.database], { input: `CREATE TABLE thing (
    id INTEGER, name TEXT, price DECIMAL(9,2) NOT NULL, more TEXT,
    other INTEGER);` });
  writeFileSync(file, `model Thing {
  id Int @id
  name String
  price Boolean[]
  missing Int? @map("moer")
  otherId Int? @map("other")
  other Other? @relation(fields: [otherId], references: [id])
  @@map("thing")
}
model Other {
  id Int @id
  things Thing[]
  @@map("thign")
}
`);
  const bad = await run(gw, ["check", "--live", "-c", gw.conf]);
  assert.equal(bad.status, 1, bad.err);
  for (const [line, what] of [
    [2, 'Thing.id: is required, but column "id" of table "thing" may be NULL'],
    [2, 'Thing.id: says that (id) is unique, table "thing" has no such key'],
    [3, 'Thing.name: is required, but column "name" of table "thing" may'],
    [4, 'Thing.price: Boolean[] does not fit: column "price" of table "thing"'],
    [5, 'Thing.missing: column "moer" of table "thing" is not there, or the ' +
      'login may not read it; did you mean "more"?'],
    [10, 'Other: table "thign" is not there, or the login may not read it; ' +
      'did you mean "thing"?']])
    assert.ok(bad.out.includes(`\n${file}:${line}: ${what}`),
      `${what} in\n${bad.out}`);
  assert.match(bad.out, /^note: .*: column "more" \(TEXT\) of table "thing" is not in/m);
  assert.match(bad.out, /^note: .*: table "Company" is not in the schema$/m);

  rmSync(gw.database);
  const down = await run(gw, ["check", "--live", "-c", gw.conf]);
  assert.equal(down.status, 69);
  assert.match(down.err, /^dalpuri check: .*demo\.db/);
});

scenario("introspect says what is wrong", {}, async (gw) => {
  const file = path.join(gw.folder, "broken.prisma");
  execFileSync("sqlite3", [path.join(gw.folder, "empty.db"), "VACUUM"]);
  const empty = await run(gw, ["introspect", "-u", "file:empty.db"]);
  assert.equal(empty.status, 0, empty.err);
  assert.match(empty.err, /^note: the database has no table /);
  for (const [args, status, words] of [
    [["-u", "file:absent.db"], 69, /absent\.db/],
    [["-u", "postgresql://u:secret@127.0.0.1:1/d"], 69,
      /^dalpuri introspect: .*refused.*\[08001\]\n$/],
    [["-u", "oracle://x"], 69, /./],
    [[], 78, /no database: give -u, set DATABASE_URL/],
    [["-c", "absent.conf"], 78, /absent\.conf/],
    [["-u", "file:demo.db", "-o", "no/such/folder/x"], 73, /no\/such\/folder/],
    [["-u", "file:demo.db", "-o", "broken.prisma"], 65, /broken\.prisma:1:/],
    [["-x"], 64, /usage: dalpuri introspect/]]) {
    writeFileSync(file, "modle A {}\n");
    const { status: got, out, err } = await run(gw, ["introspect", ...args]);
    assert.equal(got, status, err);
    assert.match(err, words);
    assert.ok(!`${out}${err}`.includes("secret"));
    assert.equal(readFileSync(file, "utf8"), "modle A {}\n");
  }
});

// A person has been at the file; then the database changes.
async function again(gw, db, name, schema) {
  const { quote: q, types: t } = families[name];
  const file = path.join(gw.folder, "mine.prisma");
  const edited = schema.replace(/model Album \{([^}]*)\}/,
    '/// Records.\nmodel Record {$1\n  @@map("Album")\n}\n\n// mine')
    .replace(/^( +\w+ +)Album(?=[\s?[])/gm, "$1Record")
    .replace(/^ {2}Title +String/m, '  heading String @map("Title")');
  writeFileSync(file, edited);
  const still = await run(gw, ["introspect", "-u", db.url, "-o", file]);
  assert.equal(still.status, 0, still.err);
  assert.equal(readFileSync(file, "utf8"), edited);

  // the test server for SQL Server cannot alter tables
  const alters = name !== "sqlserver";
  if (alters) {
    await db.exec(`ALTER TABLE ${q("Album")} ADD ${q("Year")} ${t.int};`);
    await db.exec(`ALTER TABLE ${q("class")} DROP COLUMN ${q("select")};`);
  }
  await db.exec(`CREATE TABLE review (review_id ${t.serial}, album_id ${t.int},
    FOREIGN KEY (album_id) REFERENCES ${q("Album")} (${q("AlbumId")}));`);
  const more = await run(gw, ["introspect", "-u", db.url, "-o", file]);
  const now = readFileSync(file, "utf8");
  assert.equal(more.status, alters ? 1 : 0, more.err);
  assert.match(member(now, "Record", "review"), /^review review\[\]$/);
  assert.match(member(now, "review", "album"), /^album Record\? @relation/);
  for (const line of edited.split("\n")) assert.ok(now.includes(line), line);
  if (!alters) return;
  assert.match(member(now, "Record", "Year"), /^Year Int\?$/);
  assert.match(more.err, new RegExp("^drift: .*mine.prisma:\\d+: class_.select: " +
    'column "select" of table "class" is not there', "m"));
  assert.match(member(now, "class_", "select"), /^select String/);
}
