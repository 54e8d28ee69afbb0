// Usage: bench/run [options]
//   --rounds N            rounds of each work (5)
//   --seconds N           length of a measurement (4)
//   --works LIST          a,a+,b,b+,c,d,e,f,g,g+ (all of them; "none")
//   --growth LIST         connections,rows,collectors,idle (all; "none")
//   --databases LIST      postgresql,sqlite
//   --servers LIST        dalpuri,node,bun,bun-engine
//   --server NAME=COMMAND one more, that takes PORT, PSK and DATABASE_URL
//   --out FOLDER          bench/results
//   --build FOLDER        an optimised build that is there
//   --readme              put the table into README.md, too
//   --quick               dalpuri alone on SQLite, for a moment; writes nothing
//
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync,
  writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { bareOf, connectionOf } from "./bare.mjs";
import { growths } from "./growth.mjs";
import { describe, othersShare } from "./machine.mjs";
import { cpuSeconds } from "./memory.mjs";
import { intoReadme, report } from "./report.mjs";
import { derive, readModels } from "./schema.mjs";
import { seed } from "./seed.mjs";
import { Server, addKind, freePort, kinds, load, run, startPostgresql,
  stopAll, top } from "./servers.mjs";
import { works } from "./works.mjs";

const WARM_S = 4;

const { values: given } = parseArgs({ options: {
  rounds: { type: "string", default: "5" },
  seconds: { type: "string", default: "4" },
  works: { type: "string", default: Object.keys(works).join(",") },
  growth: { type: "string", default: Object.keys(growths).join(",") },
  databases: { type: "string", default: "postgresql,sqlite" },
  servers: { type: "string", default: "dalpuri,node,bun,bun-engine" },
  server: { type: "string", multiple: true, default: [] },
  out: { type: "string", default: path.join(top, "bench/results") },
  build: { type: "string" }, work: { type: "string" },
  quick: { type: "boolean", default: false },
  readme: { type: "boolean", default: false },
} });
if (given.quick)
  Object.assign(given, { rounds: "1", seconds: "0.5", works: "a,b,c,d,e",
    growth: "none", databases: "sqlite", servers: "dalpuri" });
const list = (text) => text.split(",").filter((s) => s && s !== "none");
const at = { work: path.resolve(given.work ?? path.join(top, "build/bench")),
  build: path.resolve(given.build) };
const rounds = Number(given.rounds), seconds = Number(given.seconds);
const databases = list(given.databases), servers = list(given.servers);
for (const text of given.server) {
  const [, name, command] = /^([^=]+)=(.*)$/s.exec(text);
  addKind(name, command);
  servers.push(name);
}

const say = (what, figures) => {
  const some = ["per_s", "p50_ms", "p99_ms", "mb_per_s", "server_ms", "kib",
    "mib"]
    .filter((k) => figures?.[k]).map((k) => `${k} ${figures[k].toFixed(2)}`);
  console.log([new Date().toISOString().slice(11, 19), what, ...some]
    .join("  "));
};

const failures = [];
const failed = (why) => {
  failures.push(why);
  say(`FAILED: ${why}`);
};

// ---- data ------------------------------------------------------------------

const schemas = {}, filled = new Map();
const isPeer = (kind) => ["node", "bun", "bun-engine"].includes(kind);
let postgresql, scratch;

async function prepare() {
  for (const provider of ["postgresql", "sqlite"]) {
    const folder = path.join(at.work, "peer", provider);
    mkdirSync(folder, { recursive: true });
    schemas[provider] = derive(path.join(top, "conf/schema.prisma"), provider);
    writeFileSync(path.join(folder, "schema.prisma"), schemas[provider]);
  }
  // where any user may look: PostgreSQL does not run as root
  scratch = mkdtempSync(path.join(os.tmpdir(), "dalpuri-bench-"));
  chmodSync(scratch, 0o755);
  if (databases.includes("postgresql"))
    postgresql = await startPostgresql(path.join(scratch, "servers"));
  if (servers.some(isPeer)) await installPeer();
}

