// How figures grow: with connections, rows, database connections and idle
// sessions.  Each series is one plot, or two.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { kinds, load, run } from "./servers.mjs";
import { watchPeak } from "./memory.mjs";
import { hold, works } from "./works.mjs";
import { plot } from "./plot.mjs";

const names = { dalpuri: "dalpuri", node: "Node + Prisma",
  bun: "Bun + Prisma", "bun-engine": "Bun, its own engine" };
export const nameOf = (kind) => names[kind] ?? kind;

const members = works.a.measure;
const powers = (from, to, by) => {
  const all = [];
  for (let n = from; n <= to; n *= by) all.push(n);
  return all;
};

// Measure one thing at each value of x, every server in its turn.  A peer
// that fails where we do not is left out from there on.
async function series(at, servers, start, values, measure, say) {
  const found = {}, running = new Map();
  try {
    for (const kind of servers) {
      running.set(kind, await start(kind));
      found[kind] = [];
    }
    for (const x of values)
      for (const [kind, server] of [...running])
        try {
          found[kind].push({ x, ...await measure(server, x) });
          say(`${nameOf(kind)} at ${x}`, found[kind].at(-1));
        } catch (error) {
          say(`${nameOf(kind)} at ${x} fails: ${error.message}`);
          running.delete(kind);
          await server.stop();
        }
  } finally {
    for (const server of running.values()) await server.stop();
  }
  return found;
}

const lines = (found, figure) => Object.entries(found).map(([kind, rows]) =>
  ({ name: nameOf(kind), points: rows.map((r) => [r.x, r[figure]]) }));

export const growths = {
  connections: {
    scale: "small",
    run: (at, o, say) => series(at, o.servers, o.start, powers(1, 64, 2),
      async (server, n) => {
        const args = ["-e", "fetchMembers", "-o",
          '{"select":["memberId","firstName","lastName"]}', "-c", n,
          "-r", 20, "-w", 1, "-t", o.seconds];
        return load(at, server, args);
      }, say),
    plots: (found) => {
      const x = { title: "connections, one request in flight on each",
        log: true, ticks: powers(1, 64, 2) };
      return { "connections.svg": plot({ x, lines: lines(found, "per_s"),
        title: "20 rows × 3 fields", y: { title: "requests/s" } }),
      "latency.svg": plot({ x, lines: lines(found, "p99_ms"),
        title: "20 rows × 3 fields, 99 of 100 answers within",
        y: { title: "ms", log: true } }) };
    },
  },
  rows: {
    scale: "large",
    run: (at, o, say) => series(at, o.servers, o.start, powers(1, 1e6, 10),
      async (server, rows) => {
        const stop = watchPeak(server.pid);
        const figures = await load(at, server, ["-e", "fetchContacts", "-o",
          `{"select":["contactRecId","firstName","email"],"take":${rows}}`,
          "-n", rows > 10000 ? 2 : 10, "-r", rows, "-x", 300]);
        return { ...figures, mib: stop() / 1024 };
      }, say),
    plots: (found) => {
      const x = { title: "rows of an answer, 3 fields each", log: true };
      return { "rows.svg": plot({ x, lines: lines(found, "p50_ms"),
        title: "Time to the end of an answer",
        y: { title: "ms", log: true } }),
      "memory.svg": plot({ x, lines: lines(found, "mib"),
        title: "Peak memory of all processes",
        y: { title: "MiB", log: true } }) };
    },
  },
  collectors: {
    scale: "small",
    run: async (at, o, say) => {
      const found = { dalpuri: [] };
      const folder = mkdtempSync(path.join(os.tmpdir(), "dalpuri-bench-"));
      await run("psql", ["-qX", o.database.url, "-c",
        "CREATE OR REPLACE VIEW slow AS SELECT 1 AS id FROM pg_sleep(0.02)"]);
      writeFileSync(path.join(folder, "fetchSlow.sql"),
        "SELECT id FROM slow\n");
      try {
        for (const n of powers(1, 32, 2)) {
          const server = await kinds.dalpuri(at, o.database,
            { collectors: folder, workers: n > 1 ? 2 : 1,
              connections: n > 1 ? n / 2 : 1 });
          const figures = await load(at, server, ["-e", "fetchSlow",
            "-c", 16, "-d", 4, "-r", 1, "-w", 1, "-t", o.seconds]);
          await server.stop();
          found.dalpuri.push({ x: n, ...figures, limit: n / 0.02 });
          say(`${n} collectors`, figures);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      return found;
    },
    plots: (found) => ({ "collectors.svg": plot({
      title: "A database that answers in 20 ms",
      x: { title: "database connections", log: true, ticks: powers(1, 32, 2) },
      y: { title: "requests/s", log: true },
      lines: [...lines(found, "per_s"),
        { name: "connections / 20 ms", points: found.dalpuri.map((r) =>
          [r.x, r.limit]) }] }) }),
  },
  idle: {
    scale: "small",
    run: (at, o, say) => series(at, o.servers, o.start,
      [0, 1000, 2000, 5000, 10000], async (server, n) => {
        const { held, ...figures } = await hold(at, server, n, () =>
          members(at, server, o.seconds));
        return { ...figures, mib: held / 1024 };
      }, say),
    plots: (found) => {
      const x = { title: "idle sessions" };
      return { "idle-memory.svg": plot({ x, lines: lines(found, "mib"),
        title: "Memory of all processes", y: { title: "MiB" } }),
      "idle.svg": plot({ x, lines: lines(found, "per_s"),
        title: "Work a beside idle sessions",
        y: { title: "requests/s" } }) };
    },
  },
};
