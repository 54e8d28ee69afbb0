// What a process and all below it take, seen from outside: the sum of their
// proportional set sizes in KiB, and their processor time.
import { readFileSync, readdirSync } from "node:fs";

export function family(pid) {
  const children = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(/\) \S (\d+)/.exec(stat)[1]);
      children.set(parent, [...children.get(parent) ?? [], Number(name)]);
    } catch { /* it has ended */ }
  }
  const all = [pid];
  for (const one of all) all.push(...children.get(one) ?? []);
  return all;
}

function pssOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+)/m.exec(text)[1]);
  } catch (error) {
    if (error.code === "EACCES")
      throw new Error("memory of other processes is for root to read");
    return 0; // it has ended
  }
}

export const pss = (pid) => family(pid).reduce((sum, p) => sum + pssOf(p), 0);

function ticksOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks), 0);
}

// Processor seconds that they have used so far, and those who have ended: each
// counts with the children whose end it has been told.
export function cpuSeconds(pid) {
  const [, ...children] = family(pid), own = ticksOf(pid);
  try {
    return children.reduce((sum, p) => sum + ticksOf(p), own) / 100;
  } catch {
    return cpuSeconds(pid); // one has just ended
  }
}

// What work gives, and the highest sum meanwhile, in MiB.  To look at gigabytes
// takes time from the one who has them: no more than a twentieth of it.
export async function withPeak(pid, work) {
  let peak = 0, timer;
  const look = () => {
    const begun = Date.now();
    peak = Math.max(peak, pss(pid));
    timer = setTimeout(look, Math.max(25, 20 * (Date.now() - begun)));
  };
  look();
  try {
    const figures = await work();
    return { ...figures, mib: Math.max(peak, pss(pid)) / 1024 };
  } finally {
    clearTimeout(timer);
  }
}
