// Goal: the proxies of examples/ are transparent: every transport, many
// sessions over a few shared connections, large answers, many in flight.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync }
  from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { call, freePort, hasProgram, scenario, sql, top, transports, until }
  from "./lib.mjs";

const proxies = {
  nginx: {
    file: "nginx.conf",
    // What would go to folders of the system goes to the test's.
    adapt: (text, port, folder) => text.replace("listen 80;",
      `listen 127.0.0.1:${port};`).replace("http {", `http {
        access_log off;
        client_body_temp_path ${folder}/body;
        proxy_temp_path ${folder}/proxy;
        fastcgi_temp_path ${folder}/fastcgi;
        uwsgi_temp_path ${folder}/uwsgi;
        scgi_temp_path ${folder}/scgi;`),
    args: (file, folder) => ["-p", folder, "-c", file, "-e", "stderr", "-g",
      `daemon off; pid ${folder}/pid;`],
  },
  haproxy: {
    file: "haproxy.cfg",
    adapt: (text, port) => text.replace("bind :80", `bind 127.0.0.1:${port}`),
    args: (file) => ["-db", "-f", file],
  },
};

const status = (url) => new Promise((done) => {
  http.get(url, (res) => { res.resume(); done(res.statusCode); })
    .on("error", () => done(0));
});

// Start it in front of the gateway, whose url it takes over.
async function start(gw, name) {
  const { file, adapt, args } = proxies[name];
  const folder = mkdtempSync(path.join(os.tmpdir(), "dalpuri-proxy-"));
  const port = await freePort();
  const text = readFileSync(path.join(top, "examples", file), "utf8");
  const conf = path.join(folder, file);
  chmodSync(folder, 0o755);
  assert.ok(text.includes("127.0.0.1:3000"));
  writeFileSync(conf, adapt(text, port, folder)
    .replace("server 127.0.0.1:3000", `server 127.0.0.1:${gw.port}`)
    .replace("dalpuri 127.0.0.1:3000", `dalpuri 127.0.0.1:${gw.port}`));
  const child = spawn(name, args(conf, folder), { stdio: ["ignore", "ignore",
    "pipe"], env: { PATH: `${process.env.PATH}:/usr/sbin` } });
  const proxy = { log: "", url: `http://127.0.0.1:${port}` };
  child.stderr.on("data", (d) => { proxy.log += d; });
  child.on("error", (error) => { proxy.log += error; });
  const ended = new Promise((done) => child.on("close", done));
  proxy.stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
  };
  await until(async () => await status(`${proxy.url}/socket.io/`) === 400,
    `${name} answers for the gateway`).catch(async (error) => {
    await proxy.stop();
    throw new Error(`${error.message}\n${proxy.log}`);
  });
  gw.url = proxy.url;
  return proxy;
}

const select = ["memberRecId", "memberId"];
const include = ["subcategory", "manufacturer", "inventory", "itemVendors"];

for (const name of Object.keys(proxies))
  scenario(`behind ${name}`, { workers: 2, timeout: 90000,
    skip: hasProgram(name) ? false : `there is no ${name}` }, async (gw) => {
    const proxy = await start(gw, name);
    const members = { success: true, data: sql(gw.database,
      'SELECT "Member_RecID" memberRecId, "Member_ID" memberId ' +
      'FROM "Member" ORDER BY 1') };
    const products = sql(gw.database,
      'SELECT "IV_Item_RecID" id FROM "IV_Item" ORDER BY 1').map((r) => r.id);
    try {
      for (const [transport, options] of Object.entries(transports)) {
        const sockets = await Promise.all(Array.from({ length: 20 },
          () => gw.socket(options)));
        const small = await Promise.all(sockets.map((s) =>
          call(s, "fetchMembers", { select })));
        for (const a of small) assert.deepEqual(a, members, transport);
        const many = await Promise.all(Array.from({ length: 30 }, () =>
          call(sockets[0], "fetchMembers", { select })));
        for (const a of many) assert.deepEqual(a, members, transport);
        const large = await Promise.all(sockets.slice(0, 3).map((s) =>
          call(s, "fetchProducts", { include })));
        for (const a of large) {
          assert.equal(a.success, true, transport);
          assert.deepEqual(a.data.map((row) => row.ivItemRecId), products);
        }
        const engines = sockets.map((s) => s.io.engine.transport.name);
        assert.deepEqual(engines, sockets.map(() => options.transports.at(-1)));
        for (const s of sockets) s.disconnect();
      }
      const refused = await gw.socket({ auth: { psk: "wrong" },
        transports: ["polling"] }).catch((error) => error.message);
      assert.equal(refused, "Unauthorized");
    } catch (error) {
      console.error(`---- log of ${name}\n${proxy.log.slice(-5000)}`);
      throw error;
    } finally {
      for (const s of gw.sockets) s.disconnect();
      await proxy.stop();
    }
  });
