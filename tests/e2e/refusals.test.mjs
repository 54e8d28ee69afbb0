// Goal: every refusal has a code and a sentence that names what is wrong, and
// none costs the connection.
import assert from "node:assert/strict";
import { databases } from "./databases.mjs";
import { call, demoDatabase, scenario, sql } from "./lib.mjs";

const rows = [
  // event, options, code, what the sentence must say
  ["fetchCompanies", { select: ["companyNmae"] }, "UNKNOWN_FIELD",
    [/companyNmae/, /Company/, /companyName/]],
  ["fetchCompanies", { include: ["curency"] }, "UNKNOWN_FIELD",
    [/curency/, /Company/, /currency/]],
  ["fetchCompanies", { include: { childCompanies: { select: { nope: true } } } },
    "UNKNOWN_FIELD", [/nope/, /Company/]],
  ["fetchCompanies", { select: ["companyId"], include: ["market"] },
    "BAD_OPTIONS", [/select/, /include/]],
  ["fetchCompanies", { include: { childCompanies: { select: { companyId: true },
    include: { market: true } } } }, "BAD_OPTIONS", [/select/, /include/]],
  ["fetchCompanies", { include: ["companyName"] }, null, [/companyName/]],
  ["fetchCompanies", { select: [] }, "BAD_OPTIONS", [/select/]],
  ["fetchCompanies", { select: {} }, "BAD_OPTIONS", [/select/]],
  ["fetchCompanies", { select: { companyId: false } }, "BAD_OPTIONS",
    [/select/]],
  ["fetchCompanies", { foo: 1 }, "BAD_OPTIONS", [/foo/]],
  ["fetchCompanies", { include: { childCompanies: { foo: 1 } } },
    "BAD_OPTIONS", [/foo/]],
  ["fetchCompanies", { select: { companyId: null } }, "BAD_OPTIONS",
    [/companyId/]],
  ["fetchProducts", { select: ["price"] }, "UNKNOWN_FIELD",
    [/price/, /listPrice/]],
  ["fetchProducts", { include: ["vendor"] }, "UNKNOWN_FIELD",
    [/vendor/, /itemVendors/]],
  ["fetchCompany", {}, "UNKNOWN_COLLECTOR", [/fetchCompany/]],
  ["../fetchCompanies", {}, "UNKNOWN_COLLECTOR", [/fetchCompanies/]],
  ["fetchCompanies\0", {}, "UNKNOWN_COLLECTOR", [/NUL/]],
];

async function refusals(gw) {
  const socket = await gw.socket();
  for (const [event, options, code, says] of rows) {
    const answer = await call(socket, event, options);
    const what = `${event} ${JSON.stringify(options)}: ` +
      JSON.stringify(answer).slice(0, 300);
    assert.equal(answer.success, false, what);
    if (code) assert.equal(answer.code, code, what);
    for (const pattern of says) assert.match(answer.error, pattern, what);
    assert.deepEqual(Object.keys(answer), ["success", "error", "code"], what);
  }
  assert.equal((await call(socket, "fetchMembers")).success, true);
}

scenario("options nested too deep are told, and cost nothing else", {},
  async (gw) => {
    const socket = await gw.socket();
    let deep = {};
    for (let i = 0; i < 80; i++) deep = { select: deep };
    const answer = await call(socket, "fetchMembers", deep);
    assert.equal(answer.code, "LIMIT");
    assert.match(answer.error, /json_depth/);
    assert.equal((await call(socket, "fetchMembers")).success, true);
  });

scenario("options that are no object mean everything", {}, async (gw) => {
  const socket = await gw.socket();
  const all = await call(socket, "fetchMembers");
  for (const options of [5, "x", [], false, true, null, {}])
    assert.deepEqual(await call(socket, "fetchMembers", options), all,
      JSON.stringify(options));
  assert.deepEqual(await call(socket, "fetchMembers", {}, "extra", 7), all,
    "the callback may stand behind any number of arguments");
  socket.emit("fetchMembers");
  socket.emit("nobodyListens", 1, 2);
  assert.deepEqual(await call(socket, "fetchMembers"), all);
});

async function rowLimit(gw) {
  const socket = await gw.socket();
  const answer = await call(socket, "fetchCompanies");
  assert.equal(answer.success, false);
  assert.equal(answer.code, "LIMIT");
  assert.match(answer.error, /10/);
}

async function byteLimit(gw) {
  const socket = await gw.socket();
  const answer = await call(socket, "fetchProducts", { include:
    ["inventory", "subcategory"] });
  assert.equal(answer.success, false);
  assert.equal(answer.code, "LIMIT");
  assert.equal((await call(socket, "fetchMembers")).success, true);
}

async function attachments(gw) {
  const socket = await gw.socket();
  const answer = await call(socket, "fetchCompanies", { select: {
    companyId: true, srSignoff: { select: { srSignoffRecId: true } } } });
  assert.equal(answer.success, true);
  const one = await call(socket, "fetchCompanies",
    { include: ["srSignoff"] });
  assert.equal(one.success, true, one.error);
  const values = one.data.map((r) => r.srSignoff && Object.values(r.srSignoff)
    .find((v) => Buffer.isBuffer(v))).filter(Boolean);
  const stored = sql(demoDatabase(), `SELECT count(*) n FROM "Company" c
    JOIN "SR_Signoff" s ON s."SR_Signoff_RecID" = c."SR_Signoff_RecID"
    WHERE s."Logo" IS NOT NULL`)[0].n;
  assert.equal(values.length, stored);
}

for (const { name, url } of await databases()) {
  const run = (what, body, database = "") => scenario(`${name}: ${what}`, { url,
    database }, body);
  run("refusals", refusals);
  run("limits are told, never silently missing rows", rowLimit,
    "max_rows = 10");
  run("max_result_bytes ends a long answer as LIMIT", byteLimit,
    "max_result_bytes = 300K");
  run("bytes arrive as attachments", attachments);
}
