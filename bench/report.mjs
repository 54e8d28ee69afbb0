// The results of a run for people: tables in Markdown.
import { nameOf } from "./growth.mjs";
import { ratios, short, spread, told } from "./figures.mjs";
import { works } from "./works.mjs";

const runsOf = (results, work, database, kind) => results.filter((r) =>
  r.work === work && r.database === database && r.server === kind);
const valuesOf = (results, work, database, kind, figure) =>
  runsOf(results, work, database, kind).map((r) => r[figure.name]);

// The peer that is best by its median, and how we compare.
function best(results, work, database, peers, figure) {
  const ours = valuesOf(results, work, database, "dalpuri", figure);
  const all = peers.map((kind) => {
    const values = valuesOf(results, work, database, kind, figure);
    return { kind, median: spread(values).median,
      ratio: ratios(ours, values, figure.more) };
  }).filter((peer) => peer.ratio.runs > 0);
  return all.sort((a, b) => figure.more ? b.median - a.median :
    a.median - b.median)[0];
}

const shownDatabase = { postgresql: "PostgreSQL", sqlite: "SQLite" };

function table(results, servers, databases) {
  const peers = servers.filter((s) => s !== "dalpuri");
  const out = [
    `| work | | ${servers.map(nameOf).join(" | ")} | best peer → dalpuri |`,
    `| --- | --- |${" --- |".repeat(servers.length + 1)}`];
  for (const [id, work] of Object.entries(works))
    for (const database of databases)
      for (const figure of work.figures) {
        const cells = servers.map((kind) => {
          const v = valuesOf(results, id, database, kind, figure);
          return v.length ? told(spread(v)) : "–";
        });
        if (cells.every((c) => c === "–")) continue;
        const b = best(results, id, database, peers, figure);
        const r = b ? `× ${told(b.ratio)}` : "–";
        out.push(`| ${id}. ${work.title}, ${figure.unit} | ` +
          `${shownDatabase[database]} | ${cells.join(" | ")} | ${r} |`);
      }
  return out.join("\n");
}

// In short: each work's first figure, ours and that of the best peer.
function summary(results, servers, databases) {
  const peers = servers.filter((s) => s !== "dalpuri");
  const rows = [];
  for (const [id, work] of Object.entries(works))
    for (const database of databases) {
      const [figure] = work.figures;
      const b = best(results, id, database, peers, figure);
      if (!b) continue;
      const of = (kind) => short(spread(valuesOf(results, id, database, kind,
        figure)).median);
      rows.push(`| ${id}. ${work.title} | ${shownDatabase[database]} | ` +
        `${of(b.kind)} (${nameOf(b.kind)}) | ${of("dalpuri")} | ` +
        `${figure.unit} | × ${told(b.ratio)} |`);
    }
  return rows.length === 0 ? "" : ["| work | | best peer | dalpuri | | |",
    "| --- | --- | --- | --- | --- | --- |", ...rows].join("\n");
}

// The part of the project's README that results are put into.
const marks = ["<!-- written by bench/run --readme -->", "<!-- so far -->"];

export function intoReadme(text, all, folder) {
  const [from, to] = marks.map((mark) => text.indexOf(mark));
  if (from < 0 || to < from) throw new Error("README.md has no place for it");
  const plot = all.plots.includes("memory.svg") ?
    `\n![Peak memory against rows](${folder}/memory.svg)\n` : "";
  return `${text.slice(0, from + marks[0].length)}
${summary(all.results, all.servers, all.databases)}

Medians of ${all.rounds} rounds on ${all.machine.cores} cores (${
  all.machine.model}), of what the best of three peers and dalpuri took, and how
many times better dalpuri was, with lowest and highest of the rounds;
[all figures and plots](${folder}/README.md). With \`coalesce\`, which no peer
has, requests that wait and ask for the same share an answer.
${plot}${text.slice(to)}`;
}

// dalpuri's share of what the driver alone gives, round by round.
function bareTable(results, databases) {
  const out = [];
  for (const database of databases) {
    const bare = runsOf(results, "c", database, "bare");
    const ours = runsOf(results, "c", database, "dalpuri");
    if (!bare.length || !ours.length) continue;
    const share = ratios(ours.map((r) => r.mb_per_s),
      bare.map((r) => r.mb_per_s), true);
    out.push(`| ${shownDatabase[database]} | ` +
      `${told(spread(bare.map((r) => r.mb_per_s)))} | ` +
      `${told(spread(ours.map((r) => r.mb_per_s)))} | ${told(share)} |`);
  }
  return out.length ? ["", "## Beside the driver alone", "",
    "The same rows as JSON, into a buffer that nobody reads, in MB/s.", "",
    "| | driver alone | dalpuri, to the client | share |",
    "| --- | --- | --- | --- |", ...out].join("\n") : "";
}

// How much of a core the generator, which is one thread, took beside us.
function generatorShare(results) {
  const shares = Object.keys(works).map((id) => {
    const runs = results.filter((r) => r.work === id &&
      r.server === "dalpuri" && r.seconds > 0);
    return runs.length ? `${id} ${short(100 * spread(runs.map((r) =>
      r.cpu_s / r.seconds)).median)} %` : "";
  }).filter(Boolean);
  return shares.length ? ["", "What it took of its one core while it asked " +
    `dalpuri: ${shares.join(", ")}.`] : [];
}

function generatorTable(rows, results) {
  return ["", "## The load generator", "",
    "Beside a server that has its answer ready, on the same machine; the " +
    "last column is what one core spent in the generator could ask.", "",
    "| answer | requests/s | MB/s | per second of its own |",
    "| --- | --- | --- | --- |",
    ...rows.map((r) => `| ${r.title} | ${short(r.per_s)} | ` +
      `${short(r.mb_per_s || undefined)} | ${short(r.answers / r.cpu_s)} |`),
    ...generatorShare(results)].join("\n");
}

export function report({ machine, rounds, seconds, servers, databases,
  results, generator, pgbench, plots, busy, failures }) {
  const versions = Object.entries(machine.versions)
    .map(([name, v]) => `${name} ${v}`).join(", ");
  return `# Measured on ${machine.date}

${machine.cores} cores (${machine.model}), ${machine.memory_gib} GiB, ` +
`${machine.system}, Linux ${machine.kernel}; servers, database and load
generator share them. ${versions}.

Medians of ${rounds} rounds of ${seconds} s, in each of which every server
had its turn, with lowest and highest; the last column compares round by
round with the peer that did best. g is one run. Processor time is that of all
processes of a server, its database aside; memory is the sum of their
proportional set sizes. Others took ${
  short(busy * 100)} % of the processors when it began.

${summary(results, servers, databases)}

## All figures

${table(results, servers, databases)}
${pgbench ? `
For scale: pgbench's prepared SELECT of work a's rows, 8 clients, ${
  told(spread(pgbench))} transactions/s.` : ""}
${failures.length ? `
Failed:

${failures.map((f) => `- ${f}`).join("\n")}` : ""}
${bareTable(results, databases)}
${generator ? generatorTable(generator, results) : ""}
${plots.length ? `
## Growth

${plots.map((name) => `![](${name})`).join("\n")}
` : ""}`;
}
