// Goal: what a collector's file binds cannot be widened by any option, on
// every database; what it sets are defaults; and each example of options in
// the manual is right.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { databases } from "./databases.mjs";
import { call, demoDatabase, scenario, sql, top } from "./lib.mjs";

const files = {
  bound: `model = Company
max_depth = 3
hide = { vendorFlag, Contact.notes }
where {
  Company = '{ "vendorFlag": true }'
  SoOpportunity = '{
    "company": { "is": { "vendorFlag": true } }
  }'
}`,
  paged: `model = Company
max_rows = 20
defaults = '{ "select": ["companyRecId"],
  "orderBy": { "companyRecId": "desc" }, "take": 5 }'`,
};

// What may be seen, by plain SQL.
const companies = new Map(sql(demoDatabase(), `SELECT Company_RecID AS id,
  Parent_RecID AS parent FROM Company WHERE Vendor_Flag`)
  .map(({ id, parent }) => [id, parent]));
const seen = [...companies.keys()].sort((a, b) => a - b);
const [unseen] = sql(demoDatabase(), `SELECT p.Company_RecID AS id FROM Company
  p, Company c WHERE c.Parent_RecID = p.Company_RecID AND c.Vendor_Flag AND NOT
  p.Vendor_Flag`).map(({ id }) => id);
const children = (id) => seen.filter((child) => companies.get(child) === id);

const rows = (answer) => {
  assert.equal(answer.success, true, JSON.stringify(answer).slice(0, 500));
  return answer.data;
};
const ids = (list) => list.map(({ companyRecId }) => companyRecId);

async function whoseRows(gw) {
  const socket = await gw.socket();
  const ask = async (options) => rows(await call(socket, "bound", options));
  const id = { companyRecId: true };
  const who = async (options) => ids(await ask({ select: id, ...options }));

  assert.ok(unseen !== undefined && seen.length > 20);
  for (const wide of [{}, { where: {} }, { take: -1e6 }, { where: { OR: [
    { companyRecId: { gte: -1 } }, { NOT: { companyRecId: -1 } }] } },
  { where: { NOT: { companyRecId: { in: [unseen] } } } },
  { distinct: "companyRecId" },
  { where: { childCompanies: { none: { companyRecId: unseen } } } },
  { where: { parentCompany: { isNot: { companyRecId: unseen } } } }])
    assert.deepEqual(await who(wide), seen, JSON.stringify(wide));
  for (const none of [{ where: { companyRecId: unseen } },
    { cursor: { companyRecId: unseen } },
    { where: { parentCompany: { companyRecId: unseen } } },
    { where: { parentCompany: { is: { companyRecId: unseen } } } },
    { where: { childCompanies: { some: { companyRecId: unseen } } } },
    { where: { opportunityCompanies: { some: { shipToCompany:
      { companyRecId: unseen } } } } }])
    assert.deepEqual(await who(none), [], JSON.stringify(none));

  for (const row of await ask({ include: { parentCompany: true,
    _count: { select: { childCompanies: true } },
    childCompanies: { select: { ...id, parentCompany: { select: id },
      opportunityShipToCompanies: { select: { companyRecId: true,
        company: { select: id }, billToCompany: { select: id } } } } } } })) {
    const { companyRecId, parentRecId, parentCompany } = row;
    assert.equal(parentCompany?.companyRecId ?? null,
      companies.has(parentRecId) ? parentRecId : null);
    assert.deepEqual(ids(row.childCompanies), children(companyRecId));
    assert.deepEqual(row._count,
      { childCompanies: children(companyRecId).length });
    for (const child of row.childCompanies) {
      assert.equal(child.parentCompany.companyRecId, companyRecId);
      for (const o of child.opportunityShipToCompanies) {
        assert.ok(companies.has(o.companyRecId));
        assert.equal(o.company.companyRecId, o.companyRecId);
        assert.ok(!o.billToCompany ||
          companies.has(o.billToCompany.companyRecId));
      }
    }
  }

  // Neither a count nor a field behind a relation tells of what is not seen.
  const count = (a) => children(a).length;
  assert.deepEqual(await who({ orderBy: { childCompanies: { _count: "desc" } },
  }), [...seen].sort((a, b) => count(b) - count(a) || a - b));
  const parent = (a) => (companies.has(companies.get(a)) ?
    companies.get(a) : -1);
  const byParent = await who({ orderBy:
    { parentCompany: { companyRecId: "desc" } } });
  const orphans = byParent.filter((a) => parent(a) < 0);
  assert.deepEqual(byParent.filter((a) => parent(a) > 0), seen.filter((a) =>
    parent(a) > 0).sort((a, b) => parent(b) - parent(a) || a - b));
  assert.deepEqual(orphans, [...orphans].sort((a, b) => a - b));
}

