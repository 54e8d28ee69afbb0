// Goal: on every database, each answer to requests by hand and at random is
// what a second opinion makes of the same rows (tests/diff).
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after } from "node:test";
import { run } from "../diff/diff.mjs";
import { databases } from "./databases.mjs";
import { PSK, scenario, top } from "./lib.mjs";
import { natives, sqlserver } from "./sqlserver.mjs";

const schema = path.join(top, "conf/schema.prisma");
const models = [...readFileSync(schema, "utf8").matchAll(/^model (\w+)/gm)]
  .map(([, name]) => name);

// A collector for each model, so that all rows can be read.
const serveAll = (gw) => models.forEach((name) => writeFileSync(
  path.join(gw.folder, "collectors", `all${name}.collector`),
  `model = ${name}\nbytes = base64\n`));

const server = await sqlserver({ own: natives });
after(() => server.stop());

for (const { name, url } of [...await databases(), server])
  scenario(`${name} gives what the reference gives`, { url, before: serveAll,
    timeout: 300000 }, async (gw) => {
    const told = [];
    const differences = await run({ url: gw.url, psk: PSK, schema,
      database: name, seed: 4, count: 300 }, (line) => told.push(line));
    assert.equal(differences, 0, told.slice(0, 20).join("\n"));
  });
