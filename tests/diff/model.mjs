// findMany over plain rows: a second opinion on which rows an answer has,
// written from the meaning of the grammar and as simply as it can be said.
// Nothing here is fast, and nothing is checked: requests are valid ones.
import { compare } from "./values.mjs";

const isObject = (v) => v !== null && typeof v === "object" && !Array.isArray(v);
const list = (v) => (Array.isArray(v) ? v : [v]);

// Three values, as in SQL: true, false, and null for "unknown".
const not = (v) => (v === null ? null : !v);
const all = (values) => (values.includes(false) ? false :
  values.includes(null) ? null : true);
const any = (values) => not(all(values.map(not)));

export class Reference {
  // rows: model name -> array of whole rows; rule: of values.mjs.
  constructor(models, rows, rule) {
    this.models = models;
    this.rule = rule;
    this.indexes = new Map();	// relation -> key -> rows of the target
    this.rows = new Map([...models.values()].map((m) => [m.name,
      [...(rows.get(m.name) ?? [])].sort((a, b) =>
        this.compareBy(this.orderOf(m, []), a, b))]));
  }

  findMany(name, options) {
    const o = isObject(options) ? options : {};
    const model = this.models.get(name);
    return this.page(model, this.rows.get(name), o, false)
      .map((row) => this.project(model, row, o));
  }

  // ---- conditions ----

  related(relation, row) {
    const keyOf = (fields, r) => JSON.stringify(fields.map((f) => r[f]));
    if (!this.indexes.has(relation)) {
      const index = new Map();
      for (const other of this.rows.get(relation.target.name)) {
        const key = keyOf(relation.to, other);
        index.set(key, [...(index.get(key) ?? []), other]);
      }
      this.indexes.set(relation, index);
    }
    if (relation.from.some((f) => row[f] === null)) return [];
    return this.indexes.get(relation).get(keyOf(relation.from, row)) ?? [];
  }

  // undefined: there is no condition.
  where(model, where, row) {
    const parts = Object.entries(where).map(([name, said]) =>
      this.member(model, name, said, row)).filter((v) => v !== undefined);
    return parts.length ? all(parts) : undefined;
  }

  holds(model, where, row) {
    const value = this.where(model, where, row);
    return value === undefined ? true : value;
  }

  member(model, name, said, row) {
    const parts = () => list(said).map((w) => this.where(model, w, row))
      .filter((v) => v !== undefined);
    if (name === "OR") return any(parts());
    if (name === "AND" || name === "NOT") {
      const values = parts();
      if (!values.length) return undefined;
      return name === "AND" ? all(values) : not(any(values));
    }
    if (model.relations.has(name))
      return this.relation(model.relations.get(name), said, row);
    const field = model.fields.get(name);
    return this.operators(field, row[name],
      isObject(said) ? said : { equals: said });
  }

  relation(relation, said, row) {
    const others = this.related(relation, row);
    const test = (where) => others.map((other) =>
      this.holds(relation.target, where, other));
    const missing = () => (relation.holdsKey ?
      relation.from.every((f) => row[f] === null) : others.length === 0);
    // One row is as unknown as the condition on it.
    const is = (where) => (where === null ? missing() :
      others.length ? test(where)[0] : false);
    const quantifiers = {
      some: (w) => test(w).includes(true),
      none: (w) => !test(w).includes(true),
      every: (w) => !test(w).includes(false),
      is, isNot: (w) => not(is(w)),
    };
    if (said === null) return missing();
    const entries = Object.entries(said);
    if (!entries.length) return undefined;
    if (!relation.list && !("is" in said) && !("isNot" in said))
      return is(said);
    return all(entries.map(([name, w]) => quantifiers[name](w)));
  }

  operators(field, value, said) {
    const { mode, ...operators } = said;
    const fold = mode === "insensitive" ? (s) => s.toLowerCase() : undefined;
    const values = this.each(field, value, operators, fold);
    return values.length ? all(values) : undefined;
  }

  each(field, value, operators, fold) {
    return Object.entries(operators).map(([name, operand]) =>
      this.operator(field, value, name, operand, fold))
      .filter((v) => v !== undefined);
  }

  operator(field, value, name, operand, fold) {
    const known = (fn) => (value === null ? null : fn());
    const order = (other) => compare(field, value, other, fold);
    const like = fold ?? this.rule.fold;
    const text = (fn) => known(() => fn(like(value), like(operand)));
    const equals = (other) =>
      (other === null ? value === null : known(() => order(other) === 0));
    const within = () => {
      if (operand === null) return value === null;
      return operand.length === 0 ? false : any(operand.map(equals));
    };
    switch (name) {
    case "equals": return equals(operand);
    case "in": return within();
    case "notIn": return not(within());
    case "lt": return known(() => order(operand) < 0);
    case "lte": return known(() => order(operand) <= 0);
    case "gt": return known(() => order(operand) > 0);
    case "gte": return known(() => order(operand) >= 0);
    case "contains": return text((a, b) => a.includes(b));
    case "startsWith": return text((a, b) => a.startsWith(b));
    case "endsWith": return text((a, b) => a.endsWith(b));
    case "not": break;
    default: throw new Error(`no operator "${name}"`);
    }
    if (!isObject(operand)) return not(equals(operand));
    // None of several operators may be true.
    const values = this.each(field, value, operand, fold);
    return values.length ? not(any(values)) : undefined;
  }

