// Goal: SQL Server gives the same answers as the other databases, and every
// fault of it costs one request.  It is the server of tests/tds, with the real
// driver in between.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { call, scenario, sleep } from "./lib.mjs";
import { sqlserver } from "./sqlserver.mjs";

const exact = await sqlserver({ collation: "Latin1_General_BIN2" });
const server = await sqlserver();
const strange = await sqlserver({ snapshots: false, chunk: 7 });
const all = [exact, server, strange];
test.after(() => Promise.all(all.map((s) => s.stop())));

const at = (s, extra = {}) => ({ env: { DATABASE_URL: s.url }, workers: 1,
  connections: 1, ...extra });

// Files of a gateway that serves a schema of its own.
const serves = (schema, collectors) => (gw) => {
  writeFileSync(path.join(gw.folder, "schema.prisma"), schema);
  for (const [name, text] of Object.entries(collectors))
    writeFileSync(path.join(gw.folder, "collectors", name), text);
};

// ---- values

const typeModel = `
model Ty {
  id  Int @id
  b   Boolean?
  ti  Int? @db.TinyInt
  si  Int? @db.SmallInt
  bi  BigInt?
  f   Float?
  r   Float? @db.Real
  d   Decimal? @db.Decimal(38, 10)
  m   Decimal? @db.Money
  sm  Decimal? @db.SmallMoney
  c   String? @db.Char(5)
  vc  String? @db.VarChar(20)
  nc  String? @db.NChar(4)
  nv  String?
  nm  String? @db.NVarChar(Max)
  vm  String? @db.VarChar(Max)
  t   String? @db.Text
  nt  String? @db.NText
  bn  Bytes? @db.Binary(4)
  vb  Bytes? @db.VarBinary(20)
  vbm Bytes? @db.VarBinary(Max)
  im  Bytes? @db.Image
  dt  DateTime? @db.DateTime
  sdt DateTime? @db.SmallDateTime
  dt2 DateTime?
  dto DateTime? @db.DateTimeOffset
  da  DateTime? @db.Date
  tm  DateTime? @db.Time
  u   String? @db.UniqueIdentifier
  x   String? @db.Xml
  @@map("ty")
}
`;
const header = `datasource db {\n  provider = "sqlserver"\n}\n`;
await server.exec(`CREATE TABLE [dbo].[ty] ([id] int NOT NULL IDENTITY(1,1),
  b bit, ti tinyint, si smallint, bi bigint, f float, r real, d decimal(38,10),
  m money, sm smallmoney, c char(5), vc varchar(20), nc nchar(4),
  nv nvarchar(1000), nm nvarchar(max), vm varchar(max), t text, nt ntext,
  bn binary(4), vb varbinary(20), vbm varbinary(max), im image, dt datetime,
  sdt smalldatetime, dt2 datetime2(7), dto datetimeoffset(7), da date,
  tm time(7), u uniqueidentifier, x xml,
  CONSTRAINT [PK_ty] PRIMARY KEY CLUSTERED ([id] ASC))
GO
INSERT INTO ty VALUES (1, 1, 255, 32767, 9223372036854775807, 0.1, 1.1,
  '1234567890123456789012345678.0123456789', '922337203685477.5807',
  '214748.3647', 'ab', 'é€x', N'é', N'a😀"\\', N'é😀', 'é€', 'é€', N'é😀',
  0x0102, 0x00ff, 0x, 0xdeadbeef, '2024-02-29 23:59:58.997',
  '2079-06-06 23:59:00', '9999-12-31 23:59:59.9999999',
  '2024-02-29 23:59:58.1234567 +05:30', '9999-12-31', '23:59:59.9999999',
  '6f9619ff-8b86-d011-b42d-00c04fc964ff', '<a>é😀</a>');
INSERT INTO ty VALUES (2, 0, 0, -32768, -9223372036854775808,
  -1.7976931348623157e308, -3.4028235e38,
  '-1234567890123456789012345678.0123456789', '-922337203685477.5808',
  '-214748.3648', '', '', N'', N'', N'', '', '', N'', 0x, 0x, 0x00, 0x,
  '1753-01-01', '1900-01-01', '0001-01-01', '0001-01-01 00:00:00 +00:00',
  '0001-01-01', '00:00:00', '00000000-0000-0000-0000-000000000000', '');
INSERT INTO ty (id) VALUES (3);
INSERT INTO ty (id, bi, f, r, d, nv, dt2) VALUES (4, 9007199254740993, 5e-324,
  1.17549435e-38, '0', N'x' + NCHAR(55357), '1969-12-31 23:59:59.999');
`);

