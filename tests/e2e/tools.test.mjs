// Goal: the commands that stand beside the daemon: what they write is what
// clients get, and what is wrong is told with an exit status of its own.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync }
  from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { call, environment, program, PSK, scenario } from "./lib.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));

function command(gw, args, env = {}) {
  return spawnSync(program, args, { cwd: gw.folder, timeout: 60000,
    env: { ...environment(), ...env }, maxBuffer: 1 << 28 });
}
const text = (run) => run.stdout.toString();
const errors = (run) => run.stderr.toString();

// The data of an answer as it stood in the frame, to the byte.
function rawData(socket, event, options) {
  return new Promise((done) => {
    socket.io.engine.on("packet", function take({ type, data }) {
      if (type !== "message" || !/^43\d*\[/.test(`4${data}`)) return;
      socket.io.engine.off("packet", take);
      const whole = data.slice(data.indexOf("[") + 1, -1);
      const from = whole.indexOf("\"data\":") + 7;
      done(whole.startsWith("{\"success\":true") ? whole.slice(from, -1) :
        whole.slice(from, whole.lastIndexOf(",\"success\":true}")));
    });
    socket.emit(event, options, () => {});
  });
}

scenario("export gives the bytes of the call's data", {}, async (gw) => {
  const socket = await gw.socket();
  const cases = [
    ["fetchCompanies", {}, []],
    ["fetchProducts", { include: ["inventory", "manufacturer"] },
      ["--include", "inventory,manufacturer"]],
    ["fetchCompanies", { select: { companyId: true,
      childCompanies: { select: { companyName: true } } } },
    ["--select", '{"companyId":true,"childCompanies":{"select":' +
      '{"companyName":true}}}']],
    ["fetchMembers", { where: { memberRecId: { gt: 2 } }, take: 5,
      orderBy: { lastName: "desc" }, skip: 1, omit: { title: true } },
    ["--where", '{"memberRecId":{"gt":2}}', "--take", "5", "--order-by",
      '{"lastName":"desc"}', "--skip", "1", "--omit", "title"]],
    ["fetchContacts", { select: ["lastName"], distinct: ["lastName"] },
      ["--options", '{"select":["x"]}', "--select", "lastName",
        "--distinct", "lastName"]],
  ];

  for (const [event, options, words] of cases) {
    const run = command(gw, ["export", "-c", "dalpuri.conf", ...words, event]);

    assert.equal(run.status, 0, errors(run));
    assert.equal(errors(run), "", "nothing but rows");
    assert.equal(text(run), await rawData(socket, event, options), event);
    assert.ok(JSON.parse(text(run)).length > 0, event);
  }
});

scenario("export says what is wrong", {}, async (gw) => {
  const cases = [
    [["fetchCompanys"], 1, /UNKNOWN_COLLECTOR: .*"fetchCompanies"/],
    [["--select", "companyIdd", "fetchCompanies"], 1,
      /UNKNOWN_FIELD: .*"companyId"/],
    [["--take", "many", "fetchCompanies"], 64, /--take takes JSON/],
    [[], 64, /usage: dalpuri export/],
    [["a", "b"], 64, /usage: dalpuri export/],
  ];

  for (const [words, status, message] of cases) {
    const run = command(gw, ["export", "-c", "dalpuri.conf", ...words]);

    assert.equal(run.status, status, errors(run));
    assert.match(errors(run), message);
    assert.equal(text(run), "");
  }
  const none = command(gw, ["export", "-c", "none.conf", "fetchCompanies"]);
  assert.equal(none.status, 78, errors(none));
  assert.match(errors(none), /none\.conf/);
});

scenario("call asks the gateway that runs", {}, async (gw) => {
  const socket = await gw.socket();
  const expected = await call(socket, "fetchMembers",
    { select: ["memberId", "lastName"], take: 3 });
  const words = ["call", "-u", gw.url, "--select", "memberId,lastName",
    "--take", "3", "fetchMembers"];
  const good = command(gw, words, { PSK });
  const raw = command(gw, ["call", "--raw", ...words.slice(1)],
    { PSK, PORT: String(gw.port) });

  assert.equal(good.status, 0, errors(good));
  assert.deepEqual(JSON.parse(text(good)), expected.data);
  assert.deepEqual(JSON.parse(text(raw)), expected);
  writeFileSync(path.join(gw.folder, "key"), `${PSK}\n`);
  const file = command(gw, ["call", "-k", "key", ...words.slice(1)]);
  assert.equal(text(file), text(good));

  // Streamed in fragments, and longer than one read.
  const large = command(gw, ["call", "-u", gw.url, "--include",
    "opportunityCompanies", "fetchCompanies"], { PSK });
  assert.equal(large.status, 0, errors(large));
  assert.deepEqual(JSON.parse(text(large)), (await call(socket,
    "fetchCompanies", { include: ["opportunityCompanies"] })).data);
});

scenario("call says what is wrong", {}, async (gw) => {
  const cases = [
    [["-u", gw.url, "fetchCompanies"], {}, 77, /Unauthorized/],
    [["-u", gw.url, "fetchCompanies"], { PSK: "wrong" }, 77, /Unauthorized/],
    [["-u", gw.url, "-n", "/nope", "fetchCompanies"], { PSK }, 77,
      /Invalid namespace/],
    [["-u", gw.url, "fetchCompanys"], { PSK }, 1,
      /UNKNOWN_COLLECTOR: .*fetchCompanies/],
    [["-u", "https://127.0.0.1", "x"], { PSK }, 1, /http:\/\//],
    [["-u", "http://127.0.0.1:1", "x"], { PSK }, 69, /refused/],
    [["-u", `${gw.url}/nowhere/`, "x"], { PSK }, 69, /closed the connection/],
    [["-k", "nofile", "x"], {}, 66, /nofile/],
    [["-t", "0", "x"], {}, 64, /1 to 86400/],
  ];

  for (const [words, env, status, message] of cases) {
    const run = command(gw, ["call", ...words], env);

    assert.equal(run.status, status, `${words}: ${errors(run)}`);
    assert.match(errors(run), message);
    assert.ok(!errors(run).includes(PSK));
  }
});

scenario("types hold right programs and refuse wrong ones", {
  before(gw) {
    const folder = path.join(gw.folder, "collectors");

    writeFileSync(path.join(folder, "fetchContacts.collector"),
      "model = Contact\nhide = gender\n");
    writeFileSync(path.join(folder, "large.sql"), `
-- param minId Int : the smallest
SELECT Company_RecID AS id, Company_Name AS name FROM Company
WHERE Company_RecID >= :minId
`);
  },
}, async (gw) => {
  const folder = path.join(gw.folder, "ts");

  mkdirSync(folder);
  symlinkSync(path.join(here, "node_modules"),
    path.join(folder, "node_modules"));
  writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
  for (const name of ["right.ts", "wrong.ts"])
    copyFileSync(path.join(here, "types", name), path.join(folder, name));
  const made = command(gw, ["types", "-c", "dalpuri.conf", "-o",
    "ts/dalpuri.d.ts"]);
  assert.equal(made.status, 0, errors(made));
  assert.equal(errors(made), "");
  const tsc = spawnSync(process.execPath, [
    path.join(here, "node_modules/typescript/bin/tsc"), "--noEmit",
    "--strict", "--target", "es2022", "--module", "nodenext",
    "right.ts", "wrong.ts", "dalpuri.d.ts",
  ], { cwd: folder, encoding: "utf8", timeout: 60000 });
  assert.equal(tsc.status, 0, tsc.stdout);

  // The same without the errors that are expected: they are real ones.
  const naked = readFileSync(path.join(folder, "wrong.ts"), "utf8")
    .replaceAll("// @ts-expect-error", "//");
  writeFileSync(path.join(folder, "naked.ts"), naked);
  const refused = spawnSync(process.execPath, [
    path.join(here, "node_modules/typescript/bin/tsc"), "--noEmit",
    "--strict", "--target", "es2022", "--module", "nodenext",
    "naked.ts",
  ], { cwd: folder, encoding: "utf8", timeout: 60000 });
  const count = (s, what) => s.split(what).length - 1;
  assert.equal(count(refused.stdout, "error TS"),
    count(readFileSync(path.join(folder, "wrong.ts"), "utf8"),
      "@ts-expect-error"), refused.stdout);

  const nowhere = command(gw, ["types", "-c", "dalpuri.conf", "-o",
    "no/where.d.ts"]);
  assert.equal(nowhere.status, 73);
  assert.match(errors(nowhere), /no\/where\.d\.ts/);
});
