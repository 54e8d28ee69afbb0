// Goal: SIGTERM closes the ports, tells clients to go one after the other over
// drain_time, answers whatever was asked, and ends with 0; a second one ends
// everything at once.
import assert from "node:assert/strict";
import net from "node:net";
import { call, dalpurictl, scenario, sleep, transports, until }
  from "./lib.mjs";

const refused = (port) => new Promise((done) => {
  const s = net.connect(port, "127.0.0.1");
  s.on("connect", () => { s.destroy(); done(false); });
  s.on("error", () => done(true));
});

// When each of n clients was told to go.
async function crowd(gw, n, extra) {
  const clients = await Promise.all(Array.from({ length: n }, () =>
    gw.socket(extra)));
  const gone = [];
  for (const c of clients)
    c.on("disconnect", () => gone.push(Date.now()));
  return { clients, gone };
}

for (const [name, extra] of Object.entries(transports))
  scenario(`clients go one after the other: ${name}`,
    { ends: false, limits: "drain_time = 3s", log: "info" }, async (gw) => {
      const { clients, gone } = await crowd(gw, 20, extra);
      const first = clients[0];

      await sleep(500);
      gw.sockets = [];
      const exit = gw.stop();
      await until(() => refused(gw.port), "the port is closed");
      await until(() => gone.length > 0, "somebody is told to go");
      assert.ok(gone.length < 15, `${gone.length} at once`);
      await until(() => gone.length === 20, "all are told to go");
      assert.ok(gone[19] - gone[0] > 1000, "they go one after the other");
      assert.equal(await exit, 0);
      assert.equal(first.connected, false);
    });

scenario("who has not been told to go is still served",
  { ends: false, limits: "drain_time = 3s", log: "info" }, async (gw) => {
    const { clients } = await crowd(gw, 6);
    const wrong = [];
    let answered = 0;

    gw.sockets = [];
    const exit = gw.stop();
    await Promise.all(clients.map(async (c) => {
      while (c.connected) {
        const a = await call(c, "fetchMembers", { take: 2 })
          .catch((error) => ({ lost: error.message }));
        if (a.success) answered++;
        else if (!a.lost && a.code !== "CANCELLED") wrong.push(a);
        await sleep(50);
      }
    }));
    assert.deepEqual(wrong, []);
    assert.ok(answered > 20, `${answered} answers`);
    assert.equal(await exit, 0);
  });

scenario("a second signal ends it at once",
  { ends: false, limits: "drain_time = 10min", log: "info" }, async (gw) => {
    await gw.socket();
    gw.child.kill("SIGTERM");
    await until(() => refused(gw.port), "the port is closed");
    assert.equal(gw.exit, undefined);
    const before = Date.now();
    assert.equal(await gw.stop(), 0);
    assert.ok(Date.now() - before < 5000);
  });

scenario("dalpurictl drain is the same", { ends: false, log: "info",
  conf: 'control = "ctl.sock"', limits: "drain_time = 1s" }, async (gw) => {
  const { gone } = await crowd(gw, 4);

  assert.equal((await dalpurictl(gw, "drain")).status, 0);
  await until(() => gone.length === 4, "all are told to go");
  assert.equal(await gw.ended, 0);
});
