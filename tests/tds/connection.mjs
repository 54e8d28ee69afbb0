// One client of the TDS server: login, statements one after another, and the
// attention that ends the running one.
import { Engine, EngineError, columns, values } from "./engine.mjs";
import { Answer, DONE, PACKET, Reader, STATUS, prelogin, putLogin, readLogin,
  readMessages } from "./packets.mjs";
import { Translator, TsqlError, is, nameOf, parse, statements } from "./tsql.mjs";
import { guessType, parseType, readParameter } from "./types.mjs";

const procedures = { 1: "sp_cursor", 2: "sp_cursoropen", 3: "sp_cursorprepare",
  4: "sp_cursorexecute", 5: "sp_cursorprepexec", 6: "sp_cursorunprepare",
  7: "sp_cursorfetch", 8: "sp_cursoroption", 9: "sp_cursorclose",
  10: "sp_executesql", 11: "sp_prepare", 12: "sp_execute", 13: "sp_prepexec",
  14: "sp_prepexecrpc", 15: "sp_unprepare" };
const writes = new Set(["INSERT", "UPDATE", "DELETE"]);

// What the engine says, as SQL Server would.
const sayings = [
  [/^(\d+)\|(.*)$/s, (m) => [Number(m[1]), m[2]]],
  [/^no such table: (.*)$/, (m) => [208, `Invalid object name '${m[1]}'.`]],
  [/^no such column: (?:.*\.)?(.*)$/, (m) => [207, `Invalid column name '${m[1]}'.`]],
  [/^near "(.*)": syntax error$/s, (m) => [102, `Incorrect syntax near '${m[1]}'.`]],
  [/^(?:unrecognized token|incomplete input)/, () => [102, "Incorrect syntax."]],
];
export function toError(error) {
  if (error instanceof TsqlError) return error;
  if (!(error instanceof EngineError)) throw error;
  for (const [pattern, make] of sayings) {
    const m = pattern.exec(error.message);
    if (m) return new TsqlError(...make(m), 16);
  }
  return new TsqlError(50000, error.message, 16);
}

