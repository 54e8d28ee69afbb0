#!/usr/bin/env node
// A flame graph: `perf script` on standard input, SVG on standard output.
//
//   perf script | flame.mjs TITLE
//
// Every box is a function, as wide as its share of the samples, on top of the
// one that called it; a box tells its share when the mouse rests on it.
import { readFileSync } from "node:fs";

const width = 1200, row = 17, margin = 10, narrowest = 0.3;

// Samples are blocks: a line about the event, then the stack from its tip.
function readStacks(text) {
  const root = { name: "all", samples: 0, below: new Map() };
  for (const block of text.split(/\n\s*\n/)) {
    const lines = block.split("\n").filter((l) => l && !l.startsWith("#"));
    const command = /^\s*(\S.*?)\s+\d+(\/\d+)?\s/.exec(lines[0] ?? "")?.[1];
    if (!command) continue;
    const stack = lines.slice(1).map((l) =>
      /^\s*[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \((.*)\)$/.exec(l))
      .filter(Boolean).map(([, name, where]) =>
        name === "[unknown]" ? `[${where.split("/").at(-1)}]` : name);
    let node = root;
    node.samples++;
    for (const name of [command, ...stack.reverse()]) {
      if (!node.below.has(name))
        node.below.set(name, { name, samples: 0, below: new Map() });
      node = node.below.get(name);
      node.samples++;
    }
  }
  return root;
}

const depthOf = (node) => 1 + Math.max(0, ...[...node.below.values()]
  .map(depthOf));
const escape = (text) => text.replace(/[&<>"]/g,
  (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;" })[c]);

// Warm colours, always the same one for a name.
function colour(name) {
  let n = 0;
  for (const c of name) n = (n * 31 + c.codePointAt(0)) % 997;
  return `hsl(${10 + n % 40},${70 + n % 25}%,${62 + n % 14}%)`;
}

function draw(title) {
  const root = readStacks(readFileSync(0, "utf8"));
  if (root.samples === 0) throw new Error("no samples");
  const height = (depthOf(root) + 2) * row + 2 * margin;
  const scale = (width - 2 * margin) / root.samples;
  const out = [`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" ` +
    `height="${height}" viewBox="0 0 ${width} ${height}" ` +
    'font-family="sans-serif" font-size="11">',
  `<rect width="${width}" height="${height}" fill="#fff"/>`,
  `<text x="${margin}" y="${margin + 12}" font-size="14">` +
    `${escape(title)}: ${root.samples} samples</text>`];
  const put = (node, x, depth) => {
    const w = node.samples * scale, y = height - margin - (depth + 1) * row;
    if (w < narrowest) return;
    const share = (100 * node.samples / root.samples).toFixed(1);
    const fits = Math.floor((w - 4) / 6.2);
    const label = node.name.length <= fits ? node.name :
      fits > 3 ? `${node.name.slice(0, fits - 1)}…` : "";
    out.push(`<g><title>${escape(node.name)}, ${share} %</title>` +
      `<rect x="${x.toFixed(1)}" y="${y}" width="${w.toFixed(1)}" ` +
      `height="${row - 1}" fill="${colour(node.name)}"/>` +
      (label ? `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">` +
        `${escape(label)}</text>` : "") + "</g>");
    let at = x;
    for (const below of [...node.below.values()].sort((a, b) =>
      a.name < b.name ? -1 : 1)) {
      put(below, at, depth + 1);
      at += below.samples * scale;
    }
  };
  put(root, margin, 0);
  return `${out.join("\n")}\n</svg>\n`;
}

try {
  process.stdout.write(draw(process.argv[2] ?? "flame graph"));
} catch (error) {
  console.error(`flame: ${error.message}`);
  process.exit(1);
}
