// Goal: whatever befalls a gateway, every request is answered once, or failed
// with a code that the fault explains, or lost with a connection that the
// fault explains; and at the end nothing has leaked.
//
//	node chaos.mjs --seconds 20 --clients 50 --depth 4 --seed 7
//	    --mix collector-kill=100ms,worker-kill,reload [--processes 2]
//	    [--workers 2] [--connections 2] [--database sqlite|postgresql|mariadb]
//	    [--gateway PATH] [--log FILE]
//
// Prints a table; its exit status is 1 when something is broken.
import { fork } from "node:child_process";
import { appendFileSync, rmSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { contents, random } from "./asking.mjs";
import { isChild, kinds, measure, sanitized } from "./processes.mjs";

const { values: given } = parseArgs({ options: {
  seconds: { type: "string", default: "20" },
  clients: { type: "string", default: "50" },
  depth: { type: "string", default: "4" },
  seed: { type: "string", default: "7" },
  mix: { type: "string", default: "" },
  processes: { type: "string", default: "2" },
  workers: { type: "string", default: "2" },
  connections: { type: "string", default: "2" },
  database: { type: "string", default: "sqlite" },
  gateway: { type: "string" },
  log: { type: "string" },
} });
if (given.gateway) process.env.DALPURI = path.resolve(given.gateway);
const lib = await import("../e2e/lib.mjs");
const { faults, outageCodes, ownProgram } = await import("./faults.mjs");
const { Guest } = await import("./guest.mjs");
const { sleep, until } = lib;

// The default is everything.
const options = Object.fromEntries(Object.entries(given).map(([k, v]) =>
  [k, /^\d+$/.test(v ?? "") ? Number(v) : v]));
const ms = (text) => {
  const m = /^(\d+)(ms|s)$/.exec(text ?? "");
  if (text !== undefined && !m) throw new Error(`${text}: 100ms or 3s?`);
  return m ? Number(m[1]) * (m[2] === "s" ? 1000 : 1) : undefined;
};
const mix = (options.mix || Object.keys(faults).join(",")).split(",")
  .map((word) => {
    const [name, rate] = word.split("=");
    if (!faults[name])
      throw new Error(`${name}: one of ${Object.keys(faults).join(" ")}`);
    return { name, ...faults[name], rate: ms(rate) };
  });

// A loss may show this long after its cause, on a busy machine.
const LATE_MS = 10000;
// A client whose worker died in the middle of its upgrade, when it has paused
// polling, notices when no ping comes: ping_interval + ping_timeout.
const SILENT_MS = 60000;
const LAST_MS = 60000;
const SETTLE_MS = 90000;
// A request that was asked so long before SIGTERM has left its client.
const DRAIN_OLD_MS = 2500;
// Memory of a calm gateway afterwards, against a calm one that was warm.
const MEMORY_FACTOR = 1.5;
const MEMORY_SLACK_KB = 8192;
const broken = new Set();
const notes = [];
const hits = {};

class Run {
  options = options;
  workers = options.workers;
  workerKills = [];
  opened = new Map();
  moves = [];
  outages = [];
  failures = [];
  losses = [];
  collectorKills = 0;
  family = new Set();
  guests = { asked: 0, answered: 0, failed: 0, lost: 0, left: 0 };
  seen = 0;

  hit(name) {
    hits[name] = (hits[name] ?? 0) + 1;
  }
  broken(text) {
    if (broken.size < 50) broken.add(text);
  }
  mayLose(n) {
    this.collectorKills += n;
  }
  moved() {
    this.moves.push(Date.now());
  }
  // From now until its .to.
  outage() {
    const outage = { from: Date.now(), to: Infinity };
    this.outages.push(outage);
    return outage;
  }

  async start() {
    if (options.database !== "sqlite") {
      const { databases } = await import("../e2e/databases.mjs");
      this.database = (await databases()).find(({ name }) =>
        name === options.database);
      if (!this.database) throw new Error(`no database ${options.database}`);
    }
    this.data = contents((text) => lib.sql(lib.demoDatabase(), text));
    this.gw = new lib.Gateway({ ...this.conf({}), before: (gw) => {
      this.program = ownProgram(gw.folder, lib.program);
      gw.options.program = this.program;
    } });
    await this.gw.start();
    this.folder = this.gw.folder;
    await this.complete();
  }

  conf({ limits = "", conf = "" }) {
    return { workers: this.workers, connections: options.connections,
      url: this.database?.url, log: "info",
      database: "query_timeout = 5s",
      limits: `cancel_grace = 500ms respawn_max = 1s ${limits}`, conf };
  }
  writeConf(change) {
    this.gw.writeConf(this.conf(change));
  }

  // All processes are there.
  complete(workers = options.workers) {
    const { gw } = this;
    return until(async () => {
      const s = await this.ask("status").catch(() => undefined);
      return s?.workers_ready === workers &&
        s.collectors_ready === workers * options.connections &&
        gw.processes("worker").length === workers &&
        gw.processes("collector").length === workers * options.connections;
    }, "all workers and collectors are ready", SETTLE_MS);
  }

  // dalpurictl's question, without a process for each.
  ask(word) {
    return new Promise((done, failed) => {
      let text = "";
      const s = net.connect(path.join(this.gw.folder, "dalpuri.control"));
      s.setTimeout(3000, () => s.destroy(new Error("no answer")));
      s.on("error", failed);
      s.on("data", (d) => { text += d; });
      s.on("close", () => {
        try {
          done(JSON.parse(text));
        } catch (e) {
          failed(e);
        }
      });
      s.write(`${word}\n`);
    });
  }

  async guest(transports) {
    const guest = new Guest({ url: this.gw.url, psk: lib.PSK, data: this.data,
      stats: this.guests, broken: (text) => this.broken(text),
      failed: (code) => this.failures.push([code, Date.now()]) });
    return await guest.connect(transports) ? guest : undefined;
  }

  startClients() {
    const each = Math.ceil(options.clients / options.processes);
    this.crowd = [];
    for (let first = 0; first < options.clients; first += each) {
      const child = fork(path.join(path.dirname(fileURLToPath(
        import.meta.url)), "client.mjs"));
      child.on("message", (m) => this.heard(m, child));
      child.on("exit", (code) => {
        if (!this.over) this.broken(`a process of clients ended with ${code}`);
      });
      this.crowd.push(child);
      child.send({ begin: { url: this.gw.url, psk: lib.PSK, data: this.data,
        depth: options.depth, seed: options.seed, first,
        count: Math.min(each, options.clients - first) } });
    }
  }
  tell(word) {
    for (const child of this.crowd) child.send({ [word]: true });
  }

  heard(m, child) {
    if (m.opened) this.opened.set(m.opened, Date.now());
    if (m.closed) {
      if (m.why !== "io client disconnect") this.losses.push(m);
      else if (m.asked.length > 0)
        this.broken(`${m.asked.length} requests had no answer at all`);
    }
    if (m.report) child.answer(m.report);
  }

  async report() {
    const all = await Promise.all(this.crowd.map((child) =>
      new Promise((done) => {
        child.answer = done;
        child.send({ report: true });
      })));
    const sum = { took: [], faults: [], failures: [], lost: {}, oldest: 0 };
    for (const r of all)
      for (const [name, value] of Object.entries(r))
        if (Array.isArray(value)) sum[name] = sum[name].concat(value);
        else if (typeof value === "object")
          for (const [k, n] of Object.entries(value))
            sum[name][k] = (sum[name][k] ?? 0) + n;
        else if (name === "oldest") sum.oldest = Math.max(sum.oldest, value);
        else sum[name] = (sum[name] ?? 0) + value;
    return sum;
  }

  // Why did this session end?  A worker was killed that held it, or it was
  // opened after its sessions were asked for.
  explains({ closed, at, why }) {
    const late = why === "ping timeout" ? SILENT_MS : LATE_MS;
    const opened = this.opened.get(closed) ?? 0;
    return this.workerKills.some((kill) => at >= kill.at - 100 &&
      at <= kill.at + late && (!kill.others.has(closed.slice(0, 6)) ||
      opened > kill.at ||
      this.moves.some((t) => Math.abs(t - kill.at) < LATE_MS)));
  }

  judgeLosses() {
    for (const loss of this.losses.splice(0))
      if (!this.explains(loss))
        this.broken(`session ${loss.closed} was lost (${loss.why}) with ${
          loss.asked.length} requests, and no worker of its was killed`);
  }

  // Its lines are read as they come: ten minutes of them are too many.
  readLog() {
    const { gw } = this;
    const end = gw.log.lastIndexOf("\n") + 1;
    const text = gw.log.slice(0, end);
    if (options.log) appendFileSync(options.log, text);
    gw.log = gw.log.slice(end);
    const harmless = /reload: nothing has changed|dalpuri\.conf:/;
    for (const line of text.split("\n"))
      if (/Sanitizer|runtime error:|bad message/.test(line) ||
          (/^\S+Z error /.test(line) && !harmless.test(line)))
        this.broken(`log: ${line}`);
    for (const { pid } of gw.processes()) this.family.add(pid);
  }

  // Every fault at its own times, which depend on nothing but the seed; those
  // that are alone wait for the one before.
  async play(end) {
    const loops = mix.map(async (fault, i) => {
      const why = fault.skip?.(this);
      if (why) {
        notes.push(`${fault.name} skipped: ${why}`);
        return;
      }
      const rand = random(options.seed * 31 + i);
      const every = fault.rate ?? fault.every;
      const pause = () => (every === undefined ? options.seconds * 500 :
        Math.min(-Math.log(1 - rand()), 4) * every);
      for (let wait = pause(); Date.now() + wait < end; wait = pause()) {
        await sleep(wait);
        const done = Promise.resolve(fault.run(this, rand)).catch((e) =>
          this.broken(`${fault.name}: ${e.message}`)).finally(() =>
          this.running.delete(done));
        this.running.set(done, fault.name);
        if (fault.alone) await done;
        if (every === undefined) break;
      }
    });
    this.running = new Map();
    await Promise.race([Promise.all(loops), sleep(end + LAST_MS - Date.now())]);
    await Promise.race([Promise.all(this.running.keys()), sleep(LAST_MS)]);
    // a guest whose connection ended under it may wait for ever
    if (this.running.size > 0)
      notes.push(`not ended: ${[...this.running.values()]}`);
  }

  // Until nobody waits for an answer any more.
  async quiet() {
    this.tell("pause");
    await until(async () => (await this.report()).open === 0,
      "every request is answered", SETTLE_MS).catch(async () => {
      const { open, oldest } = await this.report();
      this.broken(`${open} requests without an answer, the oldest since ${
        oldest} ms`);
    });
    this.tell("leave");
    let left;
    await until(async () => {
      left = (await this.ask("sessions")).sessions;
      return left.length === 0;
    }, "no session is left", 30000).catch((e) => this.broken(`${e.message}: ${
      JSON.stringify(left)}`));
    // kept-alive connections, parked polls
    await until(async () => (await this.ask("status")).connections === 0,
      "no connection is left", 30000).catch((e) => this.broken(e.message));
  }

  compare(before, after) {
    const judged = !sanitized(lib.program);
    for (const [name, was] of Object.entries(before)) {
      const is = after[name];
      if (!name.startsWith("memory")) {
        if (is > was) this.broken(`${name}: ${was} before, ${is} after${
          name.endsWith("master") ? `: ${kinds(this.gw.child.pid)}` : ""}`);
      } else if (judged && is > was * MEMORY_FACTOR + MEMORY_SLACK_KB) {
        this.broken(`${name}: ${was} before, ${is} after`);
      }
    }
  }

  // Under load: what the gateway must have read long before is answered.
  async drain(slowest) {
    const old = Math.max(DRAIN_OLD_MS, slowest);
    this.tell("resume");
    await sleep(old + 1500);
    this.judgeLosses();
    const at = Date.now();
    const family = [...this.family];
    const status = await this.gw.stop("SIGTERM").catch((e) => e.message);
    if (status !== 0) this.broken(`exit status ${status} after SIGTERM`);
    await sleep(500);
    for (const { asked, why, closed } of this.losses.splice(0))
      for (const t of asked)
        if (t < at - old)
          this.broken(`SIGTERM lost a request that was ${at - t} ms old: ${
            closed}: ${why}`);
    const orphans = family.filter((pid) => lib.alive(pid) &&
      isChild(pid));
    if (orphans.length > 0) this.broken(`orphans: ${orphans}`);
  }
}

// Every failure has a fault that explains its code; what only an outage
// explains has come while there was one.
function judgeFailures(run, report) {
  const failures = [...report.failures, ...run.failures];
  const always = mix.filter(({ codes }) => codes !== outageCodes)
    .flatMap(({ codes }) => codes);
  const strange = failures.filter(([code, at]) => !always.includes(code) &&
    !(outageCodes.includes(code) && run.outages.some(({ from, to }) =>
      at >= from && at <= to + LATE_MS)));
  if (strange.length > 0)
    run.broken(`${strange.length} requests failed with ${
      [...new Set(strange.map(([code]) => code))]}, which nothing explains`);
  const lost = failures.filter(([code]) => code === "WORKER_LOST").length;
  if (lost > run.collectorKills)
    run.broken(`${lost} WORKER_LOST of ${
      run.collectorKills} collectors killed`);
  if (report.answered === 0) run.broken("nothing was answered");
  for (const text of report.faults) run.broken(text);
}

function print(run, report, before, after) {
  const line = (name, value) =>
    console.log(`${name.padEnd(34)} ${String(value).padStart(10)}`);
  const sorted = Float64Array.from(report.took).sort();
  const at = (q) => sorted[Math.min(sorted.length - 1,
    Math.floor(sorted.length * q))] ?? 0;
  const { clients, depth, seconds, database, seed } = options;
  console.log(`${clients} clients with ${depth} requests each, ${seconds} s, ${
    database}, seed ${seed}`);
  line("asked", report.asked);
  line("answered", report.answered);
  const codes = report.failures.map(([code]) => code).sort();
  for (const code of new Set(codes))
    line(`failed with ${code}`, codes.filter((c) => c === code).length);
  for (const [why, n] of Object.entries(report.lost))
    line(`lost with its connection: ${why}`, n);
  line("without any of these", report.open);
  line("connections lost, and made again", report.reconnects);
  line("attempts that were refused", report.refused);
  line("answered after, ms: half", at(0.5));
  line("99 of 100", at(0.99));
  line("all", at(1));
  for (const [name, n] of Object.entries(run.guests))
    line(`guests: ${name}`, n);
  for (const name of Object.keys(hits).sort()) line(name, hits[name]);
  for (const name of Object.keys(before))
    line(name, `${before[name]} -> ${after[name]}`);
  for (const note of notes) console.log(note);
  for (const text of broken) console.log(`BROKEN: ${text}`);
}

async function main(run) {
  await run.start();
  const log = setInterval(() => run.readLog(), 200);
  run.startClients();
  run.tell("resume");
  await sleep(Math.min(3000, options.seconds * 200));
  await run.quiet();
  run.judgeLosses();
  const before = measure(run.gw);
  run.tell("resume");
  await run.play(Date.now() + options.seconds * 1000);
  run.workers = options.workers;
  run.writeConf({});
  run.gw.child.kill("SIGHUP");
  await run.complete();
  await run.quiet();
  run.judgeLosses();
  const report = await run.report();
  judgeFailures(run, report);
  // a process that is just being replaced has its successor beside it
  let after = measure(run.gw);
  const grown = ([name, was]) => !name.startsWith("memory") &&
    after[name] > was;
  for (let i = 0; i < 40 && Object.entries(before).some(grown); i++) {
    await sleep(500);
    after = measure(run.gw);
  }
  run.compare(before, after);
  await run.drain(report.took.reduce((a, b) => Math.max(a, b), 0));
  run.over = true;
  clearInterval(log);
  run.readLog();
  print(run, report, before, after);
}

const run = new Run();
try {
  await main(run);
} catch (e) {
  broken.add(e.message);
  console.log(`BROKEN: ${e.stack}\n${run.gw?.log.slice(-5000)}`);
} finally {
  run.over = true;
  for (const child of run.crowd ?? []) child.disconnect();
  if (run.gw?.child && run.gw.exit === undefined) run.gw.child.kill("SIGKILL");
  if (run.gw) rmSync(run.gw.folder, { recursive: true, force: true });
}
process.exit(broken.size > 0 ? 1 : 0);
