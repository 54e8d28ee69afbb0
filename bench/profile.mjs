// What bench/profile does when all is built: the gateway alone, one work at a
// time, perf beside it, and a picture for each role; then how often each role
// sleeps and, where strace is installed, which system calls it makes.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync,
  rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { derive } from "./schema.mjs";
import { seed } from "./seed.mjs";
import { kinds, sleep, startPostgresql, stopAll, top }
  from "./servers.mjs";
import { family } from "./memory.mjs";
import { works } from "./works.mjs";

const roles = ["master", "worker", "collector"];
const { values: given } = parseArgs({ options: {
  works: { type: "string", default: "a,c" },
  database: { type: "string", default: "postgresql" },
  seconds: { type: "string", default: "5" },
  out: { type: "string" }, build: { type: "string" },
  work: { type: "string" },
} });
const at = { work: path.resolve(given.work), build: path.resolve(given.build) };
const out = path.resolve(given.out ?? path.join(at.work, "flames"));
const seconds = Number(given.seconds);
const scratch = mkdtempSync(path.join(os.tmpdir(), "dalpuri-profile-"));

function processes(server, role) {
  return family(server.pid).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8")
        .startsWith(role === "master" ? "dalpuri: master" :
          `dalpuri: ${role} `) || (role === "master" && pid === server.pid);
    } catch {
      return false;
    }
  });
}

// perf for the processes of a role; its end gives the picture.
function record(server, role) {
  const data = path.join(scratch, `${role}.data`);
  const log = path.join(scratch, `${role}.log`);
  const file = openSync(log, "w");
  const perf = spawn("perf", ["record", "-q", "-F", "499", "-e", "cpu-clock",
    "--call-graph", "dwarf,8192", "-o", data,
    "-p", processes(server, role).join(",")],
  { stdio: ["ignore", file, file] });
  const ended = new Promise((done) => perf.on("close", done));
  return async (svg, title) => {
    perf.kill("SIGINT");
    await ended;
    try {
      const stacks = execFileSync("perf", ["script", "--no-inline", "-i", data,
        "-F", "comm,pid,ip,sym,dso"], { maxBuffer: 1 << 30,
        stdio: ["ignore", "pipe", openSync(log, "a")] });
      writeFileSync(svg, execFileSync(path.join(top, "bench/flame.mjs"),
        [title], { input: stacks, maxBuffer: 1 << 28,
          stdio: ["pipe", "pipe", "ignore"] }));
      console.log(svg);
    } catch {
      console.log(`no picture of ${role}: it slept, or perf says:\n` +
        readFileSync(log, "utf8").split("\n").slice(-6).join("\n"));
    }
    rmSync(data, { force: true });
  };
}

// System calls of a role, which are made slower by being counted.
function countCalls(server, role) {
  const file = path.join(scratch, `${role}.strace`);
  const strace = spawn("strace", ["-c", "-f", "-o", file,
    ...processes(server, role).flatMap((pid) => ["-p", pid])],
  { stdio: "ignore" });
  const ended = new Promise((done) => strace.on("close", done));
  strace.on("error", () => {});
  return async () => {
    strace.kill("SIGINT");
    await ended;
    if (!existsSync(file)) return [];
    return [...readFileSync(file, "utf8").matchAll(
      /^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$/gm)]
      .map(([, n, name]) => ({ name, n: Number(n) }))
      .filter((c) => c.name !== "total").sort((a, b) => b.n - a.n);
  };
}

function switches(server, role) {
  return processes(server, role).reduce((sum, pid) => {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    return sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)[1]);
  }, 0);
}

// How often each role sleeps, and which calls it makes, for one request.
async function count(id, server) {
  const { measure } = works[id];
  const before = roles.map((role) => switches(server, role));
  const { answers } = await measure(at, server, 1);
  const slept = roles.map((role, i) =>
    (switches(server, role) - before[i]) / answers);
  for (const [i, role] of roles.entries()) {
    const end = countCalls(server, role);
    await sleep(500);
    const traced = (await measure(at, server, 1)).answers;
    const calls = await end();
    const each = (n) => (n / traced).toFixed(2);
    console.log(`${id} ${role}: sleeps ${slept[i].toFixed(2)} times a ` +
      `request` + (calls.length === 0 ? "" : `, ${each(calls.reduce((sum, c) =>
      sum + c.n, 0))} system calls: ${calls.slice(0, 8).map((c) =>
      `${c.name} ${each(c.n)}`).join(", ")}`));
  }
}

// What perf cannot do here, before it disappoints.
function warn() {
  const read = (name) => Number(readFileSync(`/proc/sys/kernel/${name}`));
  const root = process.getuid() === 0;
  if (!root && read("perf_event_paranoid") > 1)
    console.log("kernel.perf_event_paranoid is above 1: perf sees only what " +
      "runs outside of the kernel, or nothing");
  if (read("kptr_restrict") > (root ? 1 : 0))
    console.log("kernel.kptr_restrict hides the names of kernel functions");
}

async function profile(id, provider, schema) {
  const { scale, measure } = works[id];
  const url = provider === "sqlite" ? `file:${scratch}/${scale}.db` :
    `${await startPostgresql(path.join(scratch, `servers-${id}`))}/demo`;
  await seed(schema, scale, url);
  const server = await kinds.dalpuri(at, { provider, url });
  await measure(at, server, 1);
  const ends = roles.map((role) => [role, record(server, role)]);
  await sleep(500);
  await measure(at, server, seconds);
  for (const [role, end] of ends)
    await end(path.join(out, `${id}-${provider}-${role}.svg`),
      `${role}, ${works[id].title}, ${provider}`);
  await count(id, server);
  await stopAll();
}

try {
  warn();
  chmodSync(scratch, 0o755);
  mkdirSync(out, { recursive: true });
  const file = path.join(top, "conf/schema.prisma");
  const folder = path.join(at.work, "peer", given.database);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "schema.prisma"),
    derive(file, given.database));
  for (const id of given.works.split(","))
    await profile(id, given.database, derive(file, "postgresql"));
} finally {
  await stopAll();
  rmSync(scratch, { recursive: true, force: true });
}