const base64 = (hex) => Buffer.from(hex, "hex").toString("base64");
const nothing = Object.fromEntries(typeModel.match(/^ {2}(\w+) /gm)
  .map((s) => [s.trim(), null]));
const golden = [
  { id: 1, b: true, ti: 255, si: 32767, bi: "9223372036854775807", f: 0.1, r: 1.1,
    d: "1.2345678901234567890123456780123456789e+27", m: "922337203685477.5807",
    sm: "214748.3647", c: "ab   ", vc: "é€x", nc: "é   ", nv: 'a😀"\\', nm: "é😀",
    vm: "é€", t: "é€", nt: "é😀", bn: base64("01020000"), vb: base64("00ff"),
    vbm: "", im: base64("deadbeef"), dt: "2024-02-29T23:59:58.997Z",
    sdt: "2079-06-06T23:59:00.000Z", dt2: "9999-12-31T23:59:59.999Z",
    dto: "2024-02-29T18:29:58.123Z", da: "9999-12-31T00:00:00.000Z",
    tm: "1970-01-01T23:59:59.999Z", u: "6f9619ff-8b86-d011-b42d-00c04fc964ff",
    x: "<a>é😀</a>" },
  { id: 2, b: false, ti: 0, si: -32768, bi: "-9223372036854775808",
    f: -1.7976931348623157e308, r: -3.4028235e38,
    d: "-1.2345678901234567890123456780123456789e+27", m: "-922337203685477.5808",
    sm: "-214748.3648", c: "     ", vc: "", nc: "    ", nv: "", nm: "", vm: "",
    t: "", nt: "", bn: base64("00000000"), vb: "", vbm: base64("00"), im: "",
    dt: "1753-01-01T00:00:00.000Z", sdt: "1900-01-01T00:00:00.000Z",
    dt2: "0001-01-01T00:00:00.000Z", dto: "0001-01-01T00:00:00.000Z",
    da: "0001-01-01T00:00:00.000Z", tm: "1970-01-01T00:00:00.000Z",
    u: "00000000-0000-0000-0000-000000000000", x: "" },
  { ...nothing, id: 3 },
  { ...nothing, id: 4, bi: "9007199254740993", f: 5e-324, r: 1.1754944e-38,
    d: "0", nv: "x\ufffd", dt2: "1969-12-31T23:59:59.999Z" },
];
const types = { before: serves(header + typeModel,
  { "ty.collector": "model = Ty\nbytes = base64\n" }) };

scenario("every type at its edges", at(server, types), async (gw) => {
  const answer = await call(await gw.socket(), "ty");
  assert.equal(answer.success, true, answer.error);
  assert.deepEqual(answer.data, golden);
});

