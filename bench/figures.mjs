// Many runs of the same thing, told as one figure and how far they went apart.

export function spread(values) {
  const v = [...values].sort((a, b) => a - b);
  const middle = v.length >> 1;
  return { min: v[0], max: v.at(-1), runs: v.length,
    median: v.length % 2 ? v[middle] : (v[middle - 1] + v[middle]) / 2 };
}

// How many times better one side was than another, round by round.
export function ratios(ours, theirs, more) {
  const pairs = ours.slice(0, theirs.length).map((v, i) =>
    more ? v / theirs[i] : theirs[i] / v);
  return spread(pairs);
}

export function short(n) {
  if (n === undefined || Number.isNaN(n)) return "–";
  const digits = n >= 100 ? 0 : n >= 10 ? 1 : n >= 1 ? 2 : 3;
  return n.toFixed(digits).replace(/\B(?=(\d{3})+$)/g, (at, x, i, text) =>
    text.includes(".") ? "" : ",");
}

export const told = (s) => short(s.median) +
  (s.runs > 1 ? ` (${short(s.min)}–${short(s.max)})` : "");
