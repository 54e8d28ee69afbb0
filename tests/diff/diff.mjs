// Ask a server what the reference (model.mjs) was asked, and tell each
// difference.
//
//	node diff.mjs --url http://127.0.0.1:3000 --psk KEY --schema S.prisma
//	    [--database sqlite|postgresql|mariadb|sqlserver]
//	    [--prefix all] [--seed 1] [--count 500] [--only N]
//	    [--original URL [--events Model=event,...]]
//
// The rows are those which the gateway at --url gives for "allModel" events,
// one for each model.  --original asks a server with Prisma's habits instead:
// one order more where none was asked for, other sentences, and the answers
// that corners.mjs knows to be different on purpose are left out.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { corners } from "./corners.mjs";
import { Generator } from "./generate.mjs";
import { Reference } from "./model.mjs";
import { readSchema } from "./schema.mjs";
import { rules } from "./values.mjs";

const require = createRequire(new URL("../e2e/", import.meta.url));

async function connect(url, psk) {
  const { io } = require("socket.io-client");
  const socket = io(url, { auth: { psk }, transports: ["websocket"],
    reconnection: false, forceNew: true });
  await new Promise((done, failed) => {
    socket.once("connect", done);
    socket.once("connect_error", failed);
  });
  return socket;
}

const ask = (socket, event, options) =>
  socket.timeout(60000).emitWithAck(event, options);

async function rowsOf(socket, models, prefix) {
  const rows = new Map();
  for (const name of models.keys()) {
    const answer = await ask(socket, prefix + name, {});
    if (!answer.success) throw new Error(`${prefix}${name}: ${answer.error}`);
    rows.set(name, answer.data);
  }
  return rows;
}

// A Float that is infinite or no number is shown as null, and is none for the
// database: what conditions and orders make of it is not told by the rows.
async function findUnclear(socket, models, rows, prefix) {
  for (const model of models.values())
    for (const field of model.fields.values()) {
      const nulls = rows.get(model.name).filter((r) => r[field.name] === null);
      if (field.type !== "Float" || !nulls.length) continue;
      const answer = field.optional ? await ask(socket, prefix + model.name,
        { where: { [field.name]: null } }) : { data: [] };
      field.unclear = answer.data.length !== nulls.length;
    }
}

// The same value whatever the order of keys; lists in which no order was
// asked for are put in one.
function canonical(value, o, model) {
  const rows = value.map((row) => Object.fromEntries(Object.keys(row).sort()
    .map((name) => {
      const relation = model.relations.get(name);
      const inner = (o.select ?? o.include)?.[name] ?? {};
      if (!relation || row[name] === null) return [name, row[name]];
      const list = relation.list ? row[name] : [row[name]];
      return [name, canonical(list, inner, relation.target)];
    })));
  const ordered = o.orderBy || o.take !== undefined || o.cursor;
  return ordered ? rows : rows.map((r) => JSON.stringify(r)).sort();
}

// The first place where two values differ, members and their order included.
function difference(is, want, path = "data") {
  const isTree = (v) => v !== null && typeof v === "object";
  if (!isTree(is) || !isTree(want) || Array.isArray(is) !== Array.isArray(want))
    return is === want ? "" :
      `${path} is ${JSON.stringify(is)}, not ${JSON.stringify(want)}`;
  const names = Object.keys(want);
  if (Object.keys(is).join() !== names.join())
    return `${path} has ${Array.isArray(is) ? is.length : Object.keys(is)}, ` +
      `not ${Array.isArray(is) ? want.length : names}`;
  for (const name of names) {
    const found = difference(is[name], want[name], `${path}.${name}`);
    if (found) return found;
  }
  return "";
}

// "" when the answer is right, else what is wrong with it.
function judge(reference, request, answer, original) {
  const { model, options, fails } = request;
  const failure = answer.success ? "no failure" :
    `${answer.code}: ${answer.error}`;
  if (fails) {
    const right = !answer.success && (original || fails === "any" ||
      answer.code === fails);
    return right ? "" : `${failure}, not ${fails}`;
  }
  if (!answer.success) return failure;
  const shape = (rows) => (original ? canonical(rows, options ?? {},
    reference.models.get(model)) : rows);
  return difference(shape(answer.data),
    shape(reference.findMany(model, options)));
}

function requestsFor(reference, o) {
  const rule = o.database;
  const byHand = corners(reference).filter((r) =>
    (!r.only || r.only.includes(rule)) && !(r.exact && !rules[rule].exact) &&
    !(o.original && r.ours));
  const generator = new Generator(reference,
    { seed: Number(o.seed), strict: Boolean(o.original) });
  const models = [...reference.models.values()].filter((m) =>
    m.key.length > 0 && reference.rows.get(m.name).length > 0 &&
    (!o.original || o.events.has(m.name)));
  return [...byHand, ...Array.from({ length: Number(o.count) }, () =>
    generator.request(models))];
}

// Compare; the number of differences.  o: as on the command line.
export async function run(o, tell = console.log) {
  o = { database: "sqlite", prefix: "all", seed: 1, count: 500, ...o };
  o.events = new Map((o.events ?? "").split(",").map((e) => e.split("=")));
  const models = readSchema(readFileSync(o.schema, "utf8"));
  const socket = await connect(o.url, o.psk);
  const other = o.original ? await connect(o.original, o.psk) : socket;
  let differences = 0, n = 0;
  try {
    const rows = await rowsOf(socket, models, o.prefix);
    const reference = new Reference(models, rows, rules[o.database]);
    await findUnclear(socket, models, rows, o.prefix);
    for (const request of requestsFor(reference, o)) {
      if (o.only && ++n !== Number(o.only)) continue;
      const event = o.original ? o.events.get(request.model) :
        o.prefix + request.model;
      const answer = await ask(other, event, request.options);
      const wrong = judge(reference, request, answer, o.original);
      if (!wrong) continue;
      differences++;
      tell(`${event} ${JSON.stringify(request.options)}\n\t${wrong}`);
    }
  } finally {
    socket.disconnect();
    other.disconnect();
  }
  return differences;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const o = {};
  for (let i = 2; i < process.argv.length; i += 2)
    o[process.argv[i].replace(/^--/, "")] = process.argv[i + 1];
  const differences = await run(o);
  console.log(`${differences} differences`);
  process.exit(differences ? 1 : 0);
}
