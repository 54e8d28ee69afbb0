// Bytes as they are, in both directions, for tests of the wire.
import net from "node:net";
import { randomBytes } from "node:crypto";
import { PSK, sleep, until } from "./lib.mjs";

export const P = "/socket.io/?EIO=4&transport=polling";
export const W = "/socket.io/?EIO=4&transport=websocket";
export const K = `40{"psk":"${PSK}"}`;
// An event with a small answer.
export const E = (id, nsp = "") =>
  `42${nsp}${id}["fetchMembers",{"select":["memberRecId"]}]`;

export const head = (method, target, headers = [], version = "1.1") =>
  [`${method} ${target} HTTP/${version}`, "Host: x", ...headers, "", ""]
    .join("\r\n");
export const get = (target, ...headers) => head("GET", target, headers);
export const post = (target, body, ...headers) => head("POST", target,
  [`Content-Length: ${Buffer.byteLength(body)}`, ...headers]) + body;
export const upgrade = (target, changes = {}) => {
  const fields = { Upgrade: "websocket", Connection: "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", ...changes };
  return head("GET", target, Object.entries(fields)
    .filter(([, v]) => v !== undefined).map(([k, v]) => `${k}: ${v}`));
};

// A client's frame; length: what its head says.
export function frame(first, payload = "", { mask = true, length } = {}) {
  const data = Buffer.from(payload), n = length ?? data.length;
  const h = Buffer.alloc(n < 126 ? 2 : n < 65536 ? 4 : 10);
  h[0] = first;
  h[1] = n < 126 ? n : n < 65536 ? 126 : 127;
  if (h.length === 4) h.writeUInt16BE(n, 2);
  if (h.length === 10) h.writeBigUInt64BE(BigInt(n), 2);
  if (!mask) return Buffer.concat([h, data]);
  h[1] |= 0x80;
  const key = randomBytes(4);
  return Buffer.concat([h, key, data.map((byte, i) => byte ^ key[i & 3])]);
}
export const text = (payload) => frame(0x81, payload);

// Frames of the server as lines: text, binary, ping, pong, close CODE REASON.
function readFrames(b, out) {
  const names = { 0: "more", 1: "text", 2: "binary", 9: "ping", 10: "pong" };
  while (b.length >= 2) {
    let n = b[1] & 127, at = 2;
    if (n > 125) at = n === 126 ? 4 : 10;
    if (b.length < at) break;
    if (at === 4) n = b.readUInt16BE(2);
    if (at === 10) n = Number(b.readBigUInt64BE(2));
    if (b.length < at + n) break;
    const data = b.subarray(at, at + n), code = b[0] & 15;
    if (code === 8)
      out.push(`close ${n < 2 ? "-" : data.readUInt16BE(0)} ` +
        data.subarray(2).toString());
    else
      out.push(`${names[code]}${b[0] & 128 ? "" : "+"} ${data}`);
    b = b.subarray(at + n);
  }
  if (b.length) out.push(`rest of ${b.length} bytes`);
}

function unchunk(b) {
  const parts = [];
  for (;;) {
    const end = b.indexOf("\r\n"), n = parseInt(b.subarray(0, end), 16);
    if (end < 0 || !n) return [Buffer.concat(parts), b.subarray(end + 4)];
    parts.push(b.subarray(end + 2, end + 2 + n));
    b = b.subarray(end + 4 + n);
  }
}

// Everything received as lines: "STATUS BODY" for each answer, then frames.
// An answer to HEAD must be the last one.
export function lines(b, heads = []) {
  const out = [];
  while (b.length) {
    const end = b.indexOf("\r\n\r\n");
    if (end < 0) return [...out, `rest of ${b.length} bytes`];
    const h = b.subarray(0, end).toString("latin1");
    const status = Number(h.split(" ")[1]);
    const length = /\ncontent-length: (\d+)/i.exec(h);
    let body = Buffer.alloc(0);
    heads.push(h);
    b = b.subarray(end + 4);
    if (status === 101) {
      out.push("101 ");
      readFrames(b, out);
      return out;
    }
    if (/\ntransfer-encoding: chunked/i.test(h)) {
      [body, b] = unchunk(b);
    } else if (length) {
      body = b.subarray(0, Number(length[1]));
      b = b.subarray(body.length);
    }
    out.push(`${status} ${body}`);
  }
  return out;
}

export class Raw {
  got = Buffer.alloc(0);
  end = "";		// END, or the error's code
  born = Date.now();
  constructor(gw, { halfOpen = false } = {}) {
    this.s = net.connect({ port: gw.port, host: "127.0.0.1",
      allowHalfOpen: halfOpen });
    this.s.setNoDelay();
    this.s.on("data", (d) => { this.got = Buffer.concat([this.got, d]); });
    this.s.on("error", (e) => this.finish(e.code));
    this.s.on("end", () => this.finish("END"));
    this.s.on("close", () => this.finish("END"));
  }

  finish(how) {
    this.end ||= how;
    this.lived ??= Date.now() - this.born;
  }

  send(...pieces) {
    for (const p of pieces) this.s.write(p);
    return this;
  }

  async slowly(bytes, size = 1) {
    for (let i = 0; i < bytes.length; i += size) {
      this.s.write(bytes.slice(i, i + size));
      await sleep(1);
    }
  }

  lines() {
    this.heads = [];
    return lines(this.got, this.heads);
  }

  // The lines once one matches; an error after ms.
  async line(pattern, ms = 5000) {
    await until(() => this.lines().some((l) => pattern.test(l)),
      `${pattern} in ${this.lines().join(" | ").slice(0, 500)} ${this.end}`,
      ms);
    return this.lines();
  }

  // Lines and the end, or "OPEN" when there is none within ms.
  async all(ms = 200) {
    const last = Date.now() + ms;
    while (!this.end && Date.now() < last) await sleep(5);
    return [...this.lines(), this.end || "OPEN"].join("\n");
  }

  close() {
    this.s.destroy();
  }
}

// One request on a connection of its own: "STATUS BODY", or BLOCKED.
export async function ask(gw, bytes, ms = 5000) {
  const c = new Raw(gw);
  c.send(bytes);
  const last = Date.now() + ms;
  while (!c.end && Date.now() < last) {
    const [line] = c.lines();
    if (line && !line.startsWith("rest")) break;
    await sleep(5);
  }
  await sleep(10);
  const [line] = c.lines();
  c.close();
  ask.head = c.heads[0] ?? "";
  return line ?? "BLOCKED";
}

export async function open(gw) {
  const answer = await ask(gw, get(P));
  return JSON.parse(answer.slice(answer.indexOf("{"))).sid;
}

// The target of a polling session that has joined.
export async function joined(gw) {
  const there = `${P}&sid=${await open(gw)}`;
  await ask(gw, post(there, K));
  await ask(gw, get(there));
  return there;
}

export async function websocket(gw, target = W, changes = {}) {
  const c = new Raw(gw);
  c.send(upgrade(target, changes));
  await c.line(/sid=/.test(target) ? /^101/ : /^text 0/);
  return c;
}

export async function joinedWebsocket(gw) {
  const c = await websocket(gw);
  c.send(text(K));
  await c.line(/^text 40/);
  return c;
}
