// Goal: every way to start it, and every way to be told that one cannot.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { call, PSK, program, scenario, until } from "./lib.mjs";

const run = (args, env = {}, cwd = os.tmpdir()) => spawnSync(program, args, {
  env: { PATH: process.env.PATH, ...env }, cwd, encoding: "utf8",
  timeout: 20000 });

test("without any key: exit 78 and a message that names PSK", () => {
  const r = run([], { DATABASE_URL: "file:x.db" });
  assert.equal(r.status, 78, r.stderr);
  assert.match(r.stderr, /PSK/);
});

test("without a database: exit 78 and a message that names it", () => {
  const r = run([], { PSK });
  assert.equal(r.status, 78, r.stderr);
  assert.match(r.stderr, /DATABASE_URL/);
  assert.ok(!r.stderr.includes(PSK));
});

test("a faulty file: exit 78, file and line, all faults of value", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dalpuri-start-"));
  const file = path.join(folder, "dalpuri.conf");
  writeFileSync(file, "workers = many\nsocketio {\n  ping_interval = 3\n}\n");
  const r = run(["check", "-c", file]);
  assert.equal(r.status, 78, r.stderr);
  assert.match(r.stderr, /dalpuri\.conf:1: .*workers/);
  assert.match(r.stderr, /dalpuri\.conf:3: .*ping_interval/);
  rmSync(folder, { recursive: true });
});

test("an unknown key is named with its line", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dalpuri-start-"));
  const file = path.join(folder, "dalpuri.conf");
  writeFileSync(file, "workers = 2\nwrokers = 3\n");
  const r = run(["check", "-c", file]);
  assert.equal(r.status, 78, r.stderr);
  assert.match(r.stderr, /dalpuri\.conf:2: .*wrokers/);
  rmSync(folder, { recursive: true });
});

test("a missing file: a sentence that names it", () => {
  const r = run(["-c", "/nonexistent/dalpuri.conf"]);
  assert.notEqual(r.status, 0);
  assert.match(r.stderr, /\/nonexistent\/dalpuri\.conf/);
});

test("wrong usage: exit 64 and how it should be", () => {
  const r = run(["--no-such-option"]);
  assert.equal(r.status, 64);
  assert.match(r.stderr, /usage/i);
});

scenario("the environment alone is enough, from the source tree",
  { ends: true }, async (gw) => {
    assert.equal(await gw.stop(), 0);
    gw.spawn([], { DATABASE_URL: "file:demo.db", PSK: "from-environment",
      PORT: String(gw.port) });
    await until(() => gw.answers(), "it listens on PORT");
    const socket = await gw.socket({ auth: { psk: "from-environment" } });
    assert.equal((await call(socket, "fetchCompanies")).success, true);
  });

scenario("environment wins over the file", {}, async (gw) => {
  assert.equal(await gw.stop(), 0);
  gw.spawn(["-c", gw.conf], { PSK: "from-environment" });
  await until(() => gw.answers(), "it listens");
  for (const psk of ["from-environment", PSK])
    await gw.socket({ auth: { psk } });
});

scenario("check says that a good file is good", {}, async (gw) => {
  const r = run(["check", "-c", gw.conf]);
  assert.equal(r.status, 0, r.stderr);
  assert.ok(!(r.stdout + r.stderr).includes(PSK));
});

scenario("a port in use is told", {}, async (gw) => {
  const r = run(["-c", gw.conf]);
  assert.notEqual(r.status, 0);
  assert.match(r.stderr, new RegExp(String(gw.port)));
});
