// Goal: what SQL Server is sent is T-SQL, in the opinion of two parsers that
// know nothing of each other.  Each has gaps, which are filled here with what
// it knows.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { call, hasProgram, scenario } from "./lib.mjs";
import { sqlserver } from "./sqlserver.mjs";

const { Parser } = createRequire(import.meta.url)("node-sql-parser");
const list = Array.from({ length: 40 }, (_, i) => i);
const requests = {
  fetchCompanies: [
    {}, { take: 3, skip: 2 }, { take: -3 }, { skip: 5 },
    { where: { companyName: { contains: "[%_]" }, phoneNbr: null } },
    { where: { companyRecId: { in: list }, companyId: { notIn: list.map(String) } } },
    { where: { companyRecId: { in: [1, 2, 3] }, NOT: { leadFlag: true } } },
    { where: { annualRevenue: { in: list.map(String) }, creditLimit: { gt: "1.50" } } },
    { where: { defaultMarkup: { in: list }, lastUpdateUtc: { gt: "2020-01-01T00:00:00Z" } } },
    { where: { lastUpdateUtc: { in: list.map((i) => `2020-01-01T00:00:${10 + i}Z`) } } },
    { where: { OR: [{ parentCompany: { is: { leadFlag: true } } }, { parentCompany: null }] } },
    { where: { OR: [], AND: [] } },
    { where: { childCompanies: { some: { companyName: "x" }, every: {}, none: { leadFlag: true } } } },
    { orderBy: [{ phoneNbr: { sort: "desc", nulls: "last" } }, { companyName: "asc" }], skip: 1 },
    { orderBy: [{ parentCompany: { companyName: "asc" } }, { childCompanies: { _count: "desc" } }],
      include: { childCompanies: true } },
    { distinct: ["leadFlag", "companyName"], skip: 1, take: 4 },
    { cursor: { companyRecId: 40 }, take: 4, skip: 1, orderBy: { companyName: "asc" } },
    { cursor: { companyRecId: 40 }, take: -4, include: ["parentCompany"] },
    { include: { _count: true, childCompanies: { take: 2, skip: 1, distinct: ["leadFlag"],
      orderBy: { companyName: "desc" }, where: { leadFlag: true } } } },
    { include: { childCompanies: { cursor: { companyRecId: 40 }, take: -2 } } },
    { select: { _count: { select: { childCompanies: { where: { leadFlag: true } } } } } },
  ],
  fetchOpportunities: [{ include: ["company", "contact", "approvedByMember"] }],
  fetchProducts: [{ include: { subcategory: { include: { category: true } }, inventory: true } }],
};

// node-sql-parser takes no parameters or brackets for numbers of rows, no WITH
// behind OPENJSON and no ESCAPE.
const forNode = (sql) => sql
  .replace(/ ESCAPE '!'/g, "")
  .replace(/\bTOP \(@P\d+\)/g, "TOP 1")
  .replace(/OFFSET @P\d+ ROWS/g, "OFFSET 1 ROWS")
  .replace(/FETCH NEXT @P\d+ ROWS/g, "FETCH NEXT 1 ROWS")
  .replace(/FROM OPENJSON\(@P\d+\) WITH \(v [^']*'\$'\)/g, "FROM [list]");
// sqlfluff 1.4 has neither OFFSET nor the path in OPENJSON's WITH.
const forSqlfluff = (sql) => sql
  .replace(/ OFFSET @P\d+ ROWS( FETCH NEXT @P\d+ ROWS ONLY)?/g, "")
  .replace(/FROM OPENJSON\(@P\d+\) WITH \(v [^']*'\$'\)/g, "FROM [list]");

scenario("two parsers read what was sent", { workers: 1, connections: 1,
  timeout: 180000, skip: hasProgram("sqlfluff") ? false : "no sqlfluff",
  before(gw) {
    gw.options.env = { DATABASE_URL: gw.options.server.url };
  }, server: await sqlserver() }, async (gw, t) => {
  const { server } = gw.options;
  t.after(() => server.stop());
  const s = await gw.socket();
  for (const [name, options] of Object.entries(requests))
    for (const o of options) {
      const a = await call(s, name, o);
      assert.equal(a.success, true, `${JSON.stringify(o)}: ${a.error}`);
    }
  const sent = [...new Set(server.sent())].filter((sql) => sql.startsWith("SELECT"));
  assert.ok(sent.length > 30, `${sent.length} statements`);
  const parser = new Parser();
  for (const sql of sent)
    assert.doesNotThrow(() => parser.astify(forNode(sql),
      { database: "transactsql" }), sql);
  // ... which can say no
  assert.throws(() => parser.astify("SELECT FROM WHERE", { database: "transactsql" }));
  assert.match(unparsable(["SELECT a FROM b", "SELECT a FROM b LIMIT 1"]), /\[L: *2,/);
  assert.equal(unparsable(sent.map(forSqlfluff)), "");
});

// The parts that sqlfluff cannot parse: each statement is a line.
function unparsable(list) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dalpuri-tsql-"));
  try {
    const file = path.join(folder, "a.sql");
    writeFileSync(file, list.map((sql) => `${sql};\n`).join(""));
    execFileSync("sqlfluff", ["parse", "--dialect", "tsql", file],
      { stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 });
    return "";
  } catch (error) {
    const parts = String(error.stdout).split("\n").filter((l) => /unparsable/i.test(l));
    return parts.join("\n") || String(error.stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