scenario("each value finds its own row", at(server, types), async (gw) => {
  const s = await gw.socket();
  const found = async (where) => {
    const a = await call(s, "ty", { select: ["id"], where });
    assert.equal(a.success, true, `${JSON.stringify(where)}: ${a.error}`);
    return a.data.map((r) => r.id);
  };
  const full = { nv: 'a😀"\\', bi: "9223372036854775807", f: 0.1, r: 1.1,
    d: "1234567890123456789012345678.0123456789", m: "922337203685477.5807",
    b: true, u: "6F9619FF-8B86-D011-B42D-00C04FC964FF", vb: base64("00ff"),
    dt: "2024-02-29T23:59:58.997Z", da: "9999-12-31T00:00:00Z",
    vc: "é€x", si: 32767, sdt: "2079-06-06T23:59:00Z" };
  for (const [field, value] of Object.entries(full)) {
    assert.deepEqual(await found({ [field]: value }), [1], field);
    if (field !== "b")
      assert.deepEqual(await found({ [field]: { in: [value] } }), [1], field);
  }
  assert.deepEqual(await found({ nv: { contains: "😀" } }), [1]);
  assert.deepEqual(await found({ nv: { contains: "%" } }), []);
  assert.deepEqual(await found({ nv: { endsWith: "\\" } }), [1]);
  assert.deepEqual(await found({ nv: null }), [3]);
  // 17 values travel as one parameter
  for (const field of ["nv", "bi", "f", "d", "u", "vb"]) {
    const list = Array.from({ length: 17 }, () => full[field]);
    if (field === "nv") list[3] = "株式会社";
    assert.deepEqual(await found({ [field]: { in: list } }), [1], field);
  }
  assert.deepEqual(server.statements.flatMap((x) => x.params)
    .filter((p) => /^(var)?char|text$/.test(p.type)).length, 0, "no text in bytes");
});

// ---- long values

scenario("megabytes in one value", at(server, types), async (gw) => {
  await server.exec(`INSERT INTO ty (id, nm, vbm, nt, vc) VALUES
    (900, @a, @b, @c, 'behind')`, [
    { name: "@a", kind: 3, value: "aé😀".repeat(500000) },
    { name: "@b", kind: 4, value: Buffer.alloc(3000001, "xyz") },
    { name: "@c", kind: 3, value: "é".repeat(100001) }]);
  const s = await gw.socket();
  for (let i = 0; i < 2; i++) {
    const a = await call(s, "ty", { where: { id: 900 } });
    assert.equal(a.success, true, a.error);
    assert.equal(a.data[0].nm, "aé😀".repeat(500000));
    assert.equal(Buffer.from(a.data[0].vbm, "base64").compare(
      Buffer.alloc(3000001, "xyz")), 0);
    assert.equal(a.data[0].nt, "é".repeat(100001));
    assert.equal(a.data[0].vc, "behind");
  }
  // around the borders of buffers
  for (const n of [127, 128, 129, 2047, 2048, 2049, 4000, 4001]) {
    await server.exec("UPDATE ty SET nm = @a WHERE id = 900",
      [{ name: "@a", kind: 3, value: "é".repeat(n) }]);
    const a = await call(s, "ty", { where: { nm: "é".repeat(n) },
      select: ["nm"] });
    assert.equal(a.data?.[0]?.nm?.length, n, `${n}: ${a.error}`);
  }
  await server.exec("DELETE FROM ty WHERE id = 900");
});

// ---- pages

// A datetime is a third of 10 ms: what is read is not what is compared.
const ticks = `
model Parent {
  id       Int @id
  moment   DateTime
  children Child[]
  @@map("parent")
}
model Child {
  id       Int @id
  parentId Int
  parent   Parent @relation(fields: [parentId], references: [id])
  @@map("child")
}
`;
await server.exec(`CREATE TABLE parent (id int PRIMARY KEY, moment datetime NOT NULL);
  CREATE TABLE child (id int PRIMARY KEY, parentId int NOT NULL
    REFERENCES parent (id));`);
