// Goal: another family of clients, python-socketio as Debian has it.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { PSK, scenario, sql, top } from "./lib.mjs";

const python = "/usr/bin/python3";
const program = path.join(top, "tests/e2e/python_client.py");
const skip = spawnSync(python, ["-c", "import socketio, requests, websocket"])
  .status === 0 ? false : "there is no python3-socketio";

async function run(gw, ...args) {
  const { stdout } = await promisify(execFile)(python,
    [program, gw.url, ...args], { timeout: 50000, maxBuffer: 1 << 26,
      env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: "1" } });
  return JSON.parse(stdout);
}

scenario("python-socketio", { skip }, async (gw) => {
  const few = { success: true, data: sql(gw.database,
    'SELECT "Member_RecID" memberRecId, "Member_ID" memberId ' +
    'FROM "Member" ORDER BY 1') };
  const many = sql(gw.database,
    'SELECT "IV_Item_RecID" id FROM "IV_Item" ORDER BY 1').map((r) => r.id);
  for (const [transport, last] of [["websocket", "websocket"],
    ["polling", "polling"], ["both", "websocket"]])
    assert.deepEqual(await run(gw, transport, PSK),
      { few, many, transport: last });
  for (const told of await Promise.all(["websocket", "polling"]
    .map((transport) => run(gw, transport, "wrong"))))
    assert.deepEqual(told, { refused: [{ message: "Unauthorized" }] });
});
