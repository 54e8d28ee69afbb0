// What can be done to a gateway: each fault has the mean time between two of
// it, the codes that requests may fail with because of it, and what it does.
// run(c, rand): c.gw is the gateway, c.hit(name) counts, c.broken(text) tells
// what must not be, c.guest() is a client of one request.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync }
  from "node:fs";
import { spawn } from "node:child_process";
import net from "node:net";
import path from "node:path";
import { alive, sleep, until } from "../e2e/lib.mjs";
import { binary, handles } from "./processes.mjs";

// What requests may fail with while the database is away, and at no other time
// unless something else explains it.
export const outageCodes = ["DATABASE", "TIMEOUT", "OVERLOADED", "CANCELLED"];
const SIGUSR2 = 12;
const pick = (list, rand) => list[Math.floor(rand() * list.length)];

function signal(pid, name) {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

function endCollector(names) {
  return (c, rand) => {
    const victim = pick(c.gw.processes("collector"), rand);
    const name = pick(names, rand);
    if (victim && signal(victim.pid, name)) {
      c.hit(`collector ${name}`);
      c.mayLose(1);
    }
  };
}

// The sessions of a worker that is about to be killed are asked for first:
// all others must not notice.
async function killWorker(c, rand) {
  const victim = pick(c.gw.processes("worker"), rand);
  if (!victim) return;
  const number = Number(victim.title.split(" ").pop());
  const all = await c.ask("sessions").catch(() => undefined);
  const of = (mine) => new Set(all?.sessions.filter((s) =>
    (s.worker === number) === mine).map((s) => s.session));
  if (!signal(victim.pid, "SIGKILL")) return;
  c.hit("worker SIGKILL");
  c.workerKills.push({ at: Date.now(), others: of(false) });
}

async function stopForAWhile(c, rand) {
  const victim = pick(c.gw.processes("worker"), rand);
  if (!victim || !signal(victim.pid, "SIGSTOP")) return;
  c.hit("worker SIGSTOP");
  await sleep(500 + rand() * 1500);
  signal(victim.pid, "SIGCONT");
}

const limits = ["json_depth = 40", "queue_length = 5000", "statements = 8",
  "batch_rows = 50", "stream_bytes = 128K", ""];
const wrong = ["json_depth = many", "no_such = 1", "}", "\"",
  "batch_rows = -1"];

function reload(c, rand) {
  if (c.upgrading) return;
  const faulty = rand() < 0.3;
  const more = rand() < 0.5 ? `key "other" { psk = 'k${
    Math.floor(rand() * 1e6)}-long-enough' }` : "";
  c.writeConf({ limits: pick(faulty ? wrong : limits, rand), conf: more });
  signal(c.gw.child.pid, "SIGHUP");
  c.hit(faulty ? "SIGHUP, faulty conf" : "SIGHUP");
}

function otherWorkers(c, rand) {
  if (c.upgrading) return;
  c.workers = 1 + Math.floor(rand() * (c.options.workers + 1));
  c.moved();
  c.writeConf({});
  signal(c.gw.child.pid, "SIGHUP");
  c.hit("SIGHUP, other workers");
}

// A server that is ended, and started again by the same words a bit later.
async function restartDatabase(c, rand) {
  const file = c.database.pidFile;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  const [program, ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8")
    .replace(/\0$/, "").split("\0");
  const ids = readFileSync(`/proc/${pid}/status`, "utf8");
  const id = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m")
    .exec(ids)[1]);
  c.hit("database restart");
  const outage = c.outage();
  signal(pid, c.database.name === "postgresql" ? "SIGINT" : "SIGTERM");
  await until(() => !alive(pid), "the database has ended", 30000);
  await sleep(rand() * 1500);
  spawn(program, args, { uid: id("Uid"), gid: id("Gid"), cwd: c.folder,
    env: {}, stdio: "ignore", detached: true }).unref();
  await until(() => {
    try {
      c.database.exec("SELECT 1");
      return true;
    } catch {
      return false;
    }
  }, "the database is back", 30000);
  outage.to = Date.now();
}

// Everybody is to run the new file soon, and it is the same master.  With a
// faulty configuration there would be no upgrade.
async function upgrade(c) {
  c.upgrading = true;
  c.writeConf({});
  const { pid } = c.gw.child;
  const next = `${c.program}.next`;
  copyFileSync(c.program, next);
  renameSync(next, c.program);
  const old = new Set([pid, ...c.gw.processes().map((p) => p.pid)].map(binary));
  c.moved();
  signal(pid, "SIGUSR2");
  c.hit("SIGUSR2");
  await until(() => alive(pid) && [pid, ...c.gw.processes().map((p) => p.pid)]
    .every((p) => !old.has(binary(p))), "no role runs the old binary", 15000)
    .catch((e) => c.broken(e.message));
  c.moved();
  c.upgrading = false;
}

async function slowReader(c, rand) {
  const guest = await c.guest(["websocket"]);
  if (!guest) return;
  guest.ask();
  const { _socket: socket } = guest.socket.io.engine.transport.ws;
  socket?.pause();
  await sleep(300 + rand() * 1500);
  socket?.resume();
  await guest.done(30000);
  c.hit("slow reader");
}

async function leave(c, rand) {
  const guest = await c.guest(pick([["websocket"], ["polling"],
    ["polling", "websocket"]], rand));
  if (!guest) return;
  guest.ask();
  await sleep(rand() * 60);
  guest.leave();
  c.hit("left in mid-query");
}

function connect(c, bytes, ms) {
  const socket = net.connect(c.gw.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.on("data", () => {});
  socket.write(bytes);
  setTimeout(() => socket.destroy(), ms);
}

const upgradeHead = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n" +
  "Host: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const garbage = ["GET / HTTP/9.9\r\n\r\n", "\0\0\0\0", "\x16\x03\x01\x02\0\x01",
  "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n" +
  "Content-Length: 99999999999999999999\r\n\r\n", `${upgradeHead}\xff\xff\xff`,
  "GET /socket.io/?EIO=4&transport=polling&sid=nobody HTTP/1.1\r\n\r\n"];
// No session by polling among them: it would stay, with its generation, until
// connect_timeout and as long again.
const unfinished = ["", "GET /socket.io/?EIO=4", upgradeHead,
  "POST /socket.io/ HTTP/1.1\r\nContent-Length: 5\r\n\r\n12"];

function talkNonsense(c, rand) {
  const bytes = rand() < 0.5 ? Buffer.from(pick(garbage, rand), "latin1") :
    Buffer.from(Array.from({ length: 1 + rand() * 300 }, () => rand() * 256));
  connect(c, bytes, 200);
  c.hit("garbage");
}

function halfOpen(c, rand) {
  connect(c, pick(unfinished, rand), 500 + rand() * 3000);
  c.hit("half-open");
}

const server = (c) => (c.database ? undefined : "SQLite has no server");
const knows = (c) => (handles(c.gw.child.pid, SIGUSR2) ? undefined :
  "this gateway does not handle SIGUSR2");

// once: in the middle, when no rate is given.
export const faults = {
  "collector-kill": { every: 400, codes: ["WORKER_LOST"],
    run: endCollector(["SIGKILL"]) },
  "collector-crash": { every: 2000, codes: ["WORKER_LOST", "POISONED"],
    run: endCollector(["SIGSEGV", "SIGABRT"]) },
  "collector-stop": { every: 4000, codes: ["WORKER_LOST", "TIMEOUT"],
    run: endCollector(["SIGSTOP"]) },
  "worker-kill": { every: 3000, codes: [], run: killWorker },
  "worker-stop": { every: 4000, codes: [], run: stopForAWhile },
  reload: { every: 1000, codes: [], run: reload },
  workers: { every: 5000, codes: [], run: otherWorkers },
  "database-restart": { every: 10000, alone: true, skip: server,
    codes: outageCodes,
    run: restartDatabase },
  upgrade: { once: true, alone: true, codes: [], skip: knows, run: upgrade },
  "slow-reader": { every: 1500, codes: [], run: slowReader },
  leave: { every: 300, codes: [], run: leave },
  garbage: { every: 300, codes: [], run: talkNonsense },
  "half-open": { every: 500, codes: [], run: halfOpen },
};

// The gateway runs from a file of its own, which an upgrade can replace.
export function ownProgram(folder, program) {
  const bin = path.join(folder, "bin");
  const mine = path.join(bin, "dalpuri");
  if (!existsSync(bin)) mkdirSync(bin);
  copyFileSync(program, mine);
  return mine;
}
