// Goal: the first non-empty of auth.psk, header x-psk and query psk decides.
import assert from "node:assert/strict";
import { io } from "socket.io-client";
import { call, PSK, scenario, transports } from "./lib.mjs";

const rows = [
  // what, auth, header, query, let in?
  ["auth alone", { psk: PSK }, undefined, undefined, true],
  ["header alone", undefined, PSK, undefined, true],
  ["query alone", undefined, undefined, PSK, true],
  ["nothing at all", undefined, undefined, undefined, false],
  ["everything empty", { psk: "" }, "", "", false],
  ["wrong auth", { psk: "wrong" }, undefined, undefined, false],
  ["wrong header", undefined, "wrong", undefined, false],
  ["wrong query", undefined, undefined, "wrong", false],
  ["empty auth, good header", { psk: "" }, PSK, undefined, true],
  ["null auth, good header", { psk: null }, PSK, undefined, true],
  ["false auth, good query", { psk: false }, undefined, PSK, true],
  ["wrong auth, good header", { psk: "wrong" }, PSK, undefined, false],
  ["good auth, wrong header", { psk: PSK }, "wrong", undefined, true],
  ["wrong header, good query", undefined, "wrong", PSK, false],
  ["empty header, good query", undefined, "", PSK, true],
  ["prefix of the key", { psk: PSK.slice(0, -1) }, undefined, undefined, false],
  ["key and more", { psk: PSK + "x" }, undefined, undefined, false],
  ["key, NUL, more", { psk: PSK + "\0x" }, undefined, undefined, false],
  ["other case", { psk: PSK.toUpperCase() }, undefined, undefined, false],
  ["a number", { psk: 5 }, undefined, undefined, false],
  ["an array holding the key", { psk: [PSK] }, undefined, undefined, false],
  ["an object", { psk: { psk: PSK } }, PSK, undefined, false],
  ["other members in auth", { user: "x", psk: PSK, z: [1] }, undefined,
    undefined, true],
  ["the second key", { psk: "second-key" }, undefined, undefined, true],
];

const keys = `key "test" { psk = '${PSK}' }
key "other" { psk = 'second-key' }`;

for (const [name, transport] of Object.entries(transports)) {
  scenario(`${name}: who gets in`, { keys }, async (gw) => {
    for (const [what, auth, header, query, wanted] of rows) {
      const options = { ...transport, auth,
        extraHeaders: header === undefined ? {} : { "x-psk": header },
        query: query === undefined ? {} : { psk: query } };
      const seen = await gw.socket(options).then(
        (s) => { s.disconnect(); return true; },
        (error) => {
          assert.equal(error.message, "Unauthorized", what);
          return false;
        });
      assert.equal(seen, wanted, what);
    }
    assert.ok(!gw.log.includes(PSK), "no key in the log");
  });
}

scenario("a refused socket may try again with the right key", {},
  async (gw) => {
    for (const transport of Object.values(transports)) {
      let tries = 0;
      const socket = await new Promise((done, failed) => {
        const s = io(gw.url, { ...transport, forceNew: true,
          reconnection: false,
          auth: (give) => give({ psk: tries++ ? PSK : "wrong" }) });
        s.on("connect_error", () => s.connect());
        s.on("connect", () => done(s));
        setTimeout(() => failed(new Error("no second try")), 5000).unref();
      });
      assert.equal((await call(socket, "fetchMembers")).success, true);
      socket.disconnect();
    }
  });

scenario("keys may call what they are allowed, and nothing else",
  { keys: `key "test" { psk = '${PSK}'  allow = { "fetchMembers" } }` },
  async (gw) => {
    const socket = await gw.socket();
    assert.equal((await call(socket, "fetchMembers")).success, true);
    const no = await call(socket, "fetchCompanies");
    assert.equal(no.success, false);
    assert.equal(no.code, "FORBIDDEN");
    assert.match(no.error, /fetchCompanies/);
  });

scenario("auth = none lets everybody in",
  { keys: "", socketio: "auth = none" }, async (gw) => {
    for (const transport of Object.values(transports)) {
      const socket = await gw.socket({ ...transport, auth: undefined });
      assert.equal((await call(socket, "fetchMembers")).success, true);
    }
  });
