// Goal: browsers get the client from the gateway as from the official server.
import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { PSK, bundle, scenario, until } from "./lib.mjs";

const files = ["js", "min.js", "esm.min.js", "msgpack.min.js"]
  .flatMap((end) => [`socket.io.${end}`, `socket.io.${end}.map`]);

const ask = (gw, method, target, headers = {}, agent = undefined) =>
  new Promise((done, failed) => {
    http.request({ host: "127.0.0.1", port: gw.port, method, path: target,
      headers, agent }, (res) => {
      const parts = [];
      res.on("data", (d) => parts.push(d));
      res.on("end", () => done({ status: res.statusCode, headers: res.headers,
        body: Buffer.concat(parts) }));
    }).on("error", failed).end();
  });

const on = { socketio: `client_bundle = '${bundle}'` };

scenario("the bundle: every file, to the byte", on, async (gw) => {
  for (const name of files) {
    const wanted = readFileSync(path.join(bundle, name));
    for (const target of [name, `${name}?EIO=4&x=/../`]) {
      const r = await ask(gw, "GET", `/socket.io/${target}`);
      assert.equal(r.status, 200, target);
      assert.equal(r.headers["content-type"], `application/${
        name.endsWith(".map") ? "json" : "javascript"}; charset=utf-8`);
      assert.equal(r.headers["cache-control"], "public, max-age=0");
      assert.match(r.headers.etag, /^"\d+\.\d+\.\d+"$/);
      assert.equal(r.headers["access-control-allow-origin"], "*");
      assert.ok(r.body.equals(wanted), target);
    }
  }
});

scenario("the bundle: methods, 304 and other names", on, async (gw) => {
  const js = "/socket.io/socket.io.js";
  const { headers: { etag }, body } = await ask(gw, "GET", js);
  for (const method of ["POST", "PUT", "DELETE"])
    assert.ok((await ask(gw, method, js)).body.equals(body), method);
  const head = await ask(gw, "HEAD", js);
  assert.equal(head.status, 200);
  assert.equal(Number(head.headers["content-length"]), body.length);
  assert.equal(head.body.length, 0);
  assert.equal((await ask(gw, "OPTIONS", js)).status, 204);

  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (const match of [etag, `W/${etag}`, `"1.0", ${etag}`]) {
    const r = await ask(gw, "GET", js, { "if-none-match": match }, agent);
    assert.equal(r.status, 304, match);
    assert.equal(r.headers.etag, etag);
    assert.equal(r.headers["access-control-allow-origin"], "*");
    assert.equal(r.body.length, 0);
  }
  assert.equal((await ask(gw, "GET", js, { "if-none-match": '"1.0"' }, agent))
    .status, 200);
  agent.destroy();

  for (const name of ["socket.io.jsx", "socket.io.es.js", "index.html",
    "../dalpuri.conf", "..%2fdalpuri.conf", "/socket.io.js",
    "%73ocket.io.js", "socket.io.js/", "socket.io.js%00", "SOCKET.IO.JS"]) {
    const r = await ask(gw, "GET", `/socket.io/${name}`);
    assert.equal(r.status, 400, name);
    assert.equal(r.body.toString(),
      '{"code":0,"message":"Transport unknown"}', name);
  }
});

scenario("the bundle over a connection that a worker has", on, async (gw) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const js = readFileSync(path.join(bundle, "socket.io.min.js"));
  const there = "/socket.io/?EIO=4&transport=polling";
  const opened = await ask(gw, "GET", there, {}, agent);
  const { sid } = JSON.parse(opened.body.toString().slice(1));
  for (let i = 0; i < 3; i++) {
    const post = await new Promise((done, failed) => http.request({
      host: "127.0.0.1", port: gw.port, method: "POST", agent,
      path: `${there}&sid=${sid}` }, (res) => {
      res.resume();
      res.on("end", () => done(res.statusCode));
    }).on("error", failed).end(i === 0 ? `40{"psk":"${PSK}"}` : "3"));
    assert.equal(post, 200);
    const r = await ask(gw, "GET", "/socket.io/socket.io.min.js", {}, agent);
    assert.ok(r.body.equals(js));
  }
  agent.destroy();
});

scenario("a reload changes the bundle under nobody's feet",
  { socketio: "client_bundle = 'dist'", before: (gw) =>
    cpSync(bundle, path.join(gw.folder, "dist"), { recursive: true }) },
  async (gw) => {
    const dist = path.join(gw.folder, "dist");
    const big = "x".repeat(4 << 20);
    const js = "/socket.io/socket.io.js";
    const reload = async (generation) => {
      gw.child.kill("SIGHUP");
      await until(() => gw.log.includes(`generation ${generation} is in force`),
        "the reload");
    };
    writeFileSync(path.join(dist, "socket.io.js"), big);
    await reload(2);
    // A reader that has only begun: it gets the file that it asked for.
    const slow = net.connect(gw.port, "127.0.0.1");
    let got = "";
    slow.setEncoding("latin1");
    slow.pause();
    slow.on("data", (d) => { got += d; });
    slow.write(`GET ${js} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await ask(gw, "HEAD", js);
    writeFileSync(path.join(dist, "socket.io.js"), "new");
    await reload(3);
    assert.equal((await ask(gw, "GET", js)).body.toString(), "new");
    slow.resume();
    await until(() => got.length >= big.length && got.endsWith("\r\n\r\n" + big),
      "the old file");
    slow.destroy();

    writeFileSync(path.join(dist, "socket.io.js"), big + "x");
    gw.child.kill("SIGHUP");
    await until(() => gw.log.includes("larger than 4194304 bytes"), "a fault");
    assert.equal((await ask(gw, "GET", js)).body.toString(), "new");
    rmSync(dist, { recursive: true });
    gw.child.kill("SIGHUP");
    await until(() => gw.log.includes("there is no socket.io.js"), "a fault");
    assert.equal((await ask(gw, "GET", js)).body.toString(), "new");
  });

scenario("no client_bundle, no files", {}, async (gw) => {
  const r = await ask(gw, "GET", "/socket.io/socket.io.js");
  assert.equal(r.status, 400);
  assert.equal(r.body.toString(), '{"code":0,"message":"Transport unknown"}');
});
