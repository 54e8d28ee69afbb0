// Plots as SVG, drawn by hand: lines over one axis, linear or logarithmic.
const width = 640, height = 400;
const box = { left: 78, right: 20, top: 44, bottom: 92 };
const colours = ["#0b6e4f", "#c1440e", "#3a5fcd", "#8a5a9e", "#7a7a7a"];
const dashes = ["", "6 3", "2 3", "8 3 2 3", "1 4"];

const escape = (text) => String(text).replace(/[&<>]/g,
  (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

function tick(value) {
  if (value === 0) return "0";
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1000) return `${value / 1000}k`;
  return String(Number(value.toPrecision(3)));
}

// About five round numbers from 0 to above the highest value.
function linearTicks(max) {
  const rough = (max || 1) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((n) => n * power >= rough) * power;
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 },
    (_, i) => i * step);
}

function logTicks(min, max) {
  const from = Math.floor(Math.log10(min)), to = Math.ceil(Math.log10(max));
  return Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
}

function axis(values, log, { from, to }, given) {
  const ticks = given ?? (log ?
    logTicks(Math.min(...values), Math.max(...values)) :
    linearTicks(Math.max(...values)));
  const f = log ? Math.log10 : (v) => v;
  const low = f(ticks[0]), high = f(ticks.at(-1));
  return { ticks,
    at: (v) => from + (to - from) * (f(v) - low) / (high - low || 1) };
}

const text = (x, y, s, more = "") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escape(s)}</text>`;

// { title, x: { title, log, ticks }, y: { title, log },
//   lines: [{ name, points: [[x, y]] }] }
export function plot({ title, x, y, lines }) {
  const points = lines.flatMap((l) => l.points);
  const across = axis(points.map((p) => p[0]), x.log,
    { from: box.left, to: width - box.right }, x.ticks);
  const up = axis(points.map((p) => p[1]), y.log,
    { from: height - box.bottom, to: box.top });
  const out = [`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" ` +
    `height="${height}" viewBox="0 0 ${width} ${height}" ` +
    'font-family="sans-serif" font-size="12" fill="#222">',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(box.left, 24, title, 'font-size="15" font-weight="bold"')];
  for (const t of up.ticks)
    out.push(`<path d="M${box.left} ${up.at(t).toFixed(1)}H` +
      `${width - box.right}" stroke="#ddd"/>`,
    text(box.left - 8, up.at(t) + 4, tick(t), 'text-anchor="end"'));
  for (const t of across.ticks)
    out.push(`<path d="M${across.at(t).toFixed(1)} ${height - box.bottom}` +
      'v5" stroke="#666"/>',
    text(across.at(t), height - box.bottom + 20, tick(t),
      'text-anchor="middle"'));
  out.push(`<path d="M${box.left} ${height - box.bottom}H` +
    `${width - box.right}" stroke="#666"/>`,
  text((box.left + width - box.right) / 2, height - box.bottom + 40, x.title,
    'text-anchor="middle"'),
  `<g transform="translate(18 ${(height - box.bottom + box.top) / 2}) ` +
    `rotate(-90)">${text(0, 0, y.title, 'text-anchor="middle"')}</g>`);
  lines.forEach((line, i) => {
    const style = `stroke="${colours[i]}" stroke-width="2" fill="none"` +
      (dashes[i] ? ` stroke-dasharray="${dashes[i]}"` : "");
    const path = line.points.map(([a, b]) =>
      `${across.at(a).toFixed(1)} ${up.at(b).toFixed(1)}`);
    out.push(`<path d="M${path.join("L")}" ${style}/>`);
    for (const [a, b] of line.points)
      out.push(`<circle cx="${across.at(a).toFixed(1)}" ` +
        `cy="${up.at(b).toFixed(1)}" r="3" fill="${colours[i]}"/>`);
    const lx = 36 + (i % 4) * 150, ly = height - 26 + (i >> 2) * 16;
    out.push(`<path d="M${lx} ${ly}h24" ${style}/>`,
      text(lx + 30, ly + 4, line.name));
  });
  return `${out.join("\n")}\n</svg>\n`;
}
