// What the reference has to know of a Prisma schema: fields with their types,
// keys, and which rows a relation joins.  Written for schemas in the layout
// of Prisma's own formatter, one member or attribute a line.

const names = (text) => text.split(",").map((s) => s.trim().split("(")[0]);

function readField(line, blocks) {
  const m = /^(\w+)\s+(\w+)(\[\]|\?)?(.*)$/.exec(line);
  if (!m || m[2] === "Unsupported" || /@ignore\b/.test(m[4])) return undefined;
  const [, name, type, mark, rest] = m;
  const argument = (key) =>
    new RegExp(`@relation\\([^)]*\\b${key}:\\s*\\[([^\\]]+)\\]`).exec(rest)?.[1];
  return {
    name, type, list: mark === "[]", optional: mark === "?",
    relation: blocks.models.has(type), values: blocks.enums.get(type),
    native: /@db\.(\w+)/.exec(rest)?.[1],
    id: /@id\b/.test(rest), unique: /@unique\b/.test(rest),
    tag: /@relation\((?:name:\s*)?"([^"]+)"/.exec(rest)?.[1],
    fields: argument("fields") && names(argument("fields")),
    references: argument("references") && names(argument("references")),
  };
}

function readModel(name, lines, blocks) {
  const model = { name, fields: new Map(), relations: new Map(), uniques: [] };
  for (const line of lines) {
    const block = /^@@(id|unique)\(\s*(?:fields:\s*)?\[([^\]]+)\]/.exec(line);
    if (block?.[1] === "id") model.key = names(block[2]);
    if (block) model.uniques.push(names(block[2]));
    const field = line.startsWith("@@") ? undefined : readField(line, blocks);
    if (!field) continue;
    (field.relation ? model.relations : model.fields).set(field.name, field);
    if (field.id) model.key = [field.name];
    if (field.id || field.unique) model.uniques.push([field.name]);
  }
  model.key ??= model.uniques.find((key) =>
    key.every((f) => !model.fields.get(f).optional)) ?? [];
  return model;
}

// Each relation's { target, from, to }: rows of target whose `to` equals the
// own row's `from`.
function join(models) {
  for (const model of models.values())
    for (const r of model.relations.values()) {
      r.model = model;
      r.target = models.get(r.type);
      r.opposite = [...r.target.relations.values()].find((o) =>
        o !== r && o.type === model.name && o.tag === r.tag &&
        !o.fields !== !r.fields);
      r.holdsKey = r.fields !== undefined;
      r.from = r.fields ?? r.opposite.references;
      r.to = r.references ?? r.opposite.fields;
    }
}

export function readSchema(text) {
  const blocks = { models: new Map(), enums: new Map() };
  let lines;
  for (const raw of text.split("\n")) {
    const line = raw.replace(/\/\/.*$/, "").trim();
    const head = /^(\w+)\s+(\w+)\s*\{$/.exec(line);
    if (head) {
      lines = [];
      if (head[1] === "model" || head[1] === "view")
        blocks.models.set(head[2], lines);
      if (head[1] === "enum") blocks.enums.set(head[2], lines);
    } else if (line !== "" && line !== "}") {
      lines?.push(line);
    }
  }
  for (const [name, values] of blocks.enums)
    blocks.enums.set(name, values.filter((v) => !v.startsWith("@@"))
      .map((v) => v.split(/\s/)[0]));
  const models = new Map([...blocks.models].map(([name, members]) =>
    [name, readModel(name, members, blocks)]));
  join(models);
  return models;
}
