// Goal: a real browser, with a page from another origin and the client that
// the gateway itself serves, over every transport.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { PSK, alive, bundle, hasProgram, scenario, sleep, sql, transports,
  until } from "./lib.mjs";

const skip = hasProgram("chromium") ? false : "there is no chromium";

// What runs in the page, for each of [name, options].
async function inPage(io, url, runs) {
  const answers = [];
  const call = (socket, ...args) => new Promise((done, failed) => {
    setTimeout(() => failed(new Error("no answer")), 15000);
    socket.emit(...args, done);
  });
  for (const [name, options] of runs) {
    const socket = io(url, { forceNew: true, reconnection: false, ...options });
    try {
      await new Promise((done, failed) => {
        socket.once("connect", done);
        socket.once("connect_error", failed);
      });
      const few = await call(socket, "fetchMembers",
        { select: ["memberRecId"] });
      const large = await call(socket, "fetchProducts", { include:
        ["subcategory", "manufacturer", "inventory", "itemVendors"] });
      const { engine } = socket.io;
      if (engine.transport.name !== options.transports.at(-1))
        await new Promise((done) => engine.once("upgrade", done));
      answers.push({ name, few, success: large.success,
        rows: large.data.length, bytes: JSON.stringify(large).length,
        transport: engine.transport.name });
    } catch (error) {
      answers.push({ name, error: error.message });
    }
    socket.disconnect();
  }
  return answers;
}

// A server for the page; result is what the page tells it.
async function pageServer(html) {
  const server = http.createServer((request, response) => {
    let text = "";
    request.on("data", (d) => { text += d; });
    request.on("end", () => {
      if (request.method === "POST") server.result = JSON.parse(text);
      response.setHeader("content-type", "text/html");
      response.end(request.url === "/" ? html : "");
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  server.url = `http://127.0.0.1:${server.address().port}/`;
  return server;
}

const page = (head, body, url, runs) => `<!doctype html><title>-</title>
<script>window.onerror = (m) => fetch("/", { method: "POST",
  body: JSON.stringify({ error: String(m) }) });</script>
${head}
<script type="module">
${body}
const answers = await (${inPage})(io, ${JSON.stringify(url)},
  ${JSON.stringify(runs)});
await fetch("/", { method: "POST", body: JSON.stringify(answers) });
</script>`;

async function browse(html) {
  const server = await pageServer(html);
  const folder = mkdtempSync(path.join(os.tmpdir(), "dalpuri-browser-"));
  const browser = spawn("chromium", ["--headless", "--no-sandbox",
    "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
    "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    `--user-data-dir=${folder}`, server.url], { stdio: ["ignore", "ignore",
    "pipe"], detached: true, env: { PATH: process.env.PATH, HOME: folder } });
  let log = "";
  browser.stderr.on("data", (d) => { log += d; });
  browser.on("error", (error) => { log += error; });
  try {
    return await until(() => server.result, "the page's result", 40000);
  } catch (error) {
    console.error(`---- the browser's log\n${log.slice(-5000)}`);
    throw error;
  } finally {
    if (browser.pid) {
      process.kill(-browser.pid, "SIGKILL");
      await until(() => !alive(browser.pid), "the browser has ended");
    }
    server.closeAllConnections();
    server.close();
    await sleep(50);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const withAuth = Object.entries(transports).map(([name, options]) =>
  [name, { ...options, auth: { psk: PSK } }]);
const withHeader = Object.entries(transports)
  .filter(([name]) => name !== "websocket only").map(([name, options]) =>
    [`${name}, with x-psk`, { ...options, extraHeaders: { "x-psk": PSK } }]);
const wrong = ["a wrong key", { transports: ["polling"],
  extraHeaders: { "x-psk": "wrong" } }];

function check(gw, answers, runs) {
  assert.ok(Array.isArray(answers), JSON.stringify(answers));
  assert.deepEqual(answers.map((a) => a.name), runs.map(([name]) => name));
  const few = sql(gw.database, 'SELECT "Member_RecID" memberRecId ' +
    'FROM "Member" ORDER BY 1');
  const [{ n }] = sql(gw.database, 'SELECT count(*) n FROM "IV_Item"');
  for (const [i, a] of answers.entries()) {
    if (a.name === wrong[0]) {
      assert.equal(a.error, "Unauthorized");
      continue;
    }
    assert.equal(a.error, undefined, a.name);
    assert.deepEqual(a.few.data, few, a.name);
    assert.equal(a.success, true, a.name);
    assert.equal(a.rows, n, a.name);
    assert.ok(a.bytes > 1 << 20, "the answer is long enough to be streamed");
    assert.equal(a.transport, runs[i][1].transports.at(-1), a.name);
  }
}

scenario("a browser: a page of another origin, every transport",
  { skip, socketio: `client_bundle = '${bundle}'` }, async (gw) => {
    // x-psk makes the browser ask first, with a preflight.
    const runs = [...withAuth, ...withHeader, wrong];
    check(gw, await browse(page(
      `<script src="${gw.url}/socket.io/socket.io.js"></script>`, "", gw.url,
      runs)), runs);
  });

// It offers permessage-deflate, and compresses whatever it sends.
scenario("a browser: compressed, by every transport", { skip,
  socketio: `client_bundle = '${bundle}'`,
  conf: "compression { websocket = true }" }, async (gw) => {
  check(gw, await browse(page(
    `<script src="${gw.url}/socket.io/socket.io.js"></script>`, "", gw.url,
    withAuth)), withAuth);
  gw.child.kill("SIGUSR1");
  const [, bytes, made] = await until(() =>
    /counters: compressed (\d+) bytes to (\d+)/.exec(gw.log), "the counters");
  assert.ok(bytes > 1 << 20 && made < bytes / 3, `${bytes} to ${made}`);
});

// A module is read under the rules of CORS.
for (const [origins, wanted] of [["*", "function"],
  ["http://elsewhere.example", "refused"]])
  scenario(`a browser: the module, cors_origins = ${origins}`,
    { skip, socketio: `client_bundle = '${bundle}'
      cors_origins = { "${origins}" }` }, async (gw) => {
      const url = `${gw.url}/socket.io/socket.io.esm.min.js`;
      assert.equal(await browse(`<!doctype html><script type="module">
        const is = await import("${url}").then((m) => typeof m.io,
          () => "refused");
        fetch("/", { method: "POST", body: JSON.stringify(is) });
        </script>`), wanted);
    });
