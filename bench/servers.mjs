// Whatever is measured is started here, one process (and its children) each,
// and nothing of it outlives us.
import { execFile, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync,
  writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { promisify } from "node:util";

export const top = path.resolve(import.meta.dirname ??
  path.dirname(new URL(import.meta.url).pathname), "..");
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const PSK = "bench";
const START_S = 30, STOP_S = 10;

const running = new Set();
let stopPostgresql;

export const freePort = () => new Promise((done, failed) => {
  const server = net.createServer().on("error", failed);
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

const answers = (port) => new Promise((done) => {
  const s = net.connect(port, "127.0.0.1");
  s.on("connect", () => { s.destroy(); done(true); });
  s.on("error", () => done(false));
});

export class Server {
  constructor(name, command, { cwd, env, log }) {
    this.name = name;
    this.log = log;
    const out = openSync(log, "w");
    this.child = spawn(command[0], command.slice(1),
      { cwd, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
        stdio: ["ignore", out, out] });
    closeSync(out);
    this.pid = this.child.pid;
    this.ended = new Promise((done) => {
      this.child.on("error", done);
      this.child.on("close", done);
    }).then(() => running.delete(this));
    running.add(this);
  }

  async ready(port) {
    this.port = port;
    for (let i = 0; i < START_S * 20; i++) {
      if (await answers(port)) return this;
      if (!running.has(this)) break;
      await sleep(50);
    }
    throw new Error(`${this.name} does not start:\n` +
      readFileSync(this.log, "utf8").slice(-2000));
  }

  async stop() {
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_S * 1000);
    await this.ended;
    clearTimeout(timer);
  }
}

export async function stopAll() {
  await Promise.all([...running].map((server) => server.stop()));
  stopPostgresql?.();
  stopPostgresql = undefined;
}

// The project's, where those who ask the same share an answer, or do not.
function copyCollectors(to, shared) {
  const from = path.join(top, "conf/collectors");
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const text = readFileSync(path.join(from, name), "utf8");
    writeFileSync(path.join(to, name), shared ? text :
      text.replace("coalesce = true\n", ""));
  }
  return to;
}

// The kinds of servers.  `at`: { work, build }; `settings`: what a work or a
// series varies in dalpuri's conf.
export const kinds = {
  async dalpuri(at, database, settings = {}) {
    const port = await freePort(), folder = path.join(at.work, "dalpuri");
    const { workers = 2, connections = 2, shared = false, collectors =
      copyCollectors(path.join(folder, `${port}.d`), shared) } = settings;
    const conf = path.join(folder, `${port}.conf`);
    writeFileSync(conf, `listen = "127.0.0.1:${port}"
workers = ${workers}
database {
  url = "${database.url}"
  schema = "${path.join(at.work, "peer", database.provider, "schema.prisma")}"
  collectors = "${path.resolve(top, collectors)}"
  connections = ${connections}
  max_result_bytes = 0
  query_timeout = 10min
}
key "bench" { psk = "${PSK}" }
`);
    const server = new Server("dalpuri",
      [path.join(at.build, "src/dalpuri"), "-c", conf],
      { cwd: folder, log: path.join(folder, `${port}.log`) });
    server.ended.then(() => {
      rmSync(conf, { force: true });
      rmSync(path.join(folder, `${port}.d`), { recursive: true, force: true });
    });
    return server.ready(port);
  },
  node: (at, database) => peer(at, database, "node",
    ["node", "--import", "tsx", "server.mjs"]),
  bun: (at, database) => peer(at, database, "bun", ["bun", "server.mjs"]),
  "bun-engine": (at, database) => peer(at, database, "bun-engine",
    ["bun", "server.mjs"], { ENGINE: "bun" }),
};

async function peer(at, database, name, command, env = {}) {
  const port = await freePort(), cwd = path.join(at.work, "peer");
  return new Server(name, command, { cwd, log: path.join(cwd, `${name}.log`),
    env: { PATH: `${cwd}/node_modules/.bin:${process.env.PATH}`,
      NODE_ENV: "production", PORT: port, PSK, DATABASE_URL: database.url,
      ...env } }).ready(port);
}

// Any other server: a command that takes PORT, PSK and DATABASE_URL.
export function addKind(name, command) {
  kinds[name] = async (at, database) => {
    const port = await freePort();
    return new Server(name, ["sh", "-c", `exec ${command}`],
      { cwd: top, log: path.join(at.work, `${name}.log`),
        env: { NODE_ENV: "production", PORT: port, PSK,
          DATABASE_URL: database.url } }).ready(port);
  };
}

// The figures of bench/load.
export async function load(at, server, args, watch = () => {}) {
  const child = execFile(path.join(at.build, "bench/load"),
    ["-p", server.port, "-k", PSK, "-j", ...args].map(String),
    { encoding: "utf8" });
  let text = "";
  child.stdout.on("data", (data) => { text += data; watch(text, child); });
  const [code, signal] = await new Promise((done) =>
    child.on("close", (...how) => done(how)));
  const figures = JSON.parse(text.trim().split("\n").at(-1) || "{}");
  if (code !== 0)
    throw new Error(`${server.name}: load ${args.join(" ")}: ` +
      `${figures.why ?? signal ?? code}: ${figures.failed} failed, ` +
      `${figures.lost} lost of ${figures.answers}`);
  return figures;
}

export async function run(program, args) {
  const { stdout } = await promisify(execFile)(program, args,
    { maxBuffer: 1 << 26 });
  return stdout;
}

// A PostgreSQL of our own; its url without the database.
export async function startPostgresql(folder) {
  const script = path.join(top, "tests/servers");
  stopPostgresql = () => {
    try {
      execFileSync(script, ["stop", folder], { stdio: "ignore" });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  const out = execFileSync(script,
    ["fast", folder, String(await freePort()), String(process.pid)],
    { encoding: "utf8" });
  const { username, host } = new URL(out.trim().split("\n").at(-1));
  return `postgresql://${username}@${host}`;
}