// Without it, what is left is measured all the same.
async function installPeer() {
  say("installing the peer");
  try {
    await run(path.join(top, "bench/peer/setup"), [path.join(at.work, "peer")]);
  } catch (error) {
    failed("the peer cannot be installed (it needs npm's registry): " +
      String(error.stderr ?? error).trim().slice(-500));
    servers.splice(0, servers.length, ...servers.filter((s) => !isPeer(s)));
  }
}

// A database of that scale, filled when it is wanted first.
async function databaseOf(provider, scale) {
  const name = `${provider} ${scale}`;
  if (!filled.has(name)) {
    say(`filling ${name}`);
    const url = provider === "sqlite" ?
      `file:${path.join(scratch, scale)}.db` : `${postgresql}/bench_${scale}`;
    if (provider === "postgresql")
      await run("psql", ["-qX", `${postgresql}/demo`, "-c",
        `CREATE DATABASE bench_${scale}`]);
    await seed(schemas.postgresql, scale, url);
    filled.set(name, { provider, url });
  }
  return filled.get(name);
}

// ---- works -----------------------------------------------------------------

const results = [];
const note = (work, database, server, figures) => {
  results.push({ work, database, server, ...figures });
  say(`${work} ${database} ${server}`, figures);
};

async function bare(id, database) {
  const { sql, kinds: letters } = bareOf(schemas.postgresql, works[id].bare,
    database.provider);
  note(id, database.provider, "bare", JSON.parse(await run(
    path.join(at.build, "bench/bare"),
    [connectionOf(database.url), sql, letters, String(seconds)])));
}

const pgbenchRuns = [];
async function pgbench(database) {
  const model = readModels(schemas.postgresql).find((m) => m.name === "Member");
  const column = (name) => model.fields.find((f) => f.name === name).column;
  const script = path.join(scratch, "pgbench.sql");
  writeFileSync(script, `SELECT "${column("memberId")}", "${
    column("firstName")}", "${column("lastName")}" FROM "${model.table}";\n`);
  const out = await run("pgbench", ["-n", "-M", "prepared", "-c", "8",
    "-T", String(Math.max(1, Math.round(seconds))), "-f", script,
    database.url]);
  const per_s = Number(/tps = ([\d.]+)/.exec(out)[1]);
  pgbenchRuns.push(per_s);
  say("pgbench", { per_s });
}

// What one server cannot do is told, and costs nobody else a figure.
async function attempt(id, database, server, length) {
  try {
    const before = cpuSeconds(server.pid);
    const figures = await works[id].measure(at, server, length);
    const cpu_s = cpuSeconds(server.pid) - before;
    return { ...figures, server_ms:
      1000 * cpu_s / (figures.asked || figures.answers) };
  } catch (error) {
    failed(`${id} on ${database.provider}: ${error.message}`);
    return undefined;
  }
}

async function measured(id, database, kind, server) {
  const figures = await attempt(id, database, server, seconds);
  if (figures) note(id, database.provider, kind, figures);
}

// Every server has its turn in every round: what disturbs one disturbs all.
async function inTurns(id, database) {
  const work = works[id], started = new Map();
  try {
    for (const kind of servers) {
      started.set(kind, await kinds[kind](at, database, work.settings));
      if (!given.quick)
        await attempt(id, database, started.get(kind), WARM_S);
    }
    for (let round = 0; round < rounds; round++) {
      for (const [kind, server] of started)
        await measured(id, database, kind, server);
      if (work.bare) await bare(id, database);
      if (id === "a" && database.provider === "postgresql")
        await pgbench(database);
    }
  } finally {
    for (const server of started.values()) await server.stop();
  }
}

// Memory is that of a process which has done nothing else.
async function freshly(id, database) {
  for (let round = 0; round < (works[id].once ? 1 : rounds); round++)
    for (const kind of servers) {
      const server = await kinds[kind](at, database);
      await measured(id, database, kind, server);
      await server.stop();
    }
}

