// The engine's process (engine.c): one for each connection.
import { spawn } from "node:child_process";

export class EngineError extends Error {}

export class Engine {
  // exact: letters' case counts.
  constructor(program, file, exact) {
    this.child = spawn(program, [file, exact ? "bin" : "ci"], { stdio: ["pipe", "pipe", "inherit"] });
    this.child.stdin.on("error", () => {});
    this.ended = new Promise((done) => this.child.on("close", () => {
      this.gone = true;
      done();
    }));
    this.child.on("error", (error) => { this.failure = error; });
    this.rest = Buffer.alloc(0);
  }

  async chunk() {
    for (;;) {
      const data = this.child.stdout.read();
      if (data) return data;
      if (this.gone)
        throw this.failure ?? new Error("the engine has ended");
      await new Promise((done) => {
        const go = () => {
          this.child.stdout.off("readable", go);
          this.child.off("close", go);
          done();
        };
        this.child.stdout.on("readable", go);
        this.child.on("close", go);
      });
    }
  }

  // Run SQL; gives lists of { tag, body } as they come.
  async *ask(sql, params = []) {
    this.child.stdin.write(request(sql, params));
    for (;;) {
      const messages = [];
      let at = 0;
      while (this.rest.length - at >= 5) {
        const end = at + 5 + this.rest.readUInt32LE(at + 1);
        if (end > this.rest.length) break;
        messages.push({ tag: String.fromCharCode(this.rest[at]),
          body: this.rest.subarray(at + 5, end) });
        at = end;
      }
      this.rest = this.rest.subarray(at);
      const last = messages.at(-1);
      if (last?.tag === "E") {
        messages.pop();
        if (messages.length) yield messages;
        throw new EngineError(last.body.toString());
      }
      if (messages.length) yield messages;
      if (last?.tag === "D") return;
      const more = await this.chunk();
      this.rest = this.rest.length ? Buffer.concat([this.rest, more]) : more;
    }
  }

  // The same for those who want all rows, as lists of plain values.
  async all(sql, params) {
    const rows = [];
    for await (const messages of this.ask(sql, params))
      for (const { tag, body } of messages)
        if (tag === "R") rows.push([...values(body)].map(([kind, b]) => plain(kind, b)));
    return rows;
  }

  interrupt() { this.child.kill("SIGINT"); }

  async close() {
    this.child.stdin.end();
    this.child.stdout.resume();
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 5000);
    await this.ended;
    clearTimeout(timer);
  }
}

function request(sql, params) {
  const parts = [Buffer.alloc(4)];
  const put = (n, size) => {
    const b = Buffer.alloc(size);
    b.writeUIntLE(n, 0, size);
    parts.push(b);
  };
  const text = Buffer.from(sql);
  put(text.length, 4);
  parts.push(text);
  put(params.length, 2);
  for (const { name, kind, value } of params) {
    const bytes = Buffer.alloc(8), label = Buffer.from(name);
    put(label.length, 1);
    parts.push(label);
    put(kind, 1);
    let data = kind === 5 ? Buffer.alloc(0) : Buffer.from(value.buffer ?
      value : String(value));
    if (kind === 1) bytes.writeBigInt64LE(BigInt(value));
    if (kind === 2) bytes.writeDoubleLE(value);
    if (kind <= 2) data = bytes;
    put(data.length, 4);
    parts.push(data);
  }
  const all = Buffer.concat(parts);
  all.writeUInt32LE(all.length - 4, 0);
  return all;
}

// The columns that a C message tells: [{ name, type }].
export function columns(body) {
  const out = [];
  let at = 2;
  const text = () => {
    const n = body.readUInt16LE(at);
    at += 2 + n;
    return body.toString("utf8", at - n, at);
  };
  for (let n = body.readUInt16LE(0); n > 0; n--)
    out.push({ name: text(), type: text() });
  return out;
}

// The values of an R message: [kind, bytes] each.
export function* values(body) {
  for (let at = 0; at < body.length;) {
    const n = body.readUInt32LE(at + 1);
    yield [body[at], body.subarray(at + 5, at + 5 + n)];
    at += 5 + n;
  }
}

function plain(kind, b) {
  if (kind === 1) return Number(b.readBigInt64LE(0));
  if (kind === 2) return b.readDoubleLE(0);
  if (kind === 3) return b.toString("utf8");
  return kind === 4 ? Buffer.from(b) : null;
}
