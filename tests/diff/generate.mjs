// Requests at random: the same ones for the same seed and the same rows.  All
// are valid, and each has one right answer on its database: texts are only
// compared where their database's collation cannot be told from any other.
import { compare, isUuid } from "./values.mjs";

// mulberry32
function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Letters and digits whose order does not depend on case.
function isTame(values) {
  const texts = [...new Set(values)], fold = (s) => s.toLowerCase();
  const by = (f) => (a, b) => compare({ type: "String" }, f(a), f(b));
  return texts.every((s) => /^[A-Za-z0-9]+$/.test(s)) &&
    new Set(texts.map(fold)).size === texts.length &&
    [...texts].sort(by((s) => s)).join() === [...texts].sort(by(fold)).join();
}

export class Generator {
  // strict: only what has one right answer for a server with Prisma's habits,
  // too, which orders by nothing but what it is told.
  constructor(reference, { seed = 1, strict = false }) {
    this.reference = reference;
    this.next = random(seed);
    this.strict = strict;
    this.known = new Map();
  }

  int = (n) => Math.floor(this.next() * n);
  maybe = (p) => this.next() < p;
  pick = (a) => a[this.int(a.length)];
  some(a, n) {
    const out = new Set();
    for (let i = 0; i < n; i++) out.add(this.pick(a));
    return [...out];
  }

  // What is known of a field: its values, and what can be asked of it.
  facts(model, field) {
    const key = `${model.name}.${field.name}`;
    if (!this.known.has(key)) {
      const rows = this.reference.rows.get(model.name);
      const values = rows.map((r) => r[field.name]).filter((v) => v !== null);
      const certain = !field.unclear && (field.type !== "String" ||
        this.reference.rule.exact || isTame(values));
      this.known.set(key, { values, nullable: values.length < rows.length,
        equal: values.length > 0 && certain && field.native !== "Real" &&
          field.type !== "Json" && !field.list,
        order: values.length > 0 && certain && !field.values && !field.list &&
          !["Json", "Bytes"].includes(field.type) && field.native !== "Real" &&
          !(isUuid(field) && !this.reference.rule.exact),
        text: certain && field.type === "String" && !isUuid(field) });
    }
    return this.known.get(key);
  }

  fields = (model, can) => [...model.fields.values()]
    .filter((f) => this.facts(model, f)[can]);
  relations = (model, test) => [...model.relations.values()].filter((r) =>
    test(r) && this.reference.rows.get(r.target.name).length > 0);

  // ---- conditions ----

