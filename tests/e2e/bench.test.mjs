// What bench/ measures is so: what its load generator counts is what was
// answered, a wrong answer is not counted, and who has ended is not forgotten.
import assert from "node:assert";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import test from "node:test";
import { cpuSeconds } from "../../bench/memory.mjs";
import { PSK, freePort, program, scenario, sql, until } from "./lib.mjs";

const bench = path.resolve(path.dirname(program), "../bench");

// Its figures and how it ended.
const load = (port, ...args) => new Promise((done) => {
  execFile(path.join(bench, "load"), ["-p", port, "-k", PSK, "-j", ...args]
    .map(String), (error, out) => done({ code: error?.code ?? 0,
    ...JSON.parse(out.trim().split("\n").at(-1)) }));
});

scenario("the generator counts requests, sessions and rows", {},
  async (gw) => {
    const [{ n }] = sql(gw.database, "SELECT count(*) AS n FROM Member");
    const ask = ["-e", "fetchMembers", "-o", '{"select":["memberId"]}',
      "-c", 3, "-d", 2, "-n", 50];
    const right = await load(gw.port, ...ask, "-r", n);
    assert.deepEqual([right.code, right.answers, right.failed, right.lost],
      [0, 50, 0, 0], right.why);
    const wrong = await load(gw.port, ...ask, "-r", n + 1);
    assert.deepEqual([wrong.code, wrong.answers, wrong.failed],
      [1, 0, 50], wrong.why);
    const refused = await load(gw.port, "-e", "fetchMembers", "-o",
      '{"select":["nothing"]}', "-n", 5);
    assert.deepEqual([refused.code, refused.failed], [1, 5]);
    assert.match(refused.why, /"success":false/);
    const sessions = await load(gw.port, "-i", 20, "-t", 0.1);
    assert.deepEqual([sessions.code, sessions.answers], [0, 20], sessions.why);
    assert.equal((await load(gw.port, "-C", "-c", 4, "-t", 0.3)).code, 0);
    const stranger = await load(gw.port, "-k", "wrong", "-i", 1);
    assert.equal(stranger.code, 1);
    assert.match(stranger.why, /Unauthorized/);
  });

test("the generator reads answers of any size in frames of any size",
  async () => {
    for (const [rows, bytes, frame] of [[1, 0, 1], [20, 60, 7],
      [2000, 200, 1000], [2000, 200, 0], [1, 65500, 0], [1, 3000000, 65536]]) {
      const port = await freePort();
      const fake = spawn(path.join(bench, "fake"), ["-p", port, "-r", rows,
        "-b", bytes, "-f", frame].map(String));
      try {
        let got;
        await until(async () => {
          got = await load(port, "-e", "any", "-c", 2, "-d", 3, "-n", 30,
            "-r", rows);
          return got.why !== "Connection refused";
        }, "the server listens");
        assert.deepEqual([got.code, got.answers, got.bytes],
          [0, 30, 27 + rows * (bytes + 12)], got.why);
      } finally {
        fake.kill();
      }
    }
  });

test("the time of a process that has ended counts on", async () => {
  const work = "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done";
  const parent = spawn("sh", ["-c", `(${work}; echo; read x); echo; read x`]);
  try {
    await once(parent.stdout, "data");
    const before = cpuSeconds(parent.pid);
    assert.ok(before > 0);
    parent.stdin.write("\n");
    await once(parent.stdout, "data");
    assert.ok(cpuSeconds(parent.pid) >= before);
  } finally {
    parent.stdin.end("\n");
  }
});
