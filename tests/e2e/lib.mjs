// What every end-to-end test needs: a gateway in a folder of its own, real
// clients, and the log on failure.
import { execFile, execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync,
  readdirSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test from "node:test";
import { io } from "socket.io-client";

const here = path.dirname(fileURLToPath(import.meta.url));
export const top = path.resolve(here, "../..");
export const program = process.env.DALPURI ?? path.join(top, "src/dalpuri");
const generator = process.env.DEMODB ?? path.join(top, "src/tool/demodb");
export const transports = {
  "websocket only": { transports: ["websocket"] },
  "polling only": { transports: ["polling"] },
  "polling, then upgrade": { transports: ["polling", "websocket"] },
};
export const PSK = "test-key-1";
// The client for browsers, as its package has it.
export const bundle = path.join(here, "node_modules/socket.io-client/dist");

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// Of our environment, what a program under test may know.
export const environment = () => Object.fromEntries(["PATH", "HOME",
  "ODBCSYSINI", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"]
  .filter((name) => process.env[name] !== undefined)
  .map((name) => [name, process.env[name]]));

// Is there a program of that name?
export function hasProgram(name) {
  return (process.env.PATH ?? "").split(":").concat("/usr/sbin")
    .some((folder) => existsSync(path.join(folder, name)));
}

// Poll until fn() gives something true; its value.
export async function until(fn, what, ms = 10000) {
  const end = Date.now() + ms;
  for (;;) {
    const value = await fn();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await sleep(20);
  }
}

export const freePort = () => new Promise((done, failed) => {
  const server = net.createServer();
  server.on("error", failed);
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

// The demo database is made once a run and copied for each gateway.
let demo;
export function demoDatabase() {
  if (demo) return demo;
  const folder = mkdtempSync(path.join(os.tmpdir(), "dalpuri-demo-"));
  demo = path.join(folder, "demo.db");
  execFileSync(generator, [path.join(top, "conf/schema.prisma"), demo]);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return demo;
}

// Rows of a query, by an independent reader of the same file.
export function sql(file, text) {
  const out = execFileSync("sqlite3", ["-json", "-readonly", file, text],
    { maxBuffer: 1 << 28, encoding: "utf8" });
  return out ? JSON.parse(out) : [];
}

// Those of the project; but in tests each request is to run on its own.
function copyCollectors(to) {
  const from = path.join(top, "conf/collectors");
  mkdirSync(to);
  for (const name of readdirSync(from))
    writeFileSync(path.join(to, name), readFileSync(path.join(from, name),
      "utf8").replace("coalesce = true\n", ""));
}

const cmdline = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0+$/, "");
  } catch {
    return "";
  }
};
// R = on a processor, S = waiting ...; "" = there is no such process.
const stateOf = (pid) => {
  try {
    return /^\d+ \(.*\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`,
      "utf8"))[1];
  } catch {
    return "";
  }
};
export const alive = (pid) => !["", "Z", "X"].includes(stateOf(pid));
export const computes = (pid) => stateOf(pid) === "R";

export class Gateway {
  constructor(options) {
    this.folder = mkdtempSync(path.join(os.tmpdir(), "dalpuri-e2e-"));
    this.database = path.join(this.folder, "demo.db");
    this.conf = path.join(this.folder, "dalpuri.conf");
    this.log = "";
    this.options = options;
  }

  async start() {
    const o = this.options;
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    copyCollectors(path.join(this.folder, "collectors"));
    copyFileSync(path.join(top, "conf/schema.prisma"),
      path.join(this.folder, "schema.prisma"));
    if (o.database !== false) copyFileSync(demoDatabase(), this.database);
    o.before?.(this);
    this.writeConf(o);
    this.spawn(o.args ?? ["-c", this.conf], o.env ?? {});
    await until(() => this.exit !== undefined || this.answers(),
      "the gateway listens");
    // who names collectors is to find them; some tests let them fail
    const collectors = (o.workers ?? 2) * (o.connections ?? 2);
    await until(() => this.exit !== undefined ||
      this.processes("collector").length >= collectors, "collectors", 2000)
      .catch(() => {});
    if (this.exit !== undefined)
      throw new Error(`the gateway ended with ${this.exit}`);
  }

  writeConf({ conf = "", socketio = "", database = "", limits = "",
    keys = `key "test" { psk = '${PSK}' }`, workers = 2, connections = 2,
    url = "file:demo.db", log = "debug" }) {
    writeFileSync(this.conf, `
listen = { "127.0.0.1:${this.port}" }
workers = ${workers}
log_level = ${log}
socketio { ${socketio} }
database {
  url = "${url}"
  schema = "schema.prisma"
  collectors = "collectors"
  connections = ${connections}
  ${database || ""}
}
limits { ${limits} }
${keys}
${conf}
`);
  }

  spawn(args, env) {
    const clean = { ...environment(), ...env };
    this.exit = undefined;
    const [first, ...words] = [...this.options.spawnBy ?? [],
      this.options.program ?? program, ...args];
    this.child = spawn(first, words,
      { cwd: this.folder, env: clean, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout.on("data", (d) => { this.log += d; });
    this.child.stderr.on("data", (d) => { this.log += d; });
    this.ended = new Promise((done) => this.child.on("close", (code, signal) => {
      this.exit = code ?? signal;
      done(this.exit);
    }));
  }

  answers() {
    return new Promise((done) => {
      const s = net.connect(this.port, "127.0.0.1");
      s.on("connect", () => { s.destroy(); done(true); });
      s.on("error", () => done(false));
    });
  }

  // Processes by the beginning of their title: processes("collector").
  processes(role = "") {
    const all = readdirSync("/proc").filter((n) => /^\d+$/.test(n));
    const mine = new Map();
    for (const pid of all) {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const m = /\) (\S) (\d+)/.exec(stat);
        if (m && m[1] !== "Z" && Number(m[2]) === this.child.pid)
          mine.set(Number(pid), cmdline(pid));
      } catch { /* it has ended meanwhile */ }
    }
    return [...mine].filter(([, title]) =>
      title.startsWith(`dalpuri: ${role}`)).map(([pid, title]) =>
      ({ pid, title }));
  }

  async socket(extra = {}) {
    const socket = io(this.url, { auth: { psk: PSK }, reconnection: false,
      forceNew: true, transports: ["websocket"], ...extra });
    await new Promise((done, failed) => {
      socket.once("connect", done);
      socket.once("connect_error", (error) => {
        socket.disconnect();
        failed(error);
      });
    });
    this.sockets.push(socket);
    return socket;
  }
  sockets = [];

  async stop(signal = "SIGTERM") {
    for (const s of this.sockets) s.disconnect();
    const family = [this.child.pid, ...this.processes().map((p) => p.pid)];
    if (this.exit === undefined) this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 15000);
    const exit = await this.ended;
    clearTimeout(timer);
    await until(() => !family.some(alive), "every process has ended");
    return exit;
  }

  // Sanitizer reports and sentences that only a fault of ours can cause.
  faults() {
    return this.log.split("\n").filter((l) =>
      /AddressSanitizer|LeakSanitizer|runtime error:|bad message/.test(l));
  }
}

// One test with a gateway of its own.  options.ends = false: the test ends
// the gateway by itself; options.crashes: its processes are made to crash.
export function scenario(name, options, body) {
  test(name, { timeout: options.timeout ?? 60000,
    skip: options.skip ?? false }, async (t) => {
    const gw = new Gateway(options);
    try {
      await gw.start();
      await body(gw, t);
      if (options.ends !== false) {
        const exit = await gw.stop();
        if (exit !== 0) throw new Error(`exit status ${exit}, not 0`);
      }
      const faults = options.crashes ? [] : gw.faults();
      if (faults.length) throw new Error(faults.join("\n"));
    } catch (error) {
      console.error(`---- log of the gateway in "${name}"`);
      console.error(gw.log.slice(-20000));
      throw error;
    } finally {
      // Who connects again for ever would keep the whole file from ending.
      for (const s of gw.sockets) s.disconnect();
      if (gw.exit === undefined && gw.child) {
        const family = gw.processes().map((p) => p.pid);
        gw.child.kill("SIGKILL");
        await gw.ended;
        await until(() => !family.some(alive), "orphans").catch(() => {});
      }
      rmSync(gw.folder, { recursive: true, force: true });
    }
  });
}

// KiB of a process that its file's pages do not explain: those are shared with
// gateways of tests beside this one, and its share of them grows as they end.
export function ownMemory(pid) {
  let rollup = "";
  try {
    rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  } catch (error) {
    // It has ended meanwhile: a sanitized one is replaced often.
    if (!["ENOENT", "ESRCH"].includes(error.code)) throw error;
  }
  return [...rollup.matchAll(/^Pss_(?:Anon|Shmem):\s+(\d+)/gm)]
    .reduce((sum, [, kib]) => sum + Number(kib), 0);
}

// emit with acknowledgement; the answer, or an error after ms.
export const call = (socket, event, ...args) =>
  new Promise((done, failed) => {
    const lost = (why) => failed(new Error(`connection lost: ${why}`));
    const timer = setTimeout(() =>
      failed(new Error(`${event}: no answer within 40 s`)), 40000);
    socket.once("disconnect", lost);
    socket.emit(event, ...args, (answer) => {
      clearTimeout(timer);
      socket.off("disconnect", lost);
      done(answer);
    });
  });

// dalpurictl for that gateway: its status and what it wrote.
export const dalpurictl = (gw, ...words) => new Promise((done) => {
  execFile(path.join(path.dirname(program), "dalpurictl"), ["-c", gw.conf,
    ...words], { timeout: 30000 }, (error, out, err) =>
    done({ status: error?.code ?? 0, out, err }));
});

// What it tells programs.
export async function told(gw, ...words) {
  const r = await dalpurictl(gw, "--json", ...words);
  if (r.status !== 0) throw new Error(r.err + r.out);
  return JSON.parse(r.out);
}

// SIGHUP, perhaps with other settings, until the log says what came of it.
export async function reload(gw, changes, said = /generation \d+ is in force/) {
  const seen = gw.log.length;
  if (changes) gw.writeConf({ ...gw.options, ...changes });
  gw.child.kill("SIGHUP");
  await until(() => said.test(gw.log.slice(seen)), `the log says ${said}`);
}

// Files into the folder of the collectors.
export const put = (gw, files) => Object.entries(files).forEach(
  ([name, text]) => writeFileSync(path.join(gw.folder, "collectors", name),
    text));
