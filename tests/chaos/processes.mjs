// What the kernel knows of a gateway's processes.
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

const read = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

export const descriptors = (pid) => {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
};

// What they are, without the numbers: { "socket": 12, "anon_inode": 3 }.
export function kinds(pid) {
  const found = {};
  for (const fd of readdirSync(`/proc/${pid}/fd`))
    try {
      const what = readlinkSync(`/proc/${pid}/fd/${fd}`).split(":[")[0];
      found[what] = (found[what] ?? 0) + 1;
    } catch { /* closed meanwhile */ }
  return JSON.stringify(found);
}

// Its own share of the memory, in KB.
export const memory = (pid) =>
  Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);

// Which file it runs: another one has another number.
export const binary = (pid) => {
  try {
    return statSync(`/proc/${pid}/exe`).ino;
  } catch {
    return 0;
  }
};

// Is it one of a gateway's children, and not somebody else by now?
export const isChild = (pid) =>
  read(`/proc/${pid}/cmdline`).startsWith("dalpuri: ");

// A sanitizer keeps what was freed.
export const sanitized = (program) =>
  readFileSync(program).includes("__asan_init");

// Does it handle the signal?
export const handles = (pid, number) => {
  const mask = /^SigCgt:\s+(\w+)/m.exec(read(`/proc/${pid}/status`))?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) >> BigInt(number - 1)) & 1n;
};

// Numbers of a calm gateway: descriptors and memory of the master and of each
// role.
export function measure(gw) {
  const of = (role) => gw.processes(role).map(({ pid }) => pid);
  const most = (list, of) => Math.max(0, ...list.map(of));
  const workers = of("worker");
  const collectors = of("collector");
  const all = [gw.child.pid, ...workers, ...collectors];
  return {
    "descriptors of the master": descriptors(gw.child.pid),
    "descriptors of a worker": most(workers, descriptors),
    "descriptors of a collector": most(collectors, descriptors),
    "processes": gw.processes().length + 1,
    "memory of the master, KB": memory(gw.child.pid),
    "memory of a worker, KB": most(workers, memory),
    "memory of all, KB": all.map(memory).reduce((a, b) => a + b, 0),
  };
}
