// Goal: Socket.IO packets, row by row of the protocol (S, A5, A6).
import assert from "node:assert/strict";
import { PSK, scenario, until } from "./lib.mjs";
import { E, K, frame, text, websocket } from "./raw.mjs";

const two = { socketio: 'namespaces = { "/", "/two" }' };
const K2 = `40/two,${K.slice(2)}`;
const X = "close - ";
const bin = (data) => frame(0x82, data);
const PH = '{"_placeholder":true,"num":0}';
const BIN = (n, id, ...args) =>
  `45${n}-${id}["nobody"${args.map((a) => `,${a}`).join("")}]`;

// Packets in; the last line that comes back, sids left out.
const rows = [
  ["S1", ["40/", E(1)], X],
  ["S1", [K], 'text 40{"sid":20}'],
  ["S1", [K2], 'text 40/two,{"sid":20}'],
  ["S1", [`40/,${K.slice(2)}`, E(1, "/,")], "text 431[{"],
  ["S1", [K2, E(1, "/two,")], "text 43/two,1[{"],
  ["S2", ["40"], 'text 44{"message":"Unauthorized"}'],
  ["S2", ["40", K], 'text 40{"sid":20}'],
  ["S2", ["40/two,{}"], 'text 44/two,{"message":"Unauthorized"}'],
  ["S3", ["40/nope,"], 'text 44/nope,{"message":"Invalid namespace"}'],
  ["S3", ["40/a?b=c,"], 'text 44/a?b=c,{"message":"Invalid namespace"}'],
  ["S3", ["40/nope,", K, E(1)], "text 431[{"],
  ...["[]", '"x"', "null", "true", "{", "{}x"].map((p) => ["S4", [`40${p}`], X]),
  ["S5", [`401{"psk":"${PSK}"}`, E(1)], "text 431[{"],
  ["S6", [K, K], X],
  ["S7, S9", [K, E(1)], "text 431[{"],
  ...[E(1), '42["x"]', "41", "431[1]", '44{"message":"x"}', "43", "42"].map(
    (p) => ["S8", [p], X]),
  ["S8", ['40{"psk":"no"}', E(1)], X],
  ["S8", [K, E(1, "/two,")], X],
  ["S8", [K, "44{}"], X],
  ["S10", [K, "41", E(1)], X],
  ["S10", [K, "41", K, E(1)], "text 431[{"],
  ["S10", [K, K2, "41/two,", E(1)], "text 431[{"],
  ["S11", [K, E("007")], "text 437[{"],
  ["S11", [K, E("0")], "text 430[{"],
  ["S11", [K, E("9007199254740991")], "text 439007199254740991[{"],
  ["S12", [K, E(""), E(5)], "text 435[{"],
  ["S13", [K, '42["nobody"]', E(5)], "text 435[{"],
  ["S13, A5", [K, '421["nobody"]'], 'text 431[{"success":false,'],
  ["A5", [K, '421["fetchMembers\\u0000"]'], 'text 431[{"success":false,'],
  ["A5", [K, '421["../collectors/fetchMembers"]'],
    'text 431[{"success":false,'],
  ["A6", [K, E(1)], 'text 431[{"success":true,"data":['],
  ["S14", [K, "42[5,1]", E(5)], "text 435[{"],
  ...["connect", "connect_error", "disconnect", "disconnecting",
    "newListener", "removeListener"].map((n) => ["S14", [K, `42["${n}"]`], X]),
  ...["error", "message"].map((n) =>
    ["S14", [K, `42["${n}"]`, E(5)], "text 435[{"]),
  ...["421{}", "421[]", "421[null]", "421[[]]", '421"x"', "421[",
    '421["x"]x', "42x[]", "41{}", "41[]", "43{}", '431{"a":1}'].map((p) =>
    ["S15", [K, p], X]),
  ["S16", [K, "42", "421", "43", "431", '439["x"]', E(5)], "text 435[{"],
  ["S17", [K, "4"], X],
  ["S18", [K, BIN(1, 1, PH), bin("abc")], 'text 431[{"success":false,'],
  ["S18", [K, BIN(2, 1, PH, PH.replace("0", "1")), bin("a"), bin("")],
    'text 431[{"success":false,'],
  ["S18", [K, BIN(10, 1, PH), ...Array(10).fill(bin("a"))],
    'text 431[{"success":false,'],
  ["S18", [K, "461-1[" + PH + "]", bin("a"), E(5)], "text 435[{"],
  ...["", "0-", "11-", "1.5-", "x-"].map((n) =>
    ["S19", [K, `45${n}["x"]`], X]),
  ["S19", [K, BIN(1, 1, PH), E(5)], X],
  ["S19", [K, bin("a")], X],
  ["S19", [K, '451-1["connect"]'], X],
  ["S19", [K, "451-1[]"], X],
  ["S16, S18", [K, "451-", bin("a"), E(5)], "text 435[{"],
  ...["1", "-1", '"0"'].map((num) => ["S19",
    [K, BIN(1, 1, PH.replace("0", num)), bin("a")], X]),
  ["S20", [K, '421["fetchMembers",null]'], "text 431[{"],
  ["S20", [K, '421["fetchMembers"]'], "text 431[{"],
];

scenario("S1 to S20, A5, A6: packets", two, async (gw) => {
  for (const [id, packets, wanted] of rows) {
    const c = await websocket(gw), before = c.lines().length;
    for (const p of packets) {
      const n = c.lines().length;
      c.send(Buffer.isBuffer(p) ? p : text(p));
      // A namespace is joined before anything else is said in it.
      if (p === K || p === K2)
        await until(() => c.lines().length > n, "an answer");
    }
    const got = () => (c.lines().slice(before).at(-1) ?? "")
      .replace(/"[\w-]{20}"/, "20");
    await until(() => got().startsWith(wanted), `${id}: ${wanted}`).catch(
      (e) => assert.fail(`${e.message}, but ${got().slice(0, 100)}`));
    c.close();
  }
});
