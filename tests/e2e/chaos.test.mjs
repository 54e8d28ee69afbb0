// Goal: under a mix of all faults each request is accounted for, and nothing
// leaks.  tests/chaos/run does the same for longer.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import test from "node:test";
import { top } from "./lib.mjs";

const chaos = (...args) => spawnSync(process.execPath,
  [path.join(top, "tests/chaos/chaos.mjs"), ...args],
  { encoding: "utf8", timeout: 280000, maxBuffer: 1 << 26 });

test("a short mix of faults costs what they explain, and nothing more",
  { timeout: 300000 }, (t) => {
    const { status, stdout, stderr } = chaos("--seconds", "15", "--clients",
      "30", "--depth", "4", "--seed", "7");
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    t.diagnostic(stdout.replaceAll("\n", "\n# "));
  });

test("an unknown fault is named", () => {
  const { status, stderr } = chaos("--mix", "earthquake");
  assert.notEqual(status, 0);
  assert.match(stderr, /earthquake: one of collector-kill /);
});