async function whatIsHidden(gw) {
  const socket = await gw.socket();
  const hidden = { vendorFlag: true };

  for (const row of rows(await call(socket, "bound", { take: 3,
    include: { opportunityCompanies: { include: { contact: true } } } }))) {
    assert.ok(!("vendorFlag" in row));
    for (const { contact } of row.opportunityCompanies)
      assert.ok(!contact || (!("notes" in contact) && "email" in contact));
  }
  for (const options of [{ select: ["vendorFlag"] }, { where: hidden },
    { select: hidden }, { omit: hidden }, { orderBy: { vendorFlag: "asc" } },
    { distinct: "vendorFlag" }, { cursor: { companyRecId: 1, ...hidden } },
    { orderBy: { parentCompany: { vendorFlag: "asc" } } },
    { where: { NOT: { parentCompany: { is: hidden } } } },
    { where: { opportunityCompanies: { some: { contact: { notes: "x" } } } } },
    { include: { childCompanies: { where: hidden } } },
    { include: { _count: { select: { childCompanies: { where: hidden } } } } },
  ]) {
    const answer = await call(socket, "bound", options);
    assert.equal(answer.success, false, JSON.stringify(options));
    assert.equal(answer.code, "UNKNOWN_FIELD", answer.error);
  }
  const { code, error } = await call(socket, "bound", { include: {
    parentCompany: { include: { parentCompany: { include: { parentCompany:
      { include: { market: true } } } } } } } });
  assert.equal(code, "LIMIT");
  assert.match(error, /max_depth/);
}

async function defaults(gw) {
  const socket = await gw.socket();
  const ask = async (options) => rows(await call(socket, "paged", options));
  const all = sql(demoDatabase(), `SELECT Company_RecID AS companyRecId FROM
    Company ORDER BY 1 DESC`);

  assert.deepEqual(await ask(), all.slice(0, 5));
  assert.deepEqual(await ask({ skip: 2, take: 3 }), all.slice(2, 5));
  assert.deepEqual(await ask({ orderBy: { companyRecId: "asc" }, take: 2 }),
    [...all].reverse().slice(0, 2));
  const whole = await ask({ include: ["market"], take: 1 });
  assert.ok("companyName" in whole[0] && "market" in whole[0]);
  assert.equal((await call(socket, "paged", { take: 21 })).code, "LIMIT");
}

// Options in the manual: lines that begin with "{ ", up to a whole object.
function examples() {
  const found = [];
  let text = "";
  for (const line of readFileSync(path.join(top, "man/dalpuri-protocol.7"),
    "utf8").replaceAll("\\e", "\\").split("\n")) {
    if (line.startsWith(".")) text = "";
    else if (text || line.startsWith("{ ")) text += line;
    if (!text) continue;
    try {
      found.push(Function(`return (${text})`)());
      text = "";
    } catch { /* it goes on in the next line */ }
  }
  return found;
}

async function manual(gw, db) {
  const socket = await gw.socket();
  const all = examples();

  assert.ok(all.length > 25);
  for (const options of all) {
    const answer = await call(socket, "fetchCompanies", options);
    if (db.name !== "postgresql" && /insensitive/.test(JSON.stringify(options)))
      assert.match(answer.error, /mode|insensitive/);
    else rows(answer);
  }
}

for (const db of await databases()) {
  const options = { url: db.url, before: (gw) => {
    for (const [name, text] of Object.entries(files))
      writeFileSync(path.join(gw.folder, "collectors", `${name}.collector`),
        text);
  } };
  scenario(`${db.name}: rows that are bound`, options, whoseRows);
  scenario(`${db.name}: fields that are withheld`, options, whatIsHidden);
  scenario(`${db.name}: defaults and bounds`, options, defaults);
  scenario(`${db.name}: the manual's examples`, options, (gw) =>
    manual(gw, db));
}