// "TEXT nvarchar(50)", with quotes around it, as the engine's columns have it.
const declared = (text) => parseType(text.replaceAll('"', "").replace(/^\w+ /, ""));

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class Connection {
  constructor(server, socket) {
    Object.assign(this, { server, handles: new Map(), prepared: 0, queue: [],
      link: { socket, packetSize: 4096, chunk: server.chunk } });
    socket.on("error", () => {});
    socket.on("close", () => this.close());
    readMessages(socket, (type, message) => this.receive(type, message));
  }

  close() {
    this.closed = true;
    this.cancel?.();
    this.server.connections.delete(this);
    this.engine?.close();
  }

  // Cut the connection, as a network or an admin's KILL does.
  kill() { this.link.socket.destroy(); }

  receive(type, message) {
    if (type === PACKET.ATTENTION) {
      this.server.attentions++;
      this.attention = true;
      this.cancel?.();
      this.engine?.interrupt();
    }
    this.queue.push([type, message]);
    if (!this.working) this.work();
  }

  async work() {
    this.working = true;
    while (this.queue.length > 0 && !this.closed) {
      const [type, message] = this.queue.shift(), answer = new Answer(this.link);
      try {
        await this.handle(type, message, answer);
      } catch (error) {
        if (!this.closed) {
          this.server.faults.push(error);
          this.kill();
        }
      }
    }
    this.working = false;
  }

  async handle(type, message, answer) {
    if (type === PACKET.PRELOGIN) {
      answer.out.bytes(prelogin());
    } else if (type === PACKET.LOGIN) {
      if (!this.login(message, answer)) {
        await answer.flush(true);
        this.link.socket.end();
        return;
      }
    } else if (type === PACKET.ATTENTION) {
      this.attention = false;
      answer.done(DONE.DONE, STATUS.ATTENTION);
    } else if (!this.user) {
      throw new Error("a request before the login");
    } else if (type === PACKET.BATCH) {
      const r = new Reader(message);
      r.bytes(r.u32() - 4);
      await this.batch(r.ucs2(Math.floor(r.left / 2)), [], answer, DONE.DONE, "batch");
    } else if (type === PACKET.RPC) {
      await this.call(message, answer);
    } else if (type === PACKET.TRANSACTION) {
      await this.transaction(message, answer);
    } else {
      throw new Error(`a packet of the type ${type}`);
    }
    await answer.flush(true);
    if (this.packetSize) {
      this.link.packetSize = this.packetSize;
      this.packetSize = undefined;
    }
  }

  login(message, answer) {
    const { server } = this, login = readLogin(message);
    server.logins.push({ ...login, password: undefined });
    if (login.user !== server.user || login.password !== server.password) {
      answer.message({ number: 18456, severity: 14, state: 1,
        message: `Login failed for user '${login.user}'.` });
      answer.done(DONE.DONE, STATUS.ERROR);
      return false;
    }
    if (login.database && login.database !== server.database) {
      answer.message({ number: 4060, severity: 11, state: 1, message:
        `Cannot open database "${login.database}" requested by the login. The login failed.` });
      answer.done(DONE.DONE, STATUS.ERROR);
      return false;
    }
    this.user = login.user;
    this.engine = new Engine(server.program, server.file, server.exact);
    this.packetSize = Math.min(Math.max(login.packetSize || 4096, 512), 32767);
    putLogin(answer, { database: server.database, packetSize: this.packetSize });
    return true;
  }

  async transaction(message, answer) {
    const r = new Reader(message), id = Buffer.alloc(8, 1);
    r.bytes(r.u32() - 4);
    const what = r.u16();
    const begin = () => answer.change(8, (w) => w.u8(8).bytes(id).u8(0));
    if (what === 5) {
      await this.control("BEGIN");
      begin();
    } else {
      const again = r.left >= 2 && (r.u8(), r.u8() & 1);
      await this.control(what === 7 ? "COMMIT" : "ROLLBACK");
      answer.change(what === 7 ? 9 : 10, (w) => w.u8(0).u8(8).bytes(id));
      if (again) {
        await this.control("BEGIN");
        begin();
      }
    }
    answer.done(DONE.DONE, 0);
  }

  // BEGIN, COMMIT and ROLLBACK; the latter two without the first are nothing.
  async control(word) {
    if ((word === "BEGIN") === Boolean(this.open)) return;
    this.open = word === "BEGIN";
    await this.engine.all(word);
  }

  // ---- procedures

  async call(message, answer) {
    const r = new Reader(message), given = [];
    r.bytes(r.u32() - 4);
    const n = r.u16();
    const name = n === 0xffff ? procedures[r.u16()] : r.ucs2(n).toLowerCase();
    r.u16();
    while (r.left > 0) {
      const label = r.ucs2(r.u8());
      r.u8();
      given.push({ name: label, ...readParameter(r) });
    }
    const run = { sp_executesql: "execute", sp_prepare: "prepare",
      sp_prepexec: "prepareExecute", sp_execute: "executePrepared",
      sp_unprepare: "unprepare" }[name];
    if (run) return this[run](given, answer);
    this.server.statements.push({ via: name, sql: "", params: given });
    answer.message({ number: 2812, state: 62,
      message: `Could not find stored procedure '${name}'.` });
    answer.done(DONE.PROC, STATUS.ERROR);
  }

  endCall(answer, handle) {
    answer.returnStatus(0);
    if (handle !== undefined) answer.returnValue("", handle);
    answer.done(DONE.PROC, answer.failed ? STATUS.ERROR : 0);
  }

  // Values behind the names that "@P1 int, @P2 nvarchar(10)" declares.
  named(declaration, given) {
    const names = String(declaration ?? "").match(/@\w+/g) ?? [];
    return given.map((p, i) => ({ ...p, name: p.name || names[i] || `@P${i + 1}` }));
  }

  async execute([sql, declaration, ...given], answer) {
    await this.batch(sql.value, this.named(declaration?.value, given), answer,
      DONE.IN_PROC, "sp_executesql");
    this.endCall(answer);
  }

  keep(declaration, sql) {
    this.handles.set(++this.prepared, { declaration, sql });
    return this.prepared;
  }

  async prepare([, declaration, sql], answer) {
    this.server.statements.push({ via: "sp_prepare", sql: sql.value, params: [] });
    await this.guarded(answer, DONE.IN_PROC, () => this.describe(sql.value, answer));
    this.endCall(answer, answer.failed ? undefined :
      this.keep(declaration.value, sql.value));
  }

  async prepareExecute([, declaration, sql, ...given], answer) {
    await this.batch(sql.value, this.named(declaration.value, given), answer,
      DONE.IN_PROC, "sp_prepexec");
    this.endCall(answer, answer.failed ? undefined :
      this.keep(declaration.value, sql.value));
  }

  async executePrepared([handle, ...given], answer) {
    const kept = this.handles.get(Number(handle.value));
    if (kept)
      await this.batch(kept.sql, this.named(kept.declaration, given), answer,
        DONE.IN_PROC, "sp_execute");
    else
      await this.guarded(answer, DONE.IN_PROC, () => {
        throw new TsqlError(8179, `Could not find prepared statement with handle ${handle.value}.`, 16);
      });
    this.endCall(answer);
  }

  unprepare([handle], answer) {
    this.handles.delete(Number(handle.value));
    this.endCall(answer);
  }

  // ---- statements

  // fn's failure becomes an error of the answer.
  async guarded(answer, token, fn) {
    try {
      await fn();
    } catch (error) {
      if (this.attention || this.closed) return;
      const told = toError(error);
      answer.message(told);
      answer.failed = true;
      answer.done(token, STATUS.ERROR | (token === DONE.IN_PROC ? STATUS.MORE : 0));
      if (told.severity >= 20) {
        await answer.flush(true);
        this.kill();
      }
    }
  }

  async batch(sql, params, answer, token, via) {
    const more = token === DONE.IN_PROC ? STATUS.MORE : 0;
    const record = { via, sql, params: params.map(({ name, type, value }) =>
      ({ name, type, value })) };
    this.server.statements.push(record);
    const rule = this.server.ruleFor(sql);
    await this.guarded(answer, token, async () => {
      if (rule) await this.obey(rule, answer);
      const list = statements(parse(sql));
      for (const [i, items] of list.entries()) {
        const rows = await this.statement(items, params, answer, rule);
        record.rows = rows;
        answer.done(token, (rows === undefined ? 0 : STATUS.COUNT) | more |
          (i + 1 < list.length ? STATUS.MORE : 0), rows ?? 0);
      }
      if (list.length === 0) answer.done(token, more);
    });
  }

  // What a rule wants before the first row.
  async obey(rule, answer) {
    const stopped = new Promise((done) => { this.cancel = done; });
    if (rule.hang) await stopped;
    if (rule.delay) await Promise.race([stopped, sleep(rule.delay)]);
    this.cancel = undefined;
    if (rule.info) answer.message({ severity: 0, ...rule.info });
    if (rule.after === undefined) this.break(rule);
  }

  break(rule) {
    if (rule.kill) {
      this.kill();
      throw new Error("the connection was cut on purpose");
    }
    if (rule.error)
      throw Object.assign(new TsqlError(rule.error.number, rule.error.message,
        rule.error.severity ?? 16, rule.error.state ?? 1), { line: rule.error.line });
  }

  // One statement; the number of its rows, if it has a result.
  async statement(items, params, answer, rule) {
    const [first] = items;
    if (is(first, "SET")) {
      if (is(items[1], "FMTONLY")) this.describes = is(items[2], "ON");
      return undefined;
    }
    if (is(first, "USE", "IF", "DECLARE")) return undefined;
    if (is(first, "BEGIN", "COMMIT", "ROLLBACK")) {
      await this.control(first.text.toUpperCase());
      return undefined;
    }
    if (!is(first, "SELECT", "WITH") || items.some((x) => is(x, "INTO")))
      throw this.refusal(items);
    const translator = new Translator(this.server.schema, this.server.settings);
    const sql = translator.statement(items);
    if (this.describes) return this.head(sql, translator, items, answer);
    return this.rows(sql, params, translator, items, answer, rule);
  }

  refusal(items) {
    const word = items[0].text.toUpperCase();
    if (writes.has(word)) {
      const table = items.find((x, i) => i > 0 && x.kind !== "group" &&
        !is(x, "INTO", "FROM"));
      return new TsqlError(229, `The ${word} permission was denied on the object '${
        table ? nameOf(table) : ""}', database '${this.server.database}', schema 'dbo'.`,
      14, 5);
    }
    if (is(items[0], "SELECT", "CREATE"))
      return new TsqlError(262, `CREATE TABLE permission denied in database '${
        this.server.database}'.`, 14);
    return new TsqlError(102, `Incorrect syntax near '${items[0].text}'.`);
  }

  typed(list, translator, items, first) {
    const types = translator.resultTypes(items);
    return list.map(({ name, type }, i) => ({ name, type:
      type ? declared(type) : types[i] ? parseType(types[i]) :
        translator.types.has(name) ? parseType(translator.types.get(name)) :
          first && first[i][0] !== 5 ? guessType(...first[i]) :
            parseType("nvarchar(4000)") }));
  }

  async rows(sql, params, translator, items, answer, rule) {
    let list, known = false;
    for await (const messages of this.engine.ask(sql, params)) {
      for (const { tag, body } of messages) {
        if (tag === "C") list = columns(body);
        if (tag !== "R" || this.attention || this.closed) continue;
        if (!known) answer.columns(this.typed(list, translator, items, [...values(body)]));
        known = true;
        if (rule?.after === answer.sent) {
          await answer.flush();
          await this.interruptEngine(rule);
        }
        answer.row(values(body));
      }
      if (!this.attention && !this.closed) await answer.flush();
    }
    if (list && !known) answer.columns(this.typed(list, translator, items));
    return answer.sent;
  }

  // A rule breaks in: what the engine still has is of no use.
  async interruptEngine(rule) {
    if (rule.delay || rule.hang) await this.obey({ ...rule, after: 0 }, undefined);
    if (!rule.error && !rule.kill) return;
    const old = this.engine;
    this.engine = new Engine(this.server.program, this.server.file, this.server.exact);
    old.interrupt();
    old.close();
    this.break(rule);
  }

  // Only the columns of a result.
  async head(sql, translator, items, answer) {
    const params = [...new Set(sql.match(/@\w+/g) ?? [])].map((name) =>
      ({ name, kind: 1, value: 1 }));
    for await (const messages of this.engine.ask(`SELECT * FROM (${sql}) WHERE 0`, params))
      for (const { tag, body } of messages)
        if (tag === "C") answer.columns(this.typed(columns(body), translator, items));
    return 0;
  }

  async describe(sql, answer) {
    const [items] = statements(parse(sql));
    if (!is(items[0], "SELECT", "WITH")) throw this.refusal(items);
    const translator = new Translator(this.server.schema, this.server.settings);
    await this.head(translator.statement(items), translator, items, answer);
    answer.done(DONE.IN_PROC, STATUS.MORE);
  }
}
