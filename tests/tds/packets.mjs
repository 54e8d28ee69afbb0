// TDS packets: what comes in is joined to messages, what goes out is cut; and
// the tokens that an answer is made of.
import { Writer } from "./writer.mjs";
import { collation, putInfo, putValue } from "./types.mjs";

export const PACKET = { BATCH: 1, RPC: 3, ANSWER: 4, ATTENTION: 6,
  TRANSACTION: 14, LOGIN: 16, PRELOGIN: 18 };
const HEAD = 8;

// Values of a message, in order.
export class Reader {
  constructor(bytes) {
    this.data = bytes;
    this.at = 0;
  }
  bytes(n) {
    if (this.at + n > this.data.length) throw new Error("a message is cut");
    this.at += n;
    return this.data.subarray(this.at - n, this.at);
  }
  get left() { return this.data.length - this.at; }
  u8() { return this.bytes(1)[0]; }
  u16() { return this.bytes(2).readUInt16LE(0); }
  u32() { return this.bytes(4).readUInt32LE(0); }
  i32() { return this.bytes(4).readInt32LE(0); }
  u64() { return this.bytes(8).readBigUInt64LE(0); }
  ucs2(n) { return this.bytes(n * 2).toString("utf16le"); }
}

// Packets of a socket to messages: onMessage(type, bytes).
export function readMessages(socket, onMessage) {
  let rest = Buffer.alloc(0), parts = [];
  socket.on("data", (data) => {
    rest = rest.length ? Buffer.concat([rest, data]) : data;
    while (rest.length >= HEAD) {
      const n = rest.readUInt16BE(2);
      if (n < HEAD) {
        socket.destroy();
        return;
      }
      if (rest.length < n) return;
      parts.push(rest.subarray(HEAD, n));
      const type = rest[0], last = rest[1] & 1;
      rest = rest.subarray(n);
      if (!last) continue;
      const message = Buffer.concat(parts);
      parts = [];
      onMessage(type, message);
    }
  });
}

export const DONE = { DONE: 0xfd, PROC: 0xfe, IN_PROC: 0xff };
export const STATUS = { MORE: 1, ERROR: 2, COUNT: 0x10, ATTENTION: 0x20 };

// An answer while it is written; full packets leave as they are made.
export class Answer {
  // link: { socket, packetSize, chunk }
  constructor(link) {
    this.link = link;
    this.out = new Writer(65536);
    this.sent = 0;		// rows
  }

  columns(list) {
    this.list = list;
    this.out.u8(0x81).u16(list.length);
    for (const { name, type } of list) {
      this.out.u32(0).u16(0x09);
      putInfo(this.out, type);
      this.out.text8(name.slice(0, 128));
    }
  }

  row(values) {
    let i = 0;
    this.out.u8(0xd1);
    for (const [kind, bytes] of values)
      putValue(this.out, this.list[i++].type, kind, bytes);
    this.sent++;
  }

  // Of an error or, with a severity of 10 or less, a message.
  message({ number, message, severity = 16, state = 1, line = 1 }) {
    const body = new Writer();
    body.u32(number).u8(state).u8(severity).text16(message).text8("TDSTEST")
      .text8("").u32(line);
    this.out.u8(severity > 10 ? 0xaa : 0xab).u16(body.length).bytes(body.take());
  }

  change(type, put) {
    const body = new Writer();
    put(body.u8(type));
    this.out.u8(0xe3).u16(body.length).bytes(body.take());
  }

  returnStatus(n) { this.out.u8(0x79).i32(n); }

  // An int that a procedure gives back.
  returnValue(name, n) {
    this.out.u8(0xac).u16(0).text8(name).u8(1).u32(0).u16(0)
      .u8(0x26).u8(4).u8(4).i32(n);
  }

  done(token, status, rows = 0) {
    this.out.u8(token).u16(status).u16(0xc1).u64(rows);
  }

  // Write out what fills packets; all of it, and the end, when last.
  async flush(last = false) {
    const size = this.link.packetSize - HEAD;
    if (!last && this.out.length <= size) return;
    const data = this.out.take(), packets = [];
    let at = 0, ended = false;
    while (!ended && (last || data.length - at > size)) {
      const n = Math.min(size, data.length - at);
      ended = last && at + n === data.length;
      packets.push(Buffer.from([PACKET.ANSWER, ended ? 1 : 0, (n + HEAD) >> 8,
        (n + HEAD) & 255, 0, 51, 1, 0]), data.subarray(at, at + n));
      at += n;
    }
    const bytes = Buffer.concat(packets), rest = Buffer.from(data.subarray(at));
    this.out.bytes(rest);
    await write(this.link, bytes);
  }
}

// To the socket, in small pieces if the link wants them; waits when it is full.
async function write({ socket, chunk }, bytes) {
  const step = chunk ?? bytes.length;
  for (let at = 0; at < bytes.length; at += step) {
    if (socket.destroyed) throw new Error("the client is gone");
    const full = !socket.write(bytes.subarray(at, at + step));
    if (full) await new Promise((go) => {
      socket.once("drain", go);
      socket.once("close", go);
    });
    else if (chunk) await new Promise(setImmediate);
  }
}

// The answer to PRELOGIN: the version, and no encryption.
export function prelogin() {
  const options = [[0, Buffer.from([15, 0, 7, 208, 0, 0])], [1, Buffer.from([2])],
    [2, Buffer.from([0])], [3, Buffer.alloc(0)], [4, Buffer.from([0])]];
  const heads = [];
  let at = options.length * 5 + 1;
  for (const [token, data] of options) {
    heads.push(token, at >> 8, at & 255, 0, data.length);
    at += data.length;
  }
  return Buffer.concat([Buffer.from([...heads, 255]), ...options.map(([, d]) => d)]);
}

// What LOGIN7 says.
export function readLogin(b) {
  const at = (i) => [b.readUInt16LE(i), b.readUInt16LE(i + 2)];
  const text = (i) => b.toString("utf16le", at(i)[0], at(i)[0] + 2 * at(i)[1]);
  const [from, n] = at(44);
  const password = Buffer.from(b.subarray(from, from + 2 * n)).map((x) =>
    ((x ^ 0xa5) << 4 | (x ^ 0xa5) >> 4) & 255);
  return { version: b.readUInt32LE(4), packetSize: b.readUInt32LE(8),
    readOnly: (b[26] & 0x20) !== 0, host: text(36), user: text(40),
    password: password.toString("utf16le"), app: text(48), database: text(68) };
}

export function putLogin(answer, { database, packetSize }) {
  answer.change(1, (w) => w.text8(database).text8("master"));
  answer.message({ number: 5701, severity: 0, state: 2,
    message: `Changed database context to '${database}'.` });
  answer.change(7, (w) => w.u8(5).bytes(collation).u8(0));
  answer.out.u8(0xad);
  const body = new Writer();
  body.u8(1).bytes(Buffer.from([0x74, 0, 0, 4])).text8("Microsoft SQL Server")
    .bytes(Buffer.from([15, 0, 7, 208]));
  answer.out.u16(body.length).bytes(body.take());
  answer.change(4, (w) => w.text8(String(packetSize)).text8("4096"));
  answer.done(DONE.DONE, 0);
}
