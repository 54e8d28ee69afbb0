// What was measured on.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";

const first = (program, ...args) => {
  try {
    return execFileSync(program, args, { encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"] }).split("\n")[0].trim();
  } catch {
    return "";
  }
};

const debian = (name) => first("dpkg-query", "-W", "-f", "${Version}", name);

// Share of the processors that others take, over a second.
export async function othersShare() {
  const read = () => {
    const n = readFileSync("/proc/stat", "utf8").split("\n")[0].trim()
      .split(/\s+/).slice(1, 9).map(Number);
    return { idle: n[3] + n[4], all: n.reduce((a, b) => a + b) };
  };
  const before = read();
  await new Promise((done) => setTimeout(done, 1000));
  const after = read();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

export function describe(peerFolder) {
  const installed = (name) => {
    try {
      return JSON.parse(readFileSync(
        `${peerFolder}/node_modules/${name}/package.json`)).version;
    } catch {
      return "";
    }
  };
  const versions = {
    dalpuri: first("git", "describe", "--always", "--dirty"),
    compiler: first("gcc", "--version"),
    PostgreSQL: debian("postgresql-15"),
    "its ODBC driver": debian("odbc-postgresql"),
    SQLite: debian("libsqlite3-0"),
    "SQLite's ODBC driver": debian("libsqliteodbc"),
    Node: installed(`node-linux-${process.arch}`) || process.versions.node,
    Bun: installed("bun"), Prisma: installed("prisma"),
    "socket.io": installed("socket.io"),
    "@socket.io/bun-engine": installed("@socket.io/bun-engine"),
  };
  return {
    cores: os.cpus().length, model: os.cpus()[0].model.trim(),
    memory_gib: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release(),
    system: /PRETTY_NAME="(.*)"/.exec(
      readFileSync("/etc/os-release", "utf8"))?.[1] ?? os.type(),
    versions: Object.fromEntries(Object.entries(versions)
      .filter(([, v]) => v)),
  };
}