  value(model, field) {
    const v = this.pick(this.facts(model, field).values);
    switch (field.type) {
    case "Int": return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1,
      v + this.pick([0, 0, 1, -1])));
    case "BigInt": return this.maybe(0.5) ? v : String(BigInt(v) / 2n);
    case "Decimal": return this.maybe(0.7) ? v : this.pick(["1e3", 0, "-.5"]);
    case "DateTime": return this.moment(v, field);
    default: return v;
    }
  }

  // The same moment as another zone has it.
  moment(text, field) {
    if (field.native === "Date" || this.maybe(0.7)) return text;
    const east = new Date(Date.parse(text) + 5.5 * 3600e3);
    const year = east.getUTCFullYear();
    return year < 1000 || year > 9998 ? text :
      east.toISOString().replace("Z", "+05:30");
  }

  piece(model, field) {
    const letters = [...this.pick(this.facts(model, field).values)];
    const from = this.int(letters.length + 1);
    return letters.slice(from, from + 1 + this.int(4)).join("");
  }

  operator(model, field) {
    const facts = this.facts(model, field);
    const value = () => this.value(model, field);
    const list = () => Array.from({ length: this.pick([0, 1, 2, 3, 9, 40]) },
      value);
    const names = ["equals", "not"];
    if (field.type !== "Boolean") names.push("in", "notIn");
    if (facts.order && field.type !== "Boolean")
      names.push("lt", "lte", "gt", "gte", "gt", "lt");
    if (facts.text) names.push("contains", "startsWith", "endsWith");
    const name = this.pick(names);
    if (name === "in" || name === "notIn") return [name, list()];
    if (["contains", "startsWith", "endsWith"].includes(name))
      return [name, this.piece(model, field)];
    if (name === "not" && this.maybe(0.4)) {
      const [inner, operand] = this.operator(model, field);
      return [name, { [inner === "not" ? "equals" : inner]:
        inner === "not" ? value() : operand }];
    }
    return [name, field.optional && this.maybe(0.15) &&
      ["equals", "not"].includes(name) ? null : value()];
  }

  said(model, field) {
    if (field.optional && this.maybe(0.1)) return null;
    if (this.maybe(0.2)) return this.value(model, field);
    return Object.fromEntries(Array.from({ length: this.pick([1, 1, 2]) },
      () => this.operator(model, field)));
  }

  where(model, depth = 3) {
    return Object.fromEntries(Array.from({ length: this.pick([1, 1, 2]) },
      () => this.member(model, depth)));
  }

  member(model, depth) {
    const relations = this.relations(model, () => true);
    if (depth > 0 && this.maybe(0.25)) {
      const parts = Array.from({ length: this.pick([1, 2, 3]) }, () =>
        this.where(model, depth - 1));
      const name = this.pick(["AND", "OR", "NOT"]);
      return [name, name === "OR" || this.maybe(0.6) ? parts : parts[0]];
    }
    if (depth > 0 && relations.length && this.maybe(0.35)) {
      const relation = this.pick(relations);
      return [relation.name, this.quantified(relation, depth - 1)];
    }
    const field = this.pick(this.fields(model, "equal"));
    return [field.name, this.said(model, field)];
  }

  quantified(relation, depth) {
    const where = () => (this.maybe(0.1) ? {} :
      this.where(relation.target, depth));
    if (relation.list)
      return { [this.pick(["some", "every", "none"])]: where() };
    if (relation.optional && this.maybe(0.15))
      return this.pick([null, { is: null }, { isNot: null }]);
    return this.maybe(0.4) ? where() :
      { [this.pick(["is", "isNot"])]: where() };
  }

  // ---- order and pages ----

  orderKey(model, depth = 1) {
    const relations = this.relations(model, (r) => r.list || depth > 0);
    if (relations.length && this.maybe(0.25)) {
      const r = this.pick(relations);
      return { [r.name]: r.list ? { _count: this.sort() } :
        this.orderKey(r.target, depth - 1) };
    }
    const field = this.pick(this.fields(model, "order"));
    return { [field.name]: field.optional && this.maybe(0.3) ?
      { sort: this.sort(), nulls: this.pick(["first", "last"]) } :
      this.sort() };
  }

  sort = () => this.pick(["asc", "desc"]);

  orderBy(model) {
    const keys = Array.from({ length: this.pick([1, 1, 2]) }, () =>
      this.orderKey(model));
    if (this.strict || this.maybe(0.3))
      keys.push(...model.key.map((f) => ({ [f]: this.sort() })));
    return keys.length === 1 && this.maybe(0.5) ? keys[0] : keys;
  }

  // A cursor with NULL among its order's values has no place in Prisma.
  cursor(model, o) {
    const row = this.pick(this.reference.rows.get(model.name));
    if (this.strict && o.orderBy) o.orderBy = model.key.map((f) =>
      ({ [f]: this.sort() }));
    if (this.maybe(0.1) && model.fields.get(model.key[0]).type === "Int")
      return { ...this.keyOf(model, row), [model.key[0]]: 999999 };
    return this.keyOf(model, row);
  }

  keyOf(model, row) {
    const key = Object.fromEntries(model.key.map((f) => [f, row[f]]));
    return model.key.length > 1 ? { [model.key.join("_")]: key } : key;
  }

  page(model, often) {
    const o = {};
    if (this.maybe(often)) o.where = this.where(model);
    if (this.maybe(0.4)) o.orderBy = this.orderBy(model);
    if (this.maybe(0.4)) o.take = this.pick([0, 1, 2, 3, 7, 40, -1, -2, -5]);
    if (this.maybe(0.25)) o.skip = this.pick([0, 1, 2, 5, 50]);
    if (this.maybe(0.2)) o.cursor = this.cursor(model, o);
    const fields = this.fields(model, "equal");
    if (fields.length && this.maybe(0.12)) {
      o.distinct = this.some(fields, 2).map((f) => f.name);
      if (this.strict && !o.orderBy) o.orderBy = model.key.map((f) =>
        ({ [f]: "asc" }));
      // There, both together look for the cursor among the rows of where.
      if (this.strict && o.cursor) delete o.where;
    }
    return o;
  }

  // ---- what is shown ----

  shape(model, depth) {
    const fields = this.some([...model.fields.keys()], 3);
    const kind = this.pick(["all", "select", "select", "include", "omit"]);
    const members = depth > 0 && this.maybe(0.7) ?
      this.members(model, depth) : {};
    if (kind === "select" || (kind !== "all" && this.maybe(0.5)))
      return { select: { ...Object.fromEntries(fields.map((f) => [f, true])),
        ...members } };
    const o = kind === "omit" ?
      { omit: Object.fromEntries(fields.map((f) => [f, true])) } : {};
    return Object.keys(members).length ? { ...o, include: members } : o;
  }

  members(model, depth) {
    const relations = this.relations(model, () => true);
    const lists = relations.filter((r) => r.list);
    const out = {};
    for (const r of relations.length ? this.some(relations, 2) : [])
      out[r.name] = this.maybe(0.2) ? true : this.inside(r, depth - 1);
    if (lists.length && this.maybe(0.3))
      out._count = this.maybe(0.3) ? true : { select: Object.fromEntries(
        this.some(lists, 2).map((r) => [r.name, this.maybe(0.5) ||
          { where: this.where(r.target, 1) }])) };
    return out;
  }

  inside(relation, depth) {
    const shape = this.shape(relation.target, depth);
    if (relation.list) return { ...this.page(relation.target, 0.4), ...shape };
    return relation.optional && this.maybe(0.3) ?
      { where: this.where(relation.target, 1), ...shape } : shape;
  }

  request(models) {
    const model = this.pick(models);
    return { model: model.name,
      options: { ...this.page(model, 0.7), ...this.shape(model, 2) } };
  }
}
