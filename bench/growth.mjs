// How figures grow: with connections, rows, collectors and idle sessions.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { kinds, load, run } from "./servers.mjs";
import { withPeak } from "./memory.mjs";
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

// Measure one thing at each value of x, every server in its turn.  One that
// fails is left out from there on.
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

// Two plots: what is done in a second, and how long it takes.
const pair = (name, title, found, x, log) => ({
  [`${name}.svg`]: plot({ x, lines: lines(found, "per_s"), title,
    y: { title: "requests/s", log } }),
  [`${name}-p99.svg`]: plot({ x, lines: lines(found, "p99_ms"),
    title: `${title}: p99`, y: { title: "ms", log: true } }),
});

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
    plots: (found) => pair("connections", "20 rows × 3 fields", found, {
      title: "connections, one request in flight on each", log: true,
      ticks: powers(1, 64, 2) }),
  },
  rows: {
    scale: "large",
    run: (at, o, say) => series(at, o.servers, o.start, powers(1, 1e6, 10),
      async (server, rows) => {
        const args = ["-e", "fetchContacts", "-o",
          `{"select":["contactRecId","firstName","email"],"take":${rows}}`,
          "-r", rows, "-x", 300];
        return withPeak(server.pid, async () => {
          await load(at, server, [...args, "-n", 1]); // warms up
          return load(at, server, [...args, "-t", o.seconds]);
        });
      }, say),
    plots: (found) => {
      const x = { title: "rows of an answer, 3 fields each", log: true };
      return { ...pair("rows", "One request after another", found, x, true),
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
          found.dalpuri.push({ x: n, ...figures });
          say(`${n} collectors`, figures);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      return found;
    },
    plots: ({ dalpuri }) => pair("collectors",
      "64 requests at once, a database that answers in 20 ms", { dalpuri,
        "its own limit": dalpuri.map(({ x }) => ({ x,
          per_s: x / 0.02, p99_ms: 64 / x * 20 })) },
      { title: "collectors", log: true, ticks: powers(1, 32, 2) }, true),
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
      return { ...pair("idle", "Work a beside idle sessions", found, x),
        "idle-memory.svg": plot({ x, lines: lines(found, "mib"),
          title: "Memory of all processes", y: { title: "MiB" } }) };
    },
  },
};
