// T-SQL to the SQLite of the engine: the part of it that reads, and INSERT,
// UPDATE and DELETE for those who fill a test's tables.  What is no T-SQL is
// refused as SQL Server refuses it, even where SQLite would understand it.
import { isType } from "./types.mjs";

// A failure as SQL Server tells it.
export class TsqlError extends Error {
  constructor(number, message, severity = 15, state = 1) {
    super(message);
    Object.assign(this, { number, severity, state });
  }
}
const syntax = (near) => new TsqlError(102, `Incorrect syntax near '${near}'.`);

const patterns = [
  ["space", /\s+|--[^\n]*|\/\*[\s\S]*?\*\//y],
  ["text", /N?'(?:[^']|'')*'/y],
  ["name", /\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"/y],
  ["bytes", /0x[0-9a-f]*/iy],
  ["number", /\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?/iy],
  ["word", /@@?\w+|[\p{L}_#][\w\p{L}$#]*/yu],
  ["sign", /<>|<=|>=|!=|[-+*\/%=<>(),.;&|^~]/y],
];

// Words, without blanks and comments: { kind, text, line }.
function tokens(sql) {
  const out = [];
  let at = 0, line = 1;
  while (at < sql.length) {
    let found;
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const m = pattern.exec(sql);
      if (!m) continue;
      found = m[0];
      if (kind !== "space") out.push({ kind, text: found, line });
      break;
    }
    if (found === undefined) throw syntax(sql[at]);
    line += found.split("\n").length - 1;
    at += found.length;
  }
  return out;
}

// Brackets become items of their own: { kind: "group", items }.
export function parse(sql) {
  const stack = [[]];
  for (const token of tokens(sql)) {
    if (token.text === "(") {
      stack.push([]);
    } else if (token.text === ")") {
      if (stack.length === 1) throw syntax(")");
      const items = stack.pop();
      stack.at(-1).push({ kind: "group", items, text: "(", line: token.line });
    } else {
      stack.at(-1).push(token);
    }
  }
  if (stack.length > 1) throw syntax("(");
  return stack[0];
}

export const is = (item, ...words) => item?.kind === "word" &&
  words.includes(item.text.toUpperCase());
const isSign = (item, text) => item?.kind === "sign" && item.text === text;
export const isGroup = (item) => item?.kind === "group";

// What a name means, without its quotes.
export const nameOf = (item) => (item.kind === "name" ?
  item.text.slice(1, -1).replaceAll(item.text[0] === "[" ? "]]" : '""',
    item.text[0] === "[" ? "]" : '"') : item.text);
export const quoted = (name) => `"${name.replaceAll('"', '""')}"`;
export const string = (text) => `'${text.replaceAll("'", "''")}'`;
const literal = (v) => (typeof v === "number" ? String(v) : string(v));

// Lists between commas.
export function split(items) {
  const out = [[]];
  for (const item of items)
    if (isSign(item, ",")) out.push([]);
    else out.at(-1).push(item);
  return out;
}

// The type that items spell: "decimal(38,10)".
export function typeText(items) {
  const name = items[0] ? nameOf(items[0]).toLowerCase() : "";
  if (!isType(name)) throw new TsqlError(243, `Type ${name} is not a defined system type.`, 16);
  if (!isGroup(items[1])) return name;
  return `${name}(${items[1].items.map((i) => i.text.toLowerCase()).join("")})`;
}

// Words that other databases know, and SQL Server does not.
const foreign = new Set(["LIMIT", "ILIKE", "TRUE", "FALSE", "NULLS", "GLOB",
  "REGEXP", "RETURNING", "USING", "MATERIALIZED", "RLIKE"]);
const hints = new Set(["NOLOCK", "READPAST", "READUNCOMMITTED", "HOLDLOCK"]);
// Functions by what SQLite calls them.
const functions = { COUNT_BIG: "count", LEN: "tsql_len", ISNULL: "ifnull",
  DATALENGTH: "tsql_datalength", NCHAR: "tsql_nchar", CHAR: "char",
  CHARINDEX: "tsql_charindex", LEFT: "tsql_left", RIGHT: "tsql_right",
  STRING_AGG: "group_concat", LTRIM: "ltrim", RTRIM: "rtrim", TRIM: "trim",
  COUNT: "count", MIN: "min", MAX: "max", SUM: "sum", AVG: "avg", ABS: "abs",
  COALESCE: "coalesce", NULLIF: "nullif", UPPER: "upper", LOWER: "lower",
  ROW_NUMBER: "row_number", RANK: "rank", DENSE_RANK: "dense_rank",
  REPLACE: "replace", SUBSTRING: "substr", ROUND: "round", IIF: "iif" };
// ... and those that it has to be told another way.
const templates = {
  LEFT: (text, n) => `substr(${text}, 1, ${n})`,
  RIGHT: (text, n) => `substr(${text}, -(${n}))`,
  CONCAT: (...texts) => `(${texts.map((t) => `ifnull(${t}, '')`).join(" || ")})`,
  QUOTENAME: (name) => `('[' || replace(${name}, ']', ']]') || ']')`,
  SCHEMA_NAME: (id) => (id ?
    `(SELECT name FROM "sys.schemas" WHERE schema_id = ${id})` : "'dbo'"),
  OBJECT_ID: (name) => `(SELECT o.object_id FROM "sys.objects" AS o JOIN ` +
    `"sys.schemas" AS s ON s.schema_id = o.schema_id WHERE '[' || s.name || ` +
    `'].[' || replace(o.name, ']', ']]') || ']' = ${name})`,
  COLUMNPROPERTY: (id, name, property) => (property === "'IsIdentity'" ?
    `(SELECT is_identity FROM "sys.columns" WHERE object_id = ${id} AND name = ${name})` :
    "NULL"),
  FN_MY_PERMISSIONS: () => `"sys.fn_my_permissions"`,
};
const ints = new Set(["COUNT", "LEN", "CHARINDEX", "DATALENGTH"]);
const bigints = new Set(["COUNT_BIG", "ROW_NUMBER", "RANK", "DENSE_RANK"]);
// Before a group these are no calls.
const notCalls = new Set(["AND", "OR", "NOT", "IN", "EXISTS", "WHERE", "FROM",
  "SELECT", "ON", "JOIN", "AS", "BY", "OVER", "WHEN", "THEN", "ELSE", "VALUES",
  "BETWEEN", "LIKE", "HAVING", "UNION", "ALL", "ANY", "SOME", "CASE", "TOP",
  "IS", "DISTINCT", "EXCEPT", "INTERSECT", "ESCAPE", "SET"]);

export class Translator {
  // schema: what tables there are (ddl.mjs); settings: values of DB_NAME()...
  constructor(schema, settings = {}) {
    this.schema = schema;
    this.settings = settings;
    this.types = new Map();	// of columns that expressions make
  }

  // One statement to SQL for the engine.
  statement(items) {
    return this.level(items, true);
  }

  level(items, outermost) {
    const out = [];
    let limit = "", ordered = false, paged = false;
    for (let i = 0; i < items.length;) {
      const item = items[i];
      if (is(item, "TOP") && is(items[i - 1], "SELECT", "DISTINCT", "ALL")) {
        if (!isGroup(items[i + 1]) && items[i + 1]?.kind !== "number")
          throw syntax(items[i + 1]?.text ?? "TOP");
        limit = ` LIMIT ${this.level(items.slice(i + 1, i + 2), false)}`;
        i += 2;
        continue;
      }
      if (is(item, "OFFSET") && ordered) {
        if (limit) throw new TsqlError(10741, "A TOP can not be used in the same query or sub-query as a OFFSET.");
        const [text, next] = this.page(items, i);
        out.push(text);
        paged = true;
        i = next;
        continue;
      }
      if (is(item, "ORDER")) ordered = true;
      if (is(item, "UNION", "EXCEPT", "INTERSECT") && limit)
        throw new TsqlError(50000, "the test server knows no TOP before UNION");
      if (is(item, "AS") && items[i + 1] && items[i - 1])
        this.learn(nameOf(items[i + 1]), this.typeOf(this.expressionBefore(items, i)));
      const [text, next] = this.item(items, i);
      if (text) out.push(text);
      i = next;
    }
    if (!outermost && ordered && is(items[0], "SELECT") && !limit && !paged)
      throw new TsqlError(1033, "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.");
    return out.join(" ") + limit;
  }

  // OFFSET n ROWS [FETCH NEXT m ROWS ONLY]
  page(items, i) {
    const one = (item) => {
      if (!item || !(isGroup(item) || item.kind === "number" || item.text[0] === "@"))
        throw syntax(item?.text ?? "OFFSET");
      return this.level([item], false);
    };
    const offset = one(items[i + 1]);
    if (!is(items[i + 2], "ROW", "ROWS")) throw syntax("OFFSET");
    if (!is(items[i + 3], "FETCH"))
      return [`LIMIT -1 OFFSET ${offset}`, i + 3];
    if (!is(items[i + 4], "NEXT", "FIRST") || !is(items[i + 6], "ROW", "ROWS") ||
      !is(items[i + 7], "ONLY")) throw syntax("FETCH");
    return [`LIMIT ${one(items[i + 5])} OFFSET ${offset}`, i + 8];
  }

  // The item at i: its text, and where the next one is.
  item(items, i) {
    const item = items[i], next = items[i + 1];
    if (isGroup(item))
      return [`(${this.level(item.items, false)})${this.rule(items, i)}`, i + 1];
    if (item.kind === "text")
      return [item.text.replace(/^N/, ""), i + 1];
    if (item.kind === "bytes") return [`X'${item.text.slice(2)}'`, i + 1];
    if (item.kind === "number") return [item.text, i + 1];
    if (item.kind === "sign") return [this.sign(items, i), i + 1];
    if (item.text[0] === "@") return this.variable(items, i);
    if (item.kind === "word" && isGroup(next) &&
      !isSign(items[i - 1], ".") && !is(items[i - 1], "INTO") &&
      !notCalls.has(item.text.toUpperCase())) return this.call(items, i);
    if (is(item, "WITH") && isGroup(next) &&
      next.items.every((h) => isSign(h, ",") || hints.has(h.text.toUpperCase())))
      return ["", i + 2];
    if (is(item, "COLLATE")) {
      const name = nameOf(next);
      return [`COLLATE ${/_BIN2?$/i.test(name) || /_CS_/i.test(name) ?
        "tsql_bin" : "tsql_ci"}`, i + 2];
    }
    if (item.kind === "word" && foreign.has(item.text.toUpperCase()) &&
      !isSign(items[i - 1], ".")) throw syntax(item.text);
    return this.chain(items, i);
  }

  // SQLite forgets in a subquery how its column is compared.
  rule(items, i) {
    const before = items[i - 1];
    const compared = before ? before.kind === "sign" ||
      is(before, "BY", "WHEN", "THEN", "AND", "OR", "WHERE", "SELECT") :
      items[i + 1]?.kind === "sign";
    const rule = compared && is(items[i].items[0], "SELECT") &&
      this.schema.ruleOf(this.typeOf([items[i]]));
    return rule ? ` COLLATE ${rule}` : "";
  }

  sign(items, i) {
    const { text } = items[i];
    if (text === "|" || text === "^") throw syntax(text);
    const texts = [items[i - 1], items[i + 1]].some((x) => x?.kind === "text");
    return text === "+" && texts ? "||" : text;
  }

  variable(items, i) {
    const name = items[i].text.toUpperCase();
    if (!name.startsWith("@@")) return [items[i].text, i + 1];
    const value = this.settings[name];
    if (value === undefined) throw new TsqlError(137, `Must declare the scalar variable "${name}".`);
    return [literal(value), i + 1];
  }

  // a.b.c: a table with its schema, or a column with its alias.
  chain(items, i) {
    const parts = [];
    let next = i;
    for (;;) {
      const part = items[next];
      if (isSign(part, "*")) parts.push("*");
      else if (part?.kind === "name" || part?.kind === "word") parts.push(nameOf(part));
      else throw syntax(part?.text ?? ".");
      next++;
      if (!isSign(items[next], ".")) break;
      next++;
    }
    if (parts.length === 1)
      return [items[i].kind === "word" ? items[i].text : quoted(parts[0]), next];
    const table = this.schema.find(parts);
    if (table) return [quoted(table), next];
    if (this.schema.hasSchema(parts.at(-2)) || parts.length > 2)
      throw new TsqlError(208, `Invalid object name '${parts.join(".")}'.`, 16);
    return [parts.map((p) => (p === "*" ? p : quoted(p))).join("."), next];
  }

  call(items, i) {
    const name = items[i].text.toUpperCase(), { items: inside } = items[i + 1];
    const args = split(inside);
    const all = () => args.filter((a) => a.length > 0)
      .map((a) => this.level(a, false));
    if (name === "CAST" || name === "TRY_CAST" || name === "CONVERT") {
      const [value, type] = this.conversion(name, inside, args);
      if (name === "CONVERT" && args[2]?.[0]?.text === "2")
        return [`tsql_hex(${this.level(value, false)})`, i + 2];
      return [`tsql_cast(${this.level(value, false)}, ${string(type)})`, i + 2];
    }
    if (name === "OPENJSON") return this.openjson(items, i);
    if (templates[name]) return [templates[name](...all()), i + 2];
    if (Object.hasOwn(this.settings, `${name}()`))
      return [literal(this.settings[`${name}()`]), i + 2];
    if (name === "SERVERPROPERTY" || name === "DATABASEPROPERTYEX")
      return [string(String(this.settings[inside.at(-1).text.slice(1, -1)] ?? "")), i + 2];
    if (!functions[name])
      throw new TsqlError(195, `'${items[i].text}' is not a recognized built-in function name.`);
    return [`${functions[name]}(${this.level(inside, false)})`, i + 2];
  }

  // The value and the type of CAST(v AS t) and CONVERT(t, v).
  conversion(name, inside, args) {
    if (name === "CONVERT") return [args[1], typeText(args[0])];
    const as = inside.findLastIndex((x) => is(x, "AS"));
    if (as < 1) throw syntax(name);
    return [inside.slice(0, as), typeText(inside.slice(as + 1))];
  }

  // OPENJSON(text) [WITH ([name] type ['$.path'], ...)]
  openjson(items, i) {
    const json = this.level(items[i + 1].items, false);
    if (!is(items[i + 2], "WITH"))
      return [`(SELECT "key", value, type FROM json_each(${json}))`, i + 2];
    const columns = split(items[i + 3].items).map((c) => {
      const path = c.at(-1).kind === "text" ? c.at(-1) : undefined;
      const type = typeText(path ? c.slice(1, -1) : c.slice(1));
      const name = nameOf(c[0]);
      this.learn(name, type);
      const from = !path ? `json_extract(value, ${string(`$.${name}`)})` :
        path.text.replace(/^N/, "") === "'$'" ? "value" :
          `json_extract(value, ${path.text.replace(/^N/, "")})`;
      return `tsql_cast(${from}, ${string(type)}) AS ${quoted(name)}`;
    });
    return [`(SELECT ${columns.join(", ")} FROM json_each(${json}))`, i + 4];
  }

  // ---- types of what expressions give

  learn(name, type) {
    if (type && !this.types.has(name)) this.types.set(name, type);
  }

  // What stands before AS, back to the comma or SELECT.
  expressionBefore(items, i) {
    let from = i;
    while (from > 0 && !isSign(items[from - 1], ",") &&
      !is(items[from - 1], "SELECT", "DISTINCT", "FROM", "JOIN")) from--;
    return items.slice(from, i);
  }

  typeOf(items) {
    while (is(items[0], "DISTINCT", "ALL", "TOP"))
      items = items.slice(is(items[0], "TOP") ? 2 : 1);
    const [first, second] = items;
    if (!first) return undefined;
    if (isGroup(first) && is(first.items[0], "SELECT")) {
      const end = first.items.findIndex((x) => is(x, "FROM"));
      return this.typeOf(split(first.items.slice(1, end < 0 ? undefined : end))[0]);
    }
    if (first.kind === "word" && isGroup(second)) {
      const name = first.text.toUpperCase();
      if (ints.has(name)) return "int";
      if (bigints.has(name)) return "bigint";
      if (["CAST", "TRY_CAST", "CONVERT"].includes(name))
        return this.conversion(name, second.items, split(second.items))[1];
    }
    if (first.kind === "number" && items.length === 1)
      return /^\d+$/.test(first.text) ? "int" : "decimal(18,4)";
    return this.firstColumn(items);
  }

  // The type of the first column that an expression names.
  firstColumn(items) {
    for (const item of items) {
      const found = isGroup(item) ? this.firstColumn(item.items) :
        item.kind === "name" || item.kind === "word" ?
          this.schema.columnType(nameOf(item)) : undefined;
      if (found) return found;
    }
    return undefined;
  }

  // The types of a statement's columns, as far as its text tells them.
  resultTypes(items) {
    const from = items.findIndex((x) => is(x, "FROM"));
    const start = items.findIndex((x) => is(x, "SELECT"));
    return split(items.slice(start + 1, from < 0 ? undefined : from))
      .map((column) => {
        const as = column.findIndex((x) => is(x, "AS"));
        return this.typeOf(as < 0 ? column : column.slice(0, as));
      });
  }
}

// The statements of a batch: lists of items, split at ";" and before SET.
export function statements(items) {
  const out = [[]];
  for (const item of items) {
    if (isSign(item, ";")) {
      out.push([]);
      continue;
    }
    const simple = is(out.at(-1)[0], "SET", "USE", "BEGIN", "COMMIT", "ROLLBACK");
    if (simple && out.at(-1).length > 1 && is(item, "SET", "USE", "SELECT",
      "BEGIN", "IF", "COMMIT", "ROLLBACK")) out.push([]);
    out.at(-1).push(item);
  }
  return out.filter((s) => s.length > 0);
}
