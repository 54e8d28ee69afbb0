// Goal: each of the 81 relations gives exactly the rows that plain SQL gives,
// read by another program and joined here.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { databases } from "./databases.mjs";
import { call, demoDatabase, scenario, sql, top } from "./lib.mjs";

// A small reader of our own schema file: enough for its own formatting.
function readSchema() {
  const models = new Map();
  let model;
  const text = readFileSync(path.join(top, "conf/schema.prisma"), "utf8");
  for (const raw of text.split("\n")) {
    const line = raw.replace(/^\s*\/\/.*/, "").trim();
    let m;
    if ((m = /^model (\w+)/.exec(line))) {
      model = { name: m[1], table: m[1], fields: new Map(), relations: [] };
      models.set(m[1], model);
    } else if (line === "}") {
      model = undefined;
    } else if (model && (m = /^@@map\("(.+)"\)/.exec(line))) {
      model.table = m[1];
    } else if (model && (m = /^(\w+)\s+(\w+)(\[\]|\?)?(.*)$/.exec(line))) {
      const [, name, type, mark, rest] = m;
      const fields = /fields:\s*\[([^\]]+)\]/.exec(rest)?.[1];
      const references = /references:\s*\[([^\]]+)\]/.exec(rest)?.[1];
      const tag = /@relation\((?:name:\s*)?"([^"]+)"/.exec(rest)?.[1];
      model.fields.set(name, { name, type, list: mark === "[]",
        id: /@id\b/.test(rest),
        column: /@map\("([^"]+)"\)/.exec(rest)?.[1] ?? name,
        fields, references, tag });
    }
  }
  for (const m of models.values()) {
    m.key = [...m.fields.values()].find((f) => f.id)?.name;
    for (const f of [...m.fields.values()]) {
      if (!models.has(f.type)) continue;
      m.fields.delete(f.name);
      m.relations.push(f);
    }
  }
  return models;
}

const models = readSchema();

// Where a relation's rows are found: [own field, target field].
function keysOf(model, relation) {
  if (relation.fields) return [relation.fields.trim(), relation.references.trim()];
  const other = models.get(relation.type).relations.find((r) =>
    r.fields && r.type === model.name && r.tag === relation.tag &&
    (r !== relation));
  return [other.references.trim(), other.fields.trim()];
}

const collectors = { Company: "fetchCompanies", Member: "fetchMembers",
  ProductCatalog: "fetchProducts", SoOpportunity: "fetchOpportunities",
  Contact: "fetchContacts" };

const served = { ProductCategory: 1, ProductSubcategory: 2,
  ProductManufacturer: 1, ProductCatalog: 4, ProductInventory: 1,
  ItemVendor: 1, Company: 20, SoOpportunity: 27, Member: 20, Contact: 4 };

// key -> rows of a table as { id, fk }, in primary-key order
function index(file, model, field) {
  const f = model.fields.get(field);
  const key = model.fields.get(model.key);
  const out = new Map();
  for (const row of sql(file, `SELECT "${f.column}" k, "${key.column}" id ` +
      `FROM "${model.table}" ORDER BY "${key.column}"`)) {
    if (row.k === null) continue;
    if (!out.has(row.k)) out.set(row.k, []);
    out.get(row.k).push(row.id);
  }
  return out;
}

// The path by which a model without a collector of its own is reached.
const paths = { ProductCategory: ["fetchProducts", "subcategory", "category"],
  ProductSubcategory: ["fetchProducts", "subcategory"],
  ProductManufacturer: ["fetchProducts", "manufacturer"],
  ProductInventory: ["fetchProducts", "inventory"],
  ItemVendor: ["fetchProducts", "itemVendors"] };

const nest = (steps, leaf) => steps.reduceRight((inner, step) =>
  ({ select: { [step]: inner } }), leaf);
const dig = (value, steps) => steps.reduce((rows, step) =>
  rows.flatMap((row) => row[step] ?? []), value);

async function eachRelation(gw) {
  const socket = await gw.socket();
  let seen = 0;
  for (const [name, count] of Object.entries(served)) {
    const model = models.get(name);
    assert.equal(model.relations.length, count, `relations of ${name}`);
    for (const relation of model.relations) {
      const target = models.get(relation.type);
      const [own, far] = keysOf(model, relation);
      const found = index(demoDatabase(), target, far);
      const leaf = { select: { [own]: true, [relation.name]:
        { select: { [target.key]: true } } } };
      const [event, ...steps] = paths[name] ?? [collectors[name]];
      const options = steps.length ? nest(steps, leaf) : leaf;
      const answer = await call(socket, event, options);
      const what = `${name}.${relation.name}`;
      assert.equal(answer.success, true, `${what}: ${answer.error}`);
      const rows = dig(answer.data, steps);
      assert.ok(rows.length > 0, what);
      let filled = 0;
      for (const row of rows) {
        const ids = row[own] === null ? [] : found.get(row[own]) ?? [];
        const got = row[relation.name];
        if (relation.list)
          assert.deepEqual(got.map((r) => r[target.key]), ids, what);
        else
          assert.deepEqual(got, ids.length ? { [target.key]: ids[0] } : null,
            what);
        filled += ids.length;
      }
      assert.ok(filled > 0, `${what} is filled in the demo database`);
      seen++;
    }
  }
  assert.equal(seen, 81);
}

async function nested(gw) {
  const socket = await gw.socket();
  const plain = await call(socket, "fetchProducts");
  const scalars = Object.keys(plain.data[0]);
  const { data } = await call(socket, "fetchProducts", { include: {
    subcategory: { include: { category: { include: {
      subcategories: true } } } }, manufacturer: true } });
  assert.deepEqual(Object.keys(data[0]),
    [...scalars, "subcategory", "manufacturer"]);
  const row = data.find((r) => r.subcategory?.category);
  assert.ok(row.subcategory.category.subcategories.some((s) =>
    s.ivSubcatRecId === row.subcategory.ivSubcatRecId));
  const arrays = await call(socket, "fetchProducts",
    { include: ["subcategory", "manufacturer"] });
  const objects = await call(socket, "fetchProducts",
    { include: { subcategory: true, manufacturer: true } });
  assert.deepEqual(arrays, objects);
}

async function batches(gw) {
  const options = { include: { childCompanies: { include: {
    opportunityCompanies: { select: { opportunityName: true, contact: {
      include: { opportunityContacts: true } } } } } },
    parentCompany: true, opportunityBillToCompanies: true } };
  const ask = async () => {
    const socket = await gw.socket();
    const answer = await call(socket, "fetchCompanies", options);
    assert.equal(answer.success, true, answer.error);
    return answer;
  };
  const large = await ask();
  for (const limits of ["batch_rows = 1", "batch_rows = 7",
    "batch_bytes = 16K"]) {
    gw.writeConf({ ...gw.options, limits });
    const before = gw.log.length;
    gw.child.kill("SIGHUP");
    await new Promise((done) => setTimeout(done, 1500));
    assert.ok(gw.log.length > before);
    assert.deepEqual(await ask(), large, limits);
  }
}

for (const { name, url } of await databases()) {
  const options = { url, database: false, timeout: 120000 };
  scenario(`${name}: each of the 81 relations`, options, eachRelation);
  scenario(`${name}: include gives every scalar, and nests to any depth`,
    options, nested);
  scenario(`${name}: small batches and large ones give the same rows`,
    options, batches);
}
