// The works that are measured, one row each.  A work gives figures by name;
// which of them is told, in what unit, and whether more is better, is in
// `figures`.
import { load, sleep } from "./servers.mjs";
import { pss, withPeak } from "./memory.mjs";

const select = (...fields) => JSON.stringify({ select: fields });
const relations = JSON.stringify({
  include: ["subcategory", "manufacturer", "inventory", "itemVendors"] });

const perSecond = { name: "per_s", unit: "requests/s", more: true };
const p99 = { name: "p99_ms", unit: "p99 ms", more: false };
const p50 = { name: "p50_ms", unit: "ms", more: false };
// of all processes of a server, its database aside: what others do on the
// machine hardly changes it
const cpu = { name: "server_ms", unit: "processor ms each", more: false };
const megabytes = { name: "mb_per_s", unit: "MB/s", more: true };

const requests = (...args) => (at, server, seconds) =>
  load(at, server, [...args, "-t", seconds]);

const small = { scale: "small", figures: [perSecond, p99, cpu],
  measure: requests("-e", "fetchMembers", "-o",
    select("memberId", "firstName", "lastName"), "-c", 8, "-d", 4, "-r", 20) };
const middle = { scale: "default", figures: [perSecond, p99, cpu],
  measure: requests("-e", "fetchCompanies", "-o",
    select("companyId", "companyName"), "-c", 4, "-d", 2, "-r", 2000) };
// `coalesce` in the collectors' files; peers have no such thing
const settings = { shared: true };

export const works = {
  a: { ...small, title: "20 rows × 3 fields, 8 connections × 4 in flight" },
  "a+": { ...small, title: "the same with coalesce", settings },
  b: { ...middle,
    title: "2,000 rows × 2 fields, 4 connections × 2 in flight" },
  "b+": { ...middle, title: "the same with coalesce", settings },
  c: { title: "10,000 products, all fields, one at a time",
    scale: "default", figures: [p50, megabytes, cpu], bare: "ProductCatalog",
    measure: requests("-e", "fetchProducts", "-r", 10000) },
  d: { title: "10,000 products with 4 relations, one at a time",
    scale: "default", figures: [p50, megabytes, cpu],
    measure: requests("-e", "fetchProducts", "-o", relations, "-r", 10000) },
  e: { title: "handshake and CONNECT, 16 at once", scale: "small",
    figures: [{ name: "per_s", unit: "sessions/s", more: true }, cpu],
    measure: requests("-C", "-c", 16) },
  f: { title: "memory of an idle session, of 5,000", scale: "small",
    fresh: true,
    figures: [{ name: "kib", unit: "KiB", more: false }],
    measure: async (at, server) => {
      const { before, held } = await hold(at, server, 5000);
      return { kib: (held - before) / 5000 };
    } },
  g: { title: "peak memory, 100,000 products", scale: "large", fresh: true,
    once: true, figures: [{ name: "mib", unit: "MiB", more: false },
      { name: "p50_ms", unit: "ms", more: false }],
    measure: (at, server) => peak(at, server, 100000) },
  "g+": { title: "peak memory, 100,000 products with 4 relations",
    scale: "large", fresh: true, once: true,
    figures: [{ name: "mib", unit: "MiB", more: false },
      { name: "p50_ms", unit: "ms", more: false }],
    measure: (at, server) => peak(at, server, 100000, "-o", relations) },
};

// One request of an answer of any size.
const peak = (at, server, rows, ...args) => withPeak(server.pid, () =>
  load(at, server, ["-e", "fetchProducts", ...args, "-n", 1, "-r", rows,
    "-x", 300]));

// Idle sessions; what `meanwhile` gives is measured while they are held.
export async function hold(at, server, count, meanwhile = () => ({})) {
  // a first session, so that what is made once is there
  await load(at, server, ["-i", 1, "-t", 0.2]);
  const before = pss(server.pid);
  if (count === 0)
    return { before, held: before, ...await meanwhile() };
  let found;
  await load(at, server, ["-i", count, "-t", 600], (text, child) => {
    if (found || !text.startsWith("ready")) return;
    found = (async () => {
      try {
        await sleep(1000);
        const held = pss(server.pid);
        return { before, held, ...await meanwhile() };
      } finally {
        child.kill("SIGINT");
      }
    })();
    found.catch(() => {});
  }).catch((error) => { if (!found) throw error; });
  return found;
}
