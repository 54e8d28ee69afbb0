// The types of SQL Server on the wire: how a result's column is described,
// how its values are written, and how the values of parameters are read.

// Latin1_General_CI_AS: code page 1252.
export const collation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);
const high1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";
const NULL16 = 0xffff;
const NULL64 = 0xffffffffffffffffn;

// "decimal(38, 10)" to its name and arguments; "max" is Infinity.
const parsed = new Map();
export function parseType(text) {
  let type = parsed.get(text);
  if (type) return type;
  const m = /^\s*(\w+)\s*(?:\(\s*(\w+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/.exec(text);
  if (!m) throw new Error(`no type: ${text}`);
  const args = [m[2], m[3]].filter((a) => a !== undefined)
    .map((a) => (a.toLowerCase() === "max" ? Infinity : Number(a)));
  type = { name: m[1].toLowerCase(), args };
  parsed.set(text, type);
  return type;
}

// UTF-8, maybe with halves of surrogate pairs, to what JavaScript has.
function decodeText(bytes) {
  if (!bytes.includes(0xed)) return bytes.toString("utf8");
  let out = "", from = 0;
  for (let i = 0; i + 2 < bytes.length; i++) {
    if (bytes[i] !== 0xed || bytes[i + 1] < 0xa0) continue;
    out += bytes.toString("utf8", from, i) + String.fromCharCode(0xd000 |
      (bytes[i + 1] & 0x3f) << 6 | (bytes[i + 2] & 0x3f));
    i += 2;
    from = i + 1;
  }
  return out + bytes.toString("utf8", from);
}

const encode1252 = (text) => Buffer.from(Array.from(text, (c) => {
  const at = high1252.indexOf(c);
  if (at >= 0) return 0x80 + at;
  return c.codePointAt(0) < 0x100 ? c.charCodeAt(0) : 0x3f;
}));
const decode1252 = (bytes) => Array.from(bytes, (b) =>
  (b >= 0x80 && b < 0xa0 ? high1252[b - 0x80] : String.fromCharCode(b))).join("");

// Days since the year 1, units of 100 ns in the day, minutes of the zone.
const DAY = 864e9;
function readMoment(text) {
  const m = /^(?:(\d{4})-(\d\d)-(\d\d))?[ T]?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?(?: ?([+-])(\d\d):(\d\d)|Z)?$/
    .exec(text);
  if (!m) throw new Error(`no date or time: ${text}`);
  const [, y, mo, d, h = 0, mi = 0, s = 0, f = "", sign, zh = 0, zm = 0] = m;
  const date = new Date(0);
  if (y) date.setUTCFullYear(Number(y), Number(mo) - 1, Number(d));
  const offset = (Number(zh) * 60 + Number(zm)) * (sign === "-" ? -1 : 1);
  return { days: date.getTime() / 864e5 + (y ? 719162 : 0), offset,
    ticks: ((Number(h) * 60 + Number(mi)) * 60 + Number(s)) * 1e7 +
      Number(f.padEnd(7, "0")) };
}

const pad = (n, width) => String(n).padStart(width, "0");
const writeDate = (days) => {
  const date = new Date((days - 719162) * 864e5);
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${
    pad(date.getUTCDate(), 2)}`;
};
const writeClock = (ticks) => {
  const s = Math.floor(ticks / 1e7);
  return `${pad(Math.floor(s / 3600), 2)}:${pad(Math.floor(s / 60) % 60, 2)}:${
    pad(s % 60, 2)}.${pad(ticks % 1e7, 7)}`;
};

const scaleOf = (type) => type.args[0] ?? 7;
const clockBytes = (scale) => (scale < 3 ? 3 : scale < 5 ? 4 : 5);
const putClock = (w, ticks, scale) =>
  w.uint(Math.floor(ticks / 10 ** (7 - scale)), clockBytes(scale));
const getClock = (b, scale) =>
  b.readUIntLE(0, clockBytes(scale)) * 10 ** (7 - scale);

// A decimal's digits, without sign and point, with as many behind it.
function unscaled(text, scale) {
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  return BigInt(whole + fraction.padEnd(scale, "0").slice(0, scale));
}
const precisionOf = (type) => type.args[0] ?? 18;
const decimalBytes = (p) => (p < 10 ? 5 : p < 20 ? 9 : p < 29 ? 13 : 17);
function scaled(n, scale, negative) {
  const digits = n.toString().padStart(scale + 1, "0");
  const at = digits.length - scale;
  return (negative && n !== 0n ? "-" : "") + digits.slice(0, at) +
    (scale ? `.${digits.slice(at)}` : "");
}

// Groups of a GUID are numbers, the last two are bytes.
const swapGuid = (b) => Buffer.concat([b.subarray(0, 4).reverse(),
  b.subarray(4, 6).reverse(), b.subarray(6, 8).reverse(), b.subarray(8)]);

// A value as the engine tells it, as a number, a text or bytes.
const KIND = { INTEGER: 1, FLOAT: 2, TEXT: 3, BLOB: 4, NULL: 5 };
const asInt = (kind, b) => (kind === KIND.INTEGER ? b.readBigInt64LE(0) :
  BigInt(Math.trunc(asFloat(kind, b))));
const asFloat = (kind, b) => (kind === KIND.FLOAT ? b.readDoubleLE(0) :
  kind === KIND.INTEGER ? Number(b.readBigInt64LE(0)) : Number(b.toString()));
const asText = (kind, b) => (kind === KIND.INTEGER ?
  b.readBigInt64LE(0).toString() : kind === KIND.FLOAT ?
    String(b.readDoubleLE(0)) : decodeText(b));

const int = (bytes) => ({
  info: (w) => w.u8(0x26).u8(bytes),
  value: (w, type, kind, b) => w.u8(bytes).big(asInt(kind, b), bytes),
});
const decimal = (token) => ({
  info: (w, type) => w.u8(token).u8(decimalBytes(precisionOf(type)))
    .u8(precisionOf(type)).u8(type.args[1] ?? 0),
  value: (w, type, kind, b) => {
    const size = decimalBytes(precisionOf(type)), text = asText(kind, b);
    w.u8(size).u8(text.startsWith("-") ? 0 : 1)
      .big(unscaled(text, type.args[1] ?? 0), size - 1);
  },
});
const money = (bytes) => ({
  info: (w) => w.u8(0x6e).u8(bytes),
  value: (w, type, kind, b) => {
    const text = asText(kind, b);
    const n = text.startsWith("-") ? -unscaled(text, 4) : unscaled(text, 4);
    w.u8(bytes);
    if (bytes === 8) w.big(BigInt.asUintN(32, n >> 32n), 4);
    w.big(BigInt.asUintN(32, n), 4);
  },
});
// Characters or bytes with a length of two bytes, or in pieces when "max".
const sized = (token, { size, collated, encode }) => ({
  info: (w, type) => {
    const n = (type.args[0] ?? 1) * size;
    w.u8(token).u16(Number.isFinite(n) ? n : NULL16);
    if (collated) w.bytes(collation);
  },
  null: (w, type) => (type.args[0] === Infinity ? w.u64(NULL64) : w.u16(NULL16)),
  value: (w, type, kind, b) => {
    const data = encode(kind, b);
    if (data.length > (type.args[0] ?? 1) * size)
      throw new Error(`${data.length} bytes are no ${type.name}(${type.args})`);
    if (type.args[0] === Infinity) putPieces(w, data);
    else w.u16(data.length).bytes(data);
  },
});
// Pieces of 8,000 bytes, as the server sends them.
function putPieces(w, data) {
  w.u64(data.length);
  for (let i = 0; i < data.length; i += 8000) {
    const piece = data.subarray(i, i + 8000);
    w.u32(piece.length).bytes(piece);
  }
  w.u32(0);
}
// text, ntext and image: behind a pointer that nobody uses.
const old = (token, collated, encode) => ({
  info: (w) => {
    w.u8(token).u32(0x7fffffff);
    if (collated) w.bytes(collation);
    w.u8(1).text16("t");
  },
  null: (w) => w.u8(0),
  value: (w, type, kind, b) => {
    const data = encode(kind, b);
    w.u8(16).bytes(Buffer.alloc(24, 7)).u32(data.length).bytes(data);
  },
});
const wide = (kind, b) => Buffer.from(asText(kind, b), "utf16le");
const narrow = (kind, b) => encode1252(asText(kind, b));
const raw = (kind, b) => b;

const types = {
  bit: {
    info: (w) => w.u8(0x68).u8(1),
    value: (w, type, kind, b) => w.u8(1).u8(asInt(kind, b) === 0n ? 0 : 1),
  },
  tinyint: int(1),
  smallint: int(2),
  int: int(4),
  bigint: int(8),
  real: {
    info: (w) => w.u8(0x6d).u8(4),
    value: (w, type, kind, b) => w.u8(4).f32(asFloat(kind, b)),
  },
  float: {
    info: (w) => w.u8(0x6d).u8(8),
    value: (w, type, kind, b) => w.u8(8).f64(asFloat(kind, b)),
  },
  decimal: decimal(0x6a),
  numeric: decimal(0x6c),
  money: money(8),
  smallmoney: money(4),
  char: sized(0xaf, { size: 1, collated: true, encode: narrow }),
  varchar: sized(0xa7, { size: 1, collated: true, encode: narrow }),
  nchar: sized(0xef, { size: 2, collated: true, encode: wide }),
  nvarchar: sized(0xe7, { size: 2, collated: true, encode: wide }),
  binary: sized(0xad, { size: 1, encode: raw }),
  varbinary: sized(0xa5, { size: 1, encode: raw }),
  text: old(0x23, true, narrow),
  ntext: old(0x63, true, wide),
  image: old(0x22, false, raw),
  xml: {
    info: (w) => w.u8(0xf1).u8(0),
    null: (w) => w.u64(NULL64),
    value: (w, type, kind, b) => putPieces(w, wide(kind, b)),
  },
  date: {
    info: (w) => w.u8(0x28),
    value: (w, type, kind, b) => w.u8(3).uint(readMoment(asText(kind, b)).days, 3),
  },
  time: {
    info: (w, type) => w.u8(0x29).u8(scaleOf(type)),
    value: (w, type, kind, b) => putClock(w.u8(clockBytes(scaleOf(type))),
      readMoment(asText(kind, b)).ticks, scaleOf(type)),
  },
  datetime2: {
    info: (w, type) => w.u8(0x2a).u8(scaleOf(type)),
    value: (w, type, kind, b) => {
      const m = readMoment(asText(kind, b));
      putClock(w.u8(clockBytes(scaleOf(type)) + 3), m.ticks, scaleOf(type))
        .uint(m.days, 3);
    },
  },
  datetimeoffset: {
    info: (w, type) => w.u8(0x2b).u8(scaleOf(type)),
    value: (w, type, kind, b) => {
      const m = readMoment(asText(kind, b));
      const utc = m.ticks - m.offset * 6e8, shift = Math.floor(utc / DAY);
      putClock(w.u8(clockBytes(scaleOf(type)) + 5), utc - shift * DAY,
        scaleOf(type)).uint(m.days + shift, 3).u16(m.offset & 0xffff);
    },
  },
  datetime: {
    info: (w) => w.u8(0x6f).u8(8),
    value: (w, type, kind, b) => {
      const m = readMoment(asText(kind, b));
      w.u8(8).i32(m.days - 693595).u32(Math.round(m.ticks * 3 / 1e5));
    },
  },
  smalldatetime: {
    info: (w) => w.u8(0x6f).u8(4),
    value: (w, type, kind, b) => {
      const m = readMoment(asText(kind, b));
      w.u8(4).u16(m.days - 693595).u16(Math.floor(m.ticks / 6e8));
    },
  },
  uniqueidentifier: {
    info: (w) => w.u8(0x24).u8(16),
    value: (w, type, kind, b) => w.u8(16).bytes(swapGuid(Buffer.from(
      asText(kind, b).replaceAll("-", ""), "hex"))),
  },
};
types.sysname = { ...types.nvarchar, info: (w) =>
  types.nvarchar.info(w, { args: [128] }) };

export const isType = (name) => Object.hasOwn(types, name.toLowerCase());
export const putInfo = (w, type) => types[type.name].info(w, type);
export function putValue(w, type, kind, bytes) {
  const t = types[type.name];
  if (kind !== KIND.NULL) t.value(w, type, kind, bytes);
  else if (t.null) t.null(w, type);
  else w.u8(0);
}

// The type of a column that nobody declared, by the first value in it.
export function guessType(kind, bytes) {
  if (kind === KIND.INTEGER)
    return parseType(BigInt.asIntN(32, bytes.readBigInt64LE(0)) ===
      bytes.readBigInt64LE(0) ? "int" : "bigint");
  if (kind === KIND.FLOAT) return parseType("float");
  if (kind === KIND.BLOB) return parseType("varbinary(8000)");
  return parseType("nvarchar(4000)");
}

// ---- parameters: what each token is called, and how its value is read.
const text = (value) => ({ kind: KIND.TEXT, value });
const readers = {
  0x26: (b) => ({ kind: KIND.INTEGER, value: b.length === 1 ? BigInt(b[0]) :
    b.length === 8 ? b.readBigInt64LE(0) : BigInt(b.readIntLE(0, b.length)) }),
  0x68: (b) => ({ kind: KIND.INTEGER, value: BigInt(b[0]) }),
  0x6d: (b) => ({ kind: KIND.FLOAT, value: b.length === 8 ? b.readDoubleLE(0) :
    b.readFloatLE(0) }),
  0x6a: (b, t) => text(scaled(BigInt("0x" + Buffer.from(b.subarray(1)).reverse()
    .toString("hex")), t.scale, b[0] === 0)),
  0x6f: (b) => text(b.length === 8 ?
    `${writeDate(b.readInt32LE(0) + 693595)} ${
      writeClock(Math.round(b.readUInt32LE(4) * 1e5 / 3))}` :
    `${writeDate(b.readUInt16LE(0) + 693595)} ${
      writeClock(b.readUInt16LE(2) * 6e8)}`),
  0x24: (b) => text(swapGuid(b).toString("hex").toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")),
  0x28: (b) => text(writeDate(b.readUIntLE(0, 3))),
  0x29: (b, t) => text(writeClock(getClock(b, t.scale))),
  0x2a: (b, t) => text(`${writeDate(b.readUIntLE(b.length - 3, 3))} ${
    writeClock(getClock(b, t.scale))}`),
  0x2b: (b, t) => text(`${writeDate(b.readUIntLE(b.length - 5, 3))} ${
    writeClock(getClock(b, t.scale))} +00:00`),
  0xe7: (b) => text(b.toString("utf16le")),
  0xa7: (b) => text(decode1252(b)),
  0xa5: (b) => ({ kind: KIND.BLOB, value: b }),
};
Object.assign(readers, { 0x6c: readers[0x6a], 0xef: readers[0xe7],
  0xaf: readers[0xa7], 0xad: readers[0xa5], 0x63: readers[0xe7],
  0x23: readers[0xa7], 0x22: readers[0xa5], 0x37: readers[0x6a] });
// Types of a fixed size: the sized one that their values are.
const fixed = { 0x30: [0x26, 1], 0x32: [0x68, 1], 0x34: [0x26, 2],
  0x38: [0x26, 4], 0x7f: [0x26, 8], 0x3b: [0x6d, 4], 0x3e: [0x6d, 8],
  0x3d: [0x6f, 8], 0x3a: [0x6f, 4] };
const names = { 0x26: "int", 0x68: "bit", 0x6d: "float", 0x6a: "decimal",
  0x6c: "numeric", 0x6f: "datetime", 0x24: "uniqueidentifier", 0x28: "date",
  0x29: "time", 0x2a: "datetime2", 0x2b: "datetimeoffset", 0xe7: "nvarchar",
  0xef: "nchar", 0xa7: "varchar", 0xaf: "char", 0xa5: "varbinary",
  0xad: "binary", 0x63: "ntext", 0x23: "text", 0x22: "image" };

function readPieces(r) {
  if (r.u64() === NULL64) return null;
  const pieces = [];
  for (let n = r.u32(); n > 0; n = r.u32()) pieces.push(r.bytes(n));
  return Buffer.concat(pieces);
}

// The bytes of one value behind its type, or null.
function readBytes(r, token) {
  if (fixed[token]) return r.bytes(fixed[token][1]);
  if (token >= 0x28 && token <= 0x2b) return r.bytes(r.u8());
  if (token === 0x63 || token === 0x23 || token === 0x22) {
    const n = r.i32();
    return n < 0 ? null : r.bytes(n);
  }
  if (token < 0xa0) return r.bytes(r.u8());
  return undefined;
}

// Type and value of a parameter: { type, kind, value }.
export function readParameter(r) {
  const token = r.u8(), t = {};
  let bytes;
  if (token === 0x6a || token === 0x6c) {
    r.u8();
    t.precision = r.u8();
    t.scale = r.u8();
  } else if (token >= 0x29 && token <= 0x2b) {
    t.scale = r.u8();
  } else if (token === 0x63 || token === 0x23 || token === 0x22) {
    r.u32();
    if (token !== 0x22) r.bytes(5);
  } else if (token >= 0xa0) {
    t.size = r.u16();
    if (token !== 0xa5 && token !== 0xad) r.bytes(5);
    if (t.size === NULL16) bytes = readPieces(r);
    else {
      const n = r.u16();
      bytes = n === NULL16 ? null : r.bytes(n);
    }
  } else if (!fixed[token] && token !== 0x28) {
    t.size = r.u8();
  }
  if (bytes === undefined) bytes = readBytes(r, token);
  const read = readers[fixed[token]?.[0] ?? token];
  if (!read) throw new Error(`a parameter has the type 0x${token.toString(16)}`);
  const type = names[fixed[token]?.[0] ?? token];
  if (bytes === null || (bytes.length === 0 && token < 0xa0))
    return { type, kind: KIND.NULL, value: null };
  return { type, ...read(bytes, t) };
}
