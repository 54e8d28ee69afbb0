#!/usr/bin/env node
// The data of the benchmark, the same for both databases and on every run:
//
//   seed.mjs SCHEMA.prisma small|default|large URL
//
// The schema is PostgreSQL's form, from which both learn the same values.
// URL is postgresql://... (psql copies the rows in) or file:PATH (sqlite3).
// Every table of the schema is made; those that the works ask for are filled.
// Whole numbers of 64 bits stay NULL: the original cannot answer one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { readModels, tableOf } from "./schema.mjs";

// contacts are what a million rows are asked of
const scales = {
  small: { Member: 20, Company: 50, ProductCatalog: 50, Contact: 50 },
  default: { Member: 300, Company: 2000, ProductCatalog: 10000,
    Contact: 1000 },
  large: { Member: 300, Company: 2000, ProductCatalog: 100000,
    Contact: 1000000 },
};

function countsOf(scale) {
  const products = scales[scale].ProductCatalog;
  return { ...scales[scale], ProductSubcategory: 80, ProductManufacturer: 120,
    ProductInventory: products * 2, ItemVendor: products * 2 };
}

// A stream of numbers for each table: adding a table changes no other.
function randomOf(seed) {
  let state = 2166136261;
  for (const c of seed) state = Math.imul(state ^ c.codePointAt(0), 16777619);
  return (below) => {           // splitmix32
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) % below;
  };
}

const words = ("anchor bearing cabinet dealer engine filter gasket handle " +
  "insert joint keypad lever mount nozzle outlet piston quartz relay sensor " +
  "tubing union valve washer yoke größe façade naïve smörgås 部品 деталь")
  .split(" ");

const lengths = { longDescription: 300, customerDescription: 110, notes: 70,
  memo: 160 };

function prose(random, length) {
  let text = "";
  while (text.length < length)
    text += (text ? " " : "") + words[random(words.length)];
  const special = ' "1/2"\n\\x';
  return length > 20 && random(8) === 0 ?
    text.slice(0, length - special.length) + special : text.slice(0, length);
}

const two = (n) => String(n).padStart(2, "0");
const hex = (random, digits) => Array.from({ length: digits },
  () => random(16).toString(16)).join("");

function stringValue(field, random, row) {
  const size = Number(/\((\d+)/.exec(field.native ?? "")?.[1] ?? Infinity);
  if (/^Uuid|Guid$/.test(field.native ?? field.name) ||
      /Guid$/.test(field.name))
    return [8, 4, 4, 4, 12].map((n) => hex(random, n)).join("-");
  if (/^Char/.test(field.native ?? ""))
    return "ABCDEFG"[random(7)].repeat(size);
  if (field.unique) return `${field.name.slice(0, 3).toUpperCase()}-${row}`;
  const length = Math.min(size, lengths[field.name] ?? 8 + random(24));
  return prose(random, length);
}

// A value as its text in COPY and in SQL, or null.
function valueOf(field, random, row, counts) {
  if (field.key) return String(row);
  if (field.type === "BigInt" || (field.optional && random(12) === 0))
    return null;
  switch (field.type) {
  case "Int": {
    const parent = { ivSubcatRecId: "ProductSubcategory",
      manufacturerRecId: "ProductManufacturer", ivItemRecId: "ProductCatalog",
      companyRecId: "Company" }[field.name];
    return String(parent ? 1 + random(counts[parent]) : random(1000));
  }
  case "Boolean": return String(random(2));
  case "Float": return String(random(100000) / 64);
  case "Decimal": return `${random(20000)}.${two(1 + 10 * random(9))}`;
  case "DateTime": {
    const day = `20${two(10 + random(15))}-${two(1 + random(12))}-` +
      two(1 + random(28));
    return field.native === "Date" ? `${day}T00:00:00.000+00:00` :
      `${day}T${two(random(24))}:${two(random(60))}:${two(random(60))}.` +
      `${String(random(1000)).padStart(3, "0")}+00:00`;
  }
  default: return stringValue(field, random, row);
  }
}

// The two ways to write rows down.
const copyText = (field, value) => value === null ? "\\N" :
  field.type === "Boolean" ? (value === "1" ? "t" : "f") :
  value.replace(/[\\\n\t\r]/g, (c) => `\\${{ "\n": "n", "\t": "t", "\r": "r",
    "\\": "\\" }[c]}`);
const sqlText = (field, value) => value === null ? "NULL" :
  /String|DateTime/.test(field.type) ? `'${value.replaceAll("'", "''")}'` :
  value;

function* rowsOf(model, counts) {
  const random = randomOf(model.name);
  for (let row = 1; row <= (counts[model.name] ?? 0); row++)
    yield model.fields.map((f) => valueOf(f, random, row, counts));
}

// PostgreSQL's form of the types decides about values, SQLite's about text.
function* postgresqlScript(models, counts) {
  yield "SET client_min_messages = warning;\n";
  for (const model of models) {
    const { create, finish } = tableOf(model, "postgresql");
    yield `${create.join(";\n")};\nCOPY "${model.table}" FROM STDIN;\n`;
    for (const row of rowsOf(model, counts))
      yield row.map((v, i) => copyText(model.fields[i], v)).join("\t") + "\n";
    yield `\\.\n${finish.map((s) => `${s};\n`).join("")}` +
      `VACUUM ANALYZE "${model.table}";\n`;
  }
}

function* sqliteScript(models, counts) {
  yield "PRAGMA journal_mode = OFF;\nPRAGMA synchronous = OFF;\nBEGIN;\n";
  for (const model of models) {
    const { create, finish } = tableOf(model, "sqlite");
    yield `${create.join(";\n")};\n`;
    for (const row of rowsOf(model, counts))
      yield `INSERT INTO "${model.table}" VALUES (${row.map((v, i) =>
        sqlText(model.fields[i], v)).join(",")});\n`;
    yield finish.map((s) => `${s};\n`).join("");
  }
  yield "COMMIT;\nANALYZE;\n";
}

export async function seed(schema, scale, url) {
  const models = readModels(schema), counts = countsOf(scale);
  const file = /^file:(.*)/.exec(url)?.[1];
  if (file) rmSync(file, { force: true });
  const [program, args, script] = file ?
    ["sqlite3", ["-bail", file], sqliteScript(models, counts)] :
    ["psql", ["-qX", "-v", "ON_ERROR_STOP=1", url],
      postgresqlScript(models, counts)];
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "inherit"] });
  const ended = once(child, "close");
  child.stdin.on("error", () => {}); // its status says more
  let piece = "";
  for (const line of script) {
    piece += line;
    if (piece.length < 1 << 20) continue;
    if (!child.stdin.write(piece))
      await Promise.race([new Promise((room) =>
        child.stdin.once("drain", room)), ended]);
    piece = "";
    if (child.exitCode !== null) break;
  }
  child.stdin.end(piece);
  const [code] = await ended;
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [schema, scale, url] = process.argv.slice(2);
  if (!url || !(scale in scales)) {
    console.error("usage: seed.mjs SCHEMA.prisma small|default|large URL");
    process.exit(2);
  }
  await seed(readFileSync(schema, "utf8"), scale, url);
}
