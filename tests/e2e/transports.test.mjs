// Goal: an unmodified client gets the right rows over every transport.
import assert from "node:assert/strict";
import { call, scenario, sql, transports } from "./lib.mjs";

const events = {
  fetchCompanies: ["Company", "Company_RecID", "companyRecId"],
  fetchMembers: ["Member", "Member_RecID", "memberRecId"],
  fetchProducts: ["IV_Item", "IV_Item_RecID", "ivItemRecId"],
  fetchOpportunities: ["SO_Opportunity", "Opportunity_RecID",
    "opportunityRecId"],
  fetchContacts: ["Contact", "Contact_RecID", "contactRecId"],
};

for (const [name, options] of Object.entries(transports)) {
  scenario(`${name}: the five collectors`, {}, async (gw) => {
    const socket = await gw.socket(options);
    for (const [event, [table, , key]] of Object.entries(events)) {
      const count = sql(gw.database, `SELECT count(*) n FROM "${table}"`)[0].n;
      for (const args of [[], [undefined], [null], [{}]]) {
        const all = await call(socket, event, ...args);
        assert.equal(all.success, true, JSON.stringify(all).slice(0, 300));
        assert.equal(all.data.length, count, event);
      }
      const { data } = await call(socket, event, { select: [key] });
      const ids = data.map((row) => row[key]);
      assert.deepEqual(ids, [...ids].sort((a, b) => a - b),
        "rows come in primary-key order");
      assert.deepEqual(Object.keys(data[0]), [key]);
    }
  });

  scenario(`${name}: many requests in flight on one socket`, {}, async (gw) => {
    const socket = await gw.socket(options);
    const wanted = sql(gw.database,
      "SELECT \"Member_RecID\" memberRecId, \"Member_ID\" memberId " +
      "FROM \"Member\" ORDER BY 1");
    const answers = await Promise.all(Array.from({ length: 40 }, () =>
      call(socket, "fetchMembers", { select: ["memberRecId", "memberId"] })));
    for (const a of answers)
      assert.deepEqual(a, { success: true, data: wanted });
  });

  scenario(`${name}: a large answer equals the sum of its parts`, {},
    async (gw) => {
      const socket = await gw.socket(options);
      const full = await call(socket, "fetchProducts", {
        include: ["subcategory", "manufacturer", "inventory", "itemVendors"] });
      assert.equal(full.success, true);
      assert.ok(JSON.stringify(full).length > 1 << 20,
        "the answer is long enough to be streamed");
      const plain = await call(socket, "fetchProducts");
      const bare = full.data.map(({ subcategory, manufacturer, inventory,
        itemVendors, ...scalars }) => scalars);
      assert.deepEqual(bare, plain.data);
    });

  scenario(`${name}: twenty clients at once`, {}, async (gw) => {
    const sockets = await Promise.all(Array.from({ length: 20 },
      () => gw.socket(options)));
    const answers = await Promise.all(sockets.map((s) =>
      call(s, "fetchContacts", { select: { contactRecId: true } })));
    for (const a of answers) assert.deepEqual(a, answers[0]);
  });
}

scenario("upgrade happens, and the session goes on over websocket", {},
  async (gw) => {
    const socket = await gw.socket(transports["polling, then upgrade"]);
    const engine = socket.io.engine;
    if (engine.transport.name !== "websocket")
      await new Promise((done) => engine.once("upgrade", done));
    assert.equal(engine.transport.name, "websocket");
    const { success } = await call(socket, "fetchMembers");
    assert.equal(success, true);
  });

scenario("requests that straddle the upgrade are answered once each", {},
  async (gw) => {
    for (let round = 0; round < 10; round++) {
      const socket = await gw.socket(transports["polling, then upgrade"]);
      let answers = 0;
      const calls = [];
      for (let i = 0; i < 30; i++) {
        calls.push(call(socket, "fetchMembers", { select: ["memberRecId"] })
          .then((a) => { assert.equal(a.success, true); answers++; }));
        if (i % 5 === 0) await new Promise((done) => setTimeout(done, 2));
      }
      await Promise.all(calls);
      assert.equal(answers, 30);
      socket.disconnect();
    }
  });

scenario("heartbeat keeps a quiet session alive",
  { socketio: "ping_interval = 300ms  ping_timeout = 1s" }, async (gw) => {
    for (const options of Object.values(transports)) {
      const socket = await gw.socket(options);
      let lost;
      socket.on("disconnect", (why) => { lost = why; });
      await new Promise((done) => setTimeout(done, 1800));
      assert.equal(lost, undefined);
      assert.equal((await call(socket, "fetchMembers")).success, true);
    }
  });
