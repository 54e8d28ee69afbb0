// A SQL Server for tests: TDS 7.4 without encryption, T-SQL run by SQLite.
//
//	const server = await TdsServer.start({ program });
//	await server.exec("CREATE TABLE [dbo].[A] ([id] int PRIMARY KEY)");
//	server.when(/FROM \[dbo\]\.\[A\]/, { after: 1000, kill: true });
//
// exec() is an admin's way in; clients can only read.  What they have sent is
// in server.statements.
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { catalogTables, refresh } from "./catalog.mjs";
import { Connection, toError } from "./connection.mjs";
import { Schema, columnSql, define } from "./ddl.mjs";
import { Engine, columns } from "./engine.mjs";
import { Translator, TsqlError, is, parse, quoted, statements } from "./tsql.mjs";

export class TdsServer {
  // program: the engine.  collation: of text columns that name none.  chunk:
  // bytes that are written at once.  snapshots: the database keeps versions.
  static async start({ program, port = 0, user = "dalpuri", password = "s;e}c r@t",
    database = "demo", collation = "Latin1_General_CI_AS", chunk, snapshots = true }) {
    const server = new TdsServer();
    const folder = mkdtempSync(path.join(os.tmpdir(), "dalpuri-tds-"));
    Object.assign(server, { program, user, password, database, collation, chunk,
      snapshots, folder, file: path.join(folder, "data.db"), exact: /_BIN2?$|_CS_/i.test(collation),
      schema: new Schema(), connections: new Set(), statements: [], logins: [],
      attentions: 0, faults: [], rules: [] });
    server.settings = { "@@VERSION": "Microsoft SQL Server 2019 (test)",
      "@@SPID": 51, "@@TRANCOUNT": 0, "DB_NAME()": database, "DB_ID()": 5, "USER_NAME()": user,
      ProductVersion: "15.0.2000.5", Collation: collation };
    server.admin = new Engine(program, server.file, server.exact);
    await server.admin.all(catalogTables.map((t) => {
      server.schema.add(t);
      return `CREATE TABLE ${quoted(`${t.schema}.${t.name}`)} (${
        t.columns.map((c) => columnSql({ nullable: true, ...c }, collation)).join(", ")})`;
    }).join("; "));
    await server.admin.all(refresh(server));
    server.listener = net.createServer((socket) => {
      socket.setNoDelay(true);
      server.connections.add(new Connection(server, socket));
    });
    await new Promise((done, failed) => {
      server.listener.on("error", failed);
      server.listener.listen(port, "127.0.0.1", done);
    });
    server.port = server.listener.address().port;
    return server;
  }

  get url() {
    const braced = `{${this.password.replaceAll("}", "}}")}}`;
    return `sqlserver://127.0.0.1:${this.port};database=${this.database};user=${
      this.user};password=${braced};encrypt=false`;
  }

  // Run T-SQL as somebody who may do everything; lists of rows of the last.
  async exec(sql, params = []) {
    let rows = [], changed = false;
    for (const text of sql.split(/^\s*GO\s*$/mi))
      for (const items of statements(parse(text))) {
        const translator = new Translator(this.schema, this.settings);
        try {
          const made = define(items, this.schema, translator, this.collation);
          changed ||= made !== undefined;
          for (const one of made ?? [translator.statement(items)])
            rows = await this.admin.all(one, params);
          if (made && is(items[1], "VIEW")) await this.learnViews();
        } catch (error) {
          const told = toError(error);
          throw new TsqlError(told.number, `${told.message}\n${text.slice(0, 500)}`);
        }
      }
    if (changed) await this.admin.all(refresh(this));
    return rows;
  }

  // The columns of views, which only the engine knows.
  async learnViews() {
    for (const t of this.schema.tables.values()) {
      if (!t.view || t.columns.length > 0) continue;
      for await (const messages of this.admin.ask(
        `SELECT * FROM ${quoted(t.stored)} LIMIT 0`))
        for (const { tag, body } of messages)
          if (tag === "C") t.columns = columns(body).map(({ name, type }, i) => ({ name,
            nullable: true, type: type ? type.replaceAll('"', "").replace(/^\w+ /, "") :
              t.types[i] ?? "nvarchar(4000)" }));
    }
  }

  // The next statements that match (times of them) are not answered as usual:
  //	delay: ms, or hang: true	nothing comes for so long
  //	error: { number, message, severity, state, line }
  //	kill: true			the connection is cut
  //	after: rows			all this in the middle of the rows
  //	info: { number, message }	a message that is no error
  when(pattern, rule) {
    this.rules.push({ times: 1, ...rule, pattern });
  }

  ruleFor(sql) {
    const i = this.rules.findIndex((r) => r.pattern.test(sql));
    if (i < 0) return undefined;
    const rule = this.rules[i];
    if (--rule.times <= 0) this.rules.splice(i, 1);
    return rule;
  }

  killAll() {
    for (const c of [...this.connections]) c.kill();
  }

  async stop() {
    const engines = [...this.connections].map((c) => c.engine).concat(this.admin);
    this.killAll();
    await new Promise((done) => this.listener.close(done));
    await Promise.all(engines.map((e) => e?.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