// ---- the generator itself --------------------------------------------------

async function checkGenerator() {
  const rows = [];
  for (const [title, args, ask] of [
    ["20 rows, 1.5 kB", ["-r", 20, "-b", 60], ["-c", 8, "-d", 4, "-r", 20]],
    ["2,000 rows, 124 kB", ["-r", 2000, "-b", 50],
      ["-c", 4, "-d", 2, "-r", 2000]],
    ["10,000 rows, 16 MB", ["-r", 10000, "-b", 1600], ["-r", 10000]],
    ["10,000 rows, 16 MB, in frames of 16 kB", ["-r", 10000, "-b", 1600,
      "-f", 16384], ["-r", 10000]],
    ["sessions", [], ["-C", "-c", 16]]]) {
    const port = await freePort();
    const server = await new Server("fake",
      [path.join(at.build, "bench/fake"), "-p", port, ...args].map(String),
      { cwd: top, log: path.join(at.work, "fake.log") }).ready(port);
    const event = ask.includes("-C") ? [] : ["-e", "any"];
    rows.push({ title, ...await load(at, server,
      [...event, ...ask, "-t", seconds]) });
    say(`generator: ${title}`, rows.at(-1));
    await server.stop();
  }
  return rows;
}

// ---- all -------------------------------------------------------------------

async function growAll() {
  const found = {};
  for (const name of list(given.growth)) {
    const growth = growths[name];
    if (!databases.includes("postgresql")) break;
    const database = await databaseOf("postgresql", growth.scale);
    try {
      found[name] = await growth.run(at, { servers, seconds, database,
        start: (kind) => kinds[kind](at, database) },
      (what, figures) => say(`${name}: ${what}`, figures));
    } catch (error) {
      failed(`growth with ${name}: ${error.message}`);
    }
  }
  return found;
}

function write(all, growth) {
  const folder = path.join(path.resolve(given.out), all.machine.date);
  mkdirSync(folder, { recursive: true });
  const plots = [];
  for (const [name, found] of Object.entries(growth))
    for (const [file, svg] of Object.entries(growths[name].plots(found))) {
      writeFileSync(path.join(folder, file), svg);
      plots.push(file);
    }
  writeFileSync(path.join(folder, "results.json"),
    `${JSON.stringify({ ...all, growth }, undefined, 1)}\n`);
  writeFileSync(path.join(folder, "README.md"), report({ ...all, plots }));
  if (given.readme) {
    const file = path.join(top, "README.md");
    writeFileSync(file, intoReadme(readFileSync(file, "utf8"),
      { ...all, plots }, path.relative(top, folder)));
  }
  console.log(`\n${readFileSync(path.join(folder, "README.md"), "utf8")}`);
  say(`written to ${folder}`);
}

async function main() {
  await prepare();
  const busy = await othersShare();
  if (busy > 0.1)
    say(`others take ${Math.round(busy * 100)} % of the processors`);
  const generator = await checkGenerator();
  for (const id of list(given.works))
    for (const provider of databases) {
      const database = await databaseOf(provider, works[id].scale);
      await (works[id].fresh ? freshly : inTurns)(id, database)
        .catch((error) => failed(`${id} on ${provider}: ${error.message}`));
    }
  const growth = await growAll();
  if (failures.length) process.exitCode = 1;
  if (given.quick) return;
  const machine = { date: new Date().toISOString().slice(0, 10),
    ...describe(path.join(at.work, "peer")) };
  write({ machine, busy, rounds, seconds, servers, databases, results,
    generator, failures, pgbench: pgbenchRuns.length ? pgbenchRuns :
      undefined }, growth);
}

async function end() {
  await stopAll();
  if (scratch) rmSync(scratch, { recursive: true, force: true });
}
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => end().then(() => process.exit(1)));
try {
  await main();
} finally {
  await end();
}