  // ---- order and pages ----

  // The keys of an order, the primary key last.
  orderOf(model, orderBy) {
    const keys = list(orderBy).flatMap((o) => Object.entries(o))
      .map(([name, said]) => this.orderKey(model, name, said))
      .filter((key) => key !== undefined);
    return [...keys, ...model.key.map((f) => this.orderKey(model, f, "asc"))];
  }

  orderKey(model, name, said) {
    const relation = model.relations.get(name);
    if (!relation) {
      const { sort, nulls } = isObject(said) ? said : { sort: said };
      const descending = sort === "desc";
      const nullsFirst = nulls ? nulls === "first" :
        this.rule.nullsFirst !== descending;
      return { field: model.fields.get(name), descending, nullsFirst,
        value: (row) => row[name], none: null };
    }
    if (relation.list)
      return { field: { type: "Int" }, descending: said._count === "desc",
        value: (row) => this.related(relation, row).length, none: 0 };
    for (const [member, inner] of Object.entries(said)) {
      const key = this.orderKey(relation.target, member, inner);
      return key && { ...key, value: (row) => {
        const [other] = this.related(relation, row);
        return other ? key.value(other) : key.none;
      } };
    }
    return undefined;
  }

  compareBy(order, a, b) {
    for (const key of order) {
      const x = key.value(a), y = key.value(b);
      if (x === null && y === null) continue;
      if (x === null || y === null)
        return (x === null) === key.nullsFirst ? -1 : 1;
      const c = compare(key.field, x, y);
      if (c !== 0) return key.descending ? -c : c;
    }
    return 0;
  }

  cursorRow(model, rows, cursor) {
    const flat = Object.fromEntries(Object.entries(cursor).flatMap(([k, v]) =>
      (model.fields.has(k) || !isObject(v) ? [[k, v]] : Object.entries(v))));
    return rows.find((row) => this.holds(model, flat, row) === true);
  }

  // Which of the rows, in which order.  Inside of a relation the cursor's row
  // is one of those that are left, at the root it is any row.
  page(model, candidates, o, inside) {
    const backwards = o.take < 0;
    const order = this.orderOf(model, o.orderBy ?? []);
    let rows = candidates.filter((row) =>
      this.holds(model, o.where ?? {}, row) === true)
      .sort((a, b) => this.compareBy(order, a, b));
    if (backwards) rows.reverse();
    if (o.cursor) {
      const from = this.cursorRow(model, inside ? rows : candidates, o.cursor);
      rows = !from ? [] : rows.filter((row) => {
        const c = this.compareBy(order, row, from);
        return backwards ? c <= 0 : c >= 0;
      });
    }
    if (o.distinct) rows = this.distinct(model, rows, list(o.distinct));
    const skip = o.skip ?? 0;
    rows = rows.slice(skip, o.take === undefined ? undefined :
      skip + Math.abs(o.take));
    return backwards ? rows.reverse() : rows;
  }

  distinct(model, rows, names) {
    const fields = names.map((name) => model.fields.get(name));
    const same = (a, b) => fields.every((f) => (a[f.name] === null ||
      b[f.name] === null ? a[f.name] === b[f.name] :
      compare(f, a[f.name], b[f.name]) === 0));
    return rows.filter((row, i) => rows.findIndex((r) => same(r, row)) === i);
  }

  // ---- what a row shows ----

  project(model, row, o) {
    const select = o.select && this.wishes(o.select);
    const include = o.include && this.wishes(o.include);
    const out = {};
    const fields = select ? select.map(([name]) => name) :
      [...model.fields.keys()].filter((name) => o.omit?.[name] !== true);
    for (const name of fields)
      if (model.fields.has(name)) out[name] = row[name];
    for (const [name, said] of select ?? include ?? []) {
      if (name === "_count") out._count = this.counts(model, row, said);
      else if (model.relations.has(name))
        out[name] = this.members(model.relations.get(name), row, said);
    }
    return out;
  }

  // [name, options] of those that are wanted.
  wishes(said) {
    if (!isObject(said)) return list(said).map((name) => [name, true]);
    return Object.entries(said).filter(([, v]) => v !== false);
  }

  members(relation, row, said) {
    const o = isObject(said) ? said : {};
    const rows = this.page(relation.target, this.related(relation, row), o,
      true).map((other) => this.project(relation.target, other, o));
    return relation.list ? rows : rows[0] ?? null;
  }

  counts(model, row, said) {
    const names = isObject(said) && said.select ? this.wishes(said.select) :
      [...model.relations.values()].filter((r) => r.list)
        .map((r) => [r.name, true]);
    return Object.fromEntries(names.map(([name, o]) => {
      const relation = model.relations.get(name);
      return [name, this.related(relation, row).filter((other) =>
        this.holds(relation.target, o.where ?? {}, other) === true).length];
    }));
  }
}