await server.admin.all(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1
  FROM n WHERE i < 3000) INSERT INTO parent SELECT i,
  printf('2024-01-01 00:00:%06.3f', (i / 7) % 59 + (i % 5) * 0.0033) FROM n`);
await server.admin.all(`INSERT INTO child SELECT 10 * id, id FROM parent
  UNION ALL SELECT 10 * id + 1, id FROM parent`);

scenario("relations over pages, in the order of a datetime", at(server,
  { before: serves(header + ticks, { "parents.collector": "model = Parent\n" }) }),
async (gw) => {
  const s = await gw.socket();
  for (const sort of ["asc", "desc"]) {
    const a = await call(s, "parents", { orderBy: { moment: sort },
      include: { children: { select: { id: true } } } });
    assert.equal(a.success, true, a.error);
    assert.equal(a.data.length, 3000);
    const rows = await server.exec(`SELECT id FROM parent ORDER BY moment ${
      sort}, id`);
    assert.deepEqual(a.data.map((r) => r.id), rows.map(([id]) => id));
    for (const r of a.data)
      assert.deepEqual(r.children.map((c) => c.id), [10 * r.id, 10 * r.id + 1]);
  }
});

// ---- the same answers as from SQLite

const names = { select: { companyName: true } };
const requests = [
  undefined,
  { take: 3 }, { take: -3 }, { skip: 297 }, { take: 5, skip: 10 },
  { select: ["companyId", "companyRecId"] },
  { omit: { companyName: true }, take: 2 },
  { include: ["parentCompany", "childCompanies"] },
  { include: { childCompanies: { take: 1, skip: 1, orderBy: { companyId: "desc" } } } },
  { include: { childCompanies: { take: -1 } }, take: 40 },
  { include: { childCompanies: { distinct: ["leadFlag"] } }, take: 40 },
  { select: { companyRecId: true, opportunityCompanies: { where:
    { opportunityRecId: { gt: 50 } }, take: 2, include: { contact: true } } } },
  { orderBy: [{ leadFlag: "desc" }, { companyName: "asc" }], select: ["companyRecId"] },
  { orderBy: { phoneNbr: "asc" }, select: ["companyRecId", "phoneNbr"] },
  { orderBy: { phoneNbr: { sort: "desc", nulls: "last" } }, select: ["phoneNbr"] },
  { orderBy: { phoneNbr: { sort: "asc", nulls: "last" } }, select: ["phoneNbr"], take: 200 },
  { orderBy: { parentCompany: { companyName: "asc" } }, select: ["companyRecId"] },
  { orderBy: { childCompanies: { _count: "desc" } }, select: ["companyRecId"] },
  { distinct: ["leadFlag", "vendorFlag"], select: ["leadFlag", "vendorFlag"] },
  { distinct: ["leadFlag"], skip: 1, select: ["leadFlag", "companyRecId"] },
  { cursor: { companyRecId: 40 }, take: 4, skip: 1 },
  { cursor: { companyRecId: 40 }, take: -4, orderBy: { companyName: "asc" } },
  { cursor: { companyRecId: 99999 }, take: 4 },
  { include: { _count: true }, take: 30 },
  { select: { companyRecId: true, _count: { select: { childCompanies:
    { where: { leadFlag: true } }, opportunityCompanies: true } } } },
  { where: { companyRecId: { in: [1, 5, 7, 7, 301] } }, select: ["companyRecId"] },
  { where: { companyRecId: { notIn: Array.from({ length: 290 }, (_, i) => i + 1) } } },
  { where: { companyName: { startsWith: "Rapid" } }, select: ["companyName"] },
  { where: { companyName: { contains: "株式" } }, select: ["companyName"] },
  { where: { companyName: "Rapid Printer 株式会社" }, select: ["companyName"] },
  { where: { NOT: { leadFlag: true } }, select: ["companyRecId"] },
  { where: { OR: [{ annualRevenue: { gte: "100.5" } }, { phoneNbr: null }] },
    select: ["companyRecId", "annualRevenue"] },
  { where: { OR: [] } }, { where: { AND: [] }, take: 1 },
  { where: { defaultMarkup: { lt: 100.25, gt: 1 } }, select: ["defaultMarkup"] },
  { where: { lastUpdateUtc: { gte: "2020-01-01T00:00:00Z",
    lt: "2022-06-01T00:00:00+02:00" } }, select: ["lastUpdateUtc"] },
  { where: { parentCompany: null }, select: ["companyRecId"] },
  { where: { parentCompany: { is: { leadFlag: true } } }, select: ["companyRecId"] },
  { where: { parentCompany: { isNot: { leadFlag: true } } }, select: ["companyRecId"] },
  { where: { childCompanies: { some: { leadFlag: true } } }, select: ["companyRecId"] },
  { where: { childCompanies: { every: { leadFlag: true } } }, select: ["companyRecId"] },
  { where: { childCompanies: { none: { childCompanies: { some: {} } } } },
    select: { companyName: true, parentCompany: names } },
  { where: { leadFlag: true }, orderBy: { companyName: "desc" }, take: 5, skip: 2,
    select: { companyName: true, childCompanies: { ...names, cursor:
      { companyRecId: 50 }, take: 3 } } },
];

let expected;
scenario("what SQLite says", { workers: 1, connections: 1 }, async (gw) => {
  const s = await gw.socket();
  expected = [];
  for (const request of requests)
    expected.push(await call(s, "fetchCompanies", request));
});
for (const [name, s] of [["a server that tells case apart", exact],
  ["one that neither keeps versions nor sends whole packets", strange]])
  scenario(`the whole grammar: ${name}`, at(s), async (gw) => {
    const socket = await gw.socket();
    for (const [i, request] of requests.entries()) {
      // the other one orders and compares text in its own way
      if (s !== exact && /companyName|phoneNbr/.test(JSON.stringify(request)))
        continue;
      const a = await call(socket, "fetchCompanies", request);
      assert.equal(a.success, true, `${JSON.stringify(request)}: ${a.error}`);
      assert.equal(a.data.length, expected[i].data.length, JSON.stringify(request));
      for (const [j, row] of a.data.entries())
        assert.deepEqual(row, expected[i].data[j], `${JSON.stringify(request)} ${j}`);
    }
    for (const collector of ["fetchMembers", "fetchProducts",
      "fetchOpportunities", "fetchContacts"]) {
      const a = await call(socket, collector, { take: 20 });
      assert.equal(a.data?.length, 20, a.error);
    }
    assert.deepEqual(s.faults, []);
    for (const { sql } of s.statements)
      assert.match(sql, /^(SELECT|SET) /);
  });

scenario("50,000 values in a list", at(server), async (gw) => {
  const list = Array.from({ length: 50000 }, (_, i) => i * 2);
  const a = await call(await gw.socket(), "fetchCompanies",
    { where: { companyRecId: { in: list } }, select: ["companyRecId"] });
  assert.equal(a.data?.length, 150, a.error);
});

// ---- faults

const few = { select: ["companyRecId"], take: 2 };
const marked = /\[Company_RecID\] FROM \[Company\]/;
const rule = { number: 50001, message: "This is röd", severity: 16, state: 3, line: 7 };

scenario("errors are told and cost one request", at(server), async (gw) => {
  const s = await gw.socket();
  for (const severity of [11, 14, 16, 19]) {
    server.when(marked, { error: { ...rule, severity } });
    const a = await call(s, "fetchCompanies", few);
    assert.equal(a.success, false);
    assert.equal(a.code, "DATABASE");
    assert.match(a.error, /This is röd/);
    assert.equal((await call(s, "fetchCompanies", few)).data?.length, 2);
  }
  // a word that is no error
  server.when(marked, { info: { number: 5701, message: "by the way" } });
  assert.equal((await call(s, "fetchCompanies", few)).data?.length, 2);
  // one that the server adds to an error
  server.when(marked, { info: { number: 5701, message: "by the way" }, error: rule });
  const a = await call(s, "fetchCompanies", few);
  assert.match(a.error, /This is röd/);
});

const many = { select: { id: true, moment: true } };
const parents = at(server, { before: serves(header + ticks,
  { "parents.collector": "model = Parent\n" }) });
const fromParent = /FROM \[parent\]/;

scenario("an error after thousands of rows", parents, async (gw) => {
  const s = await gw.socket();
  for (const after of [1, 63, 64, 65, 2999]) {
    server.when(fromParent, { after, error: rule });
    const a = await call(s, "parents", many);
    assert.equal(a.success, false, `after ${after}`);
    assert.equal(a.code, "DATABASE");
    assert.match(a.error, /This is röd/);
    const next = await call(s, "parents", many);
    assert.equal(next.data?.length, 3000, `behind ${after}: ${next.error}`);
  }
});

scenario("a connection that is cut", parents, async (gw) => {
  const s = await gw.socket();
  for (const how of [{ kill: true }, { kill: true, after: 1000 },
    { error: { ...rule, severity: 20 } }]) {
    server.when(fromParent, how);
    const a = await call(s, "parents", many);
    assert.equal(a.success, false, JSON.stringify(how));
    assert.match(a.code, /^(DATABASE|WORKER_LOST)$/);
    assert.equal((await call(s, "parents", many)).data?.length, 3000);
  }
  // between two requests
  server.killAll();
  await sleep(50);
  const answers = [await call(s, "parents", many), await call(s, "parents", many)];
  assert.equal(answers[1].data?.length, 3000, answers[1].error);
});

scenario("an answer that does not come", at(server,
  { database: "query_timeout = 1s" }), async (gw) => {
  const s = await gw.socket();
  const before = server.attentions;
  server.when(marked, { hang: true });
  const a = await call(s, "fetchCompanies", few);
  assert.equal(a.success, false);
  assert.equal(a.code, "TIMEOUT", a.error);
  assert.ok(server.attentions > before, "the server was told to stop");
  assert.equal((await call(s, "fetchCompanies", few)).data?.length, 2);
  server.when(marked, { delay: 300 });
  assert.equal((await call(s, "fetchCompanies", few)).data?.length, 2);
});

// ---- connecting

const secret = "s3cret;x";
for (const [what, url, says] of [
  ["a wrong password", server.url.replace(/password=[^;]*;e\}\}c r@t\}/,
    `password={${secret}}`), /Login failed for user 'dalpuri'/],
  ["an unknown database", server.url.replace("database=demo", "database=nix"),
    /Cannot open database "nix"/],
  ["encryption that the server does not have",
    server.url.replace("encrypt=false", "encrypt=true"), /./],
])
  scenario(`refused: ${what}`, { env: { DATABASE_URL: url }, workers: 1,
    connections: 1 }, async (gw) => {
    const a = await call(await gw.socket(), "fetchCompanies", few);
    assert.equal(a.success, false);
    assert.equal(a.code, "DATABASE");
    assert.match(`${a.error}\n${gw.log}`, says);
    for (const piece of ["s3cret", "s;e", "c r@t"])
      assert.ok(!`${a.error}\n${gw.log}`.includes(piece), "no password is told");
  });

const host = `127.0.0.1:${server.port}`;
const password = "{s;e}}c r@t}";
for (const url of [
  `sqlserver://${host};initial catalog=demo;user id=dalpuri;pwd=${password};encrypt=DANGER_PLAINTEXT`,
  `SQLSERVER://${host};Database={demo};UID={dalpuri};Password=${password};trustServerCertificate=true;schema=dbo;connectionLimit=5;`,
  `Driver=FreeTDS;Server=127.0.0.1;Port=${server.port};UID=dalpuri;PWD={s;e}c r@t};Database=demo`,
  `Driver={FreeTDS};Server=127.0.0.1;Port=${server.port};UID=dalpuri;PWD={s;e}c r@t};Database=demo;TDS_Version=7.3`,
])
  scenario(`url: ${url.replace(/(password|pwd)=[^;]*;[^;]*;/i, "")}`,
    { env: { DATABASE_URL: url }, workers: 1, connections: 1 }, async (gw) => {
      server.logins.length = 0;
      const s = await gw.socket();
      const a = await call(s, "fetchCompanies", { where:
        { companyName: "Rapid Printer 株式会社" }, select: ["companyName"] });
      assert.ok(a.data?.length > 0, a.error);
      assert.equal(a.data[0].companyName, "Rapid Printer 株式会社");
      if (/^sqlserver/i.test(url))
        assert.ok(server.logins.every((l) => l.readOnly), "it intends to read only");
    });
