// Goal: who has dalpuri installed, and nothing else of it, builds a collector
// in C by pkg-config, as C and as C++, and drops it into the folder.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { io } from "socket.io-client";
import { PSK, call, hasProgram, program, scenario, sql, top }
  from "./lib.mjs";

const tree = path.join(path.dirname(program), "..");
const skip = !existsSync(path.join(tree, "Makefile")) &&
  "the program is in no build tree";

for (const compiler of ["gcc", "g++", "clang"])
  scenario(`the example, made with ${compiler}`, {
    skip: skip || (!hasProgram(compiler) && `there is no ${compiler}`),
    timeout: 240000, before: (gw) => {
      const root = mkdtempSync(path.join(os.tmpdir(), "dalpuri-root-"));
      const source = path.join(root, "plugin");
      const env = { PATH: process.env.PATH, PKG_CONFIG_SYSROOT_DIR: root };
      const make = (folder, ...args) => execFileSync("make", args,
        { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });

      try {
        make(tree, "install", `DESTDIR=${root}`);
        env.PKG_CONFIG_PATH = path.dirname(execFileSync("find", [root,
          "-name", "dalpuri-collector.pc"], { encoding: "utf8" }).trim());
        cpSync(path.join(top, "examples/plugin"), source,
          { recursive: true });
        make(source, `CC=${compiler}`, "CFLAGS=-Wall -Wextra -Werror",
          "install", `DESTDIR=${gw.folder}`, "COLLECTORS=/collectors");
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    } }, async (gw) => {
    const socket = await gw.socket();
    const rows = (prefix) => sql(gw.database, "SELECT Company_RecID AS id, "
      + `Company_Name AS name FROM Company WHERE Company_Name LIKE '${prefix}%'`
      + " ORDER BY Company_Name");
    const [{ name }] = rows("");
    const prefix = name.slice(0, 2);

    for (let i = 0; i < 3; i++)
      assert.deepEqual(await call(socket, "findCompanies", prefix),
        { success: true, data: rows(prefix) });
    assert.deepEqual((await call(socket, "findCompanies", "")).data,
      rows(""));
    const refused = await call(socket, "findCompanies", { name: "x" });
    assert.equal(refused.code, "BAD_OPTIONS");
    const other = io(`${gw.url}/companies`, { auth: { psk: PSK },
      transports: ["websocket"], reconnection: false });
    gw.sockets.push(other);
    const told = await new Promise((done) => other.once("welcome", done));
    assert.equal(typeof told.calls, "number");
  });
