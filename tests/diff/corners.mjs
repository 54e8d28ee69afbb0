// Requests by hand: the corners of the grammar, one line for each thing that
// is easily got wrong.  They are about models and fields which both the
// shipped schema and the one of the service before it have.
//
//	fails: the code of the refusal that is the right answer
//	only: databases on which it means something
//	ours: the original answers differently, on purpose

export function corners(reference) {
  const companies = reference.rows.get("Company");
  const first = companies[0], tenth = companies[9];
  const child = companies.find((c) =>
    reference.related(parentOf(reference), c).length);
  const parents = companies.filter((c) => reference.related(
    parentOf(reference).opposite, c).length).map((c) => c.companyRecId);
  const id = (n) => ({ companyRecId: n });
  const shown = { companyRecId: true };
  const family = (o) => ({ where: { companyRecId: { in: parents } },
    select: { ...shown, childCompanies: { select: shown, ...o } } });
  const named = (o) => ({ select: shown, ...o });
  const where = (w) => named({ where: w });
  const bad = (w, code = "BAD_OPTIONS") => ({ options: where(w), fails: code });
  const refused = (o, code = "BAD_OPTIONS") => ({ options: o, fails: code });

  const list = [
    // No condition, and no row.
    where({}), where({ AND: [] }), where({ AND: {} }), where({ NOT: [] }),
    where({ NOT: {} }), where({ OR: [] }), where({ OR: [{}] }),
    where({ NOT: [{}] }), where({ NOT: { NOT: {} } }),
    where({ OR: [{}, id(first.companyRecId)] }),
    where({ NOT: [{}, id(first.companyRecId)] }),
    where({ OR: [], ...id(first.companyRecId) }),
    where({ NOT: { OR: [] } }), where({ companyName: {} }),
    where({ websiteUrl: { not: {} } }), where({ childCompanies: {} }),
    where({ parentCompany: {} }), where({ OR: [{ parentCompany: {} }] }),
    { options: where({ AND: [{ OR: [] }] }), ours: true },
    bad({ OR: {} }), bad({ OR: id(1) }), bad({ AND: null }),
    bad({ AND: [null] }), bad({ AND: 5 }), bad({ NOT: "x" }),
    refused({ where: null }), refused({ where: [] }), refused({ where: 5 }),
    refused({ where: [id(1)] }),

    // NOT, not and notIn never match NULL.
    where({ NOT: [id(first.companyRecId), id(tenth.companyRecId)] }),
    where({ NOT: { companyRecId: first.companyRecId,
      companyName: { contains: "e" } } }),
    where({ websiteUrl: null }), where({ websiteUrl: { equals: null } }),
    where({ websiteUrl: { not: null } }),
    where({ websiteUrl: { not: { equals: null } } }),
    where({ websiteUrl: { in: null } }), where({ websiteUrl: { notIn: null } }),
    where({ websiteUrl: { in: [] } }), where({ websiteUrl: { notIn: [] } }),
    where({ websiteUrl: { not: "x" } }), where({ websiteUrl: { notIn: ["x"] } }),
    where({ NOT: { websiteUrl: "x" } }),
    where({ NOT: { websiteUrl: { contains: "e" } } }),
    where({ websiteUrl: { not: { contains: "e" } } }),
    where({ companyRecId: { not: { gt: first.companyRecId,
      lt: tenth.companyRecId } } }),
    where({ NOT: { companyRecId: { gt: first.companyRecId,
      lt: tenth.companyRecId } } }),
    where({ companyRecId: { not: { not: { gt: tenth.companyRecId } } } }),
    { options: where({ companyRecId: { not: { not: tenth.companyRecId } } }),
      ours: true },
    where({ companyRecId: { not: { in: [first.companyRecId] } } }),
    where({ companyRecId: { not: { notIn: [first.companyRecId] } } }),
    where({ companyRecId: { equals: first.companyRecId,
      not: first.companyRecId } }),
    bad({ companyName: null }), bad({ companyName: { not: null } }),
    bad({ companyName: { equals: null } }), bad({ companyName: { in: null } }),
    bad({ websiteUrl: { in: ["x", null] } }), bad({ websiteUrl: { gt: null } }),
    bad({ websiteUrl: { contains: null } }), bad({ websiteUrl: { in: "x" } }),

    // Texts.
    where({ websiteUrl: { contains: "" } }),
    where({ websiteUrl: { startsWith: "" } }),
    where({ NOT: { websiteUrl: { endsWith: "" } } }),
    ...["%", "_", "\\", "[", "]", "*", "?", "!", "^", "-", "'", "\"", "%%",
      "\\%", "[a-z]", "é", "😀"].flatMap((text) =>
      ["contains", "startsWith", "endsWith"].map((name) => (
        { options: where({ companyName: { [name]: text } }), exact: true,
          ours: /[%_\\]/.test(text) }))),
    { options: where({ companyName: { contains: "E" } }), exact: true },
    { options: where({ companyName: { equals:
      first.companyName.toUpperCase() } }), exact: true },
    { options: where({ companyName: { contains: "E", mode: "insensitive" } }),
      only: ["postgresql"] },
    { options: where({ companyName: { mode: "insensitive", equals:
      first.companyName.toUpperCase() } }), only: ["postgresql"] },
    { options: where({ companyName: { mode: "insensitive", in:
      [first.companyName.toUpperCase()] } }), only: ["postgresql"] },
    { options: where({ companyName: { mode: "insensitive", not:
      { contains: "E" } } }), only: ["postgresql"] },
    { ...bad({ companyName: { contains: "E", mode: "insensitive" } }),
      only: ["sqlite", "mariadb", "sqlserver"] },
    bad({ companyName: { search: "x" } }), bad({ companyName: { has: "x" } }),
    bad({ companyName: { contain: "x" } }), bad({ companyName: 5 }),
    bad({ companyName: ["x"] }), bad({ companyName: { contains: 5 } }),
    bad({ companyName: { equals: { a: 1 } } }),
    bad({ nope: 1 }, "UNKNOWN_FIELD"), bad({ company_id: 1 }, "UNKNOWN_FIELD"),

    // Booleans, numbers, moments.
    where({ leadFlag: true }), where({ leadFlag: { not: true } }),
    where({ leadFlag: { not: { equals: false } } }),
    bad({ leadFlag: { in: [true] } }), bad({ leadFlag: 1 }),
    bad({ leadFlag: "true" }), bad({ leadFlag: { gt: false } }),
    bad({ companyRecId: "1" }), bad({ companyRecId: true }),
    { ...bad({ companyRecId: 1.5 }), ours: true },
    { ...bad({ companyRecId: 2147483648 }), ours: true },
    bad({ companyRecId: { contains: 1 } }),
    where({ companyRecId: { gte: -2147483648, lte: 2147483647 } }),
    where({ defaultMarkup: { gt: 1 } }), where({ defaultMarkup: { gt: 1e300 } }),
    where({ defaultMarkup: { lte: 0.1 } }), bad({ defaultMarkup: "1" }),
    where({ annualRevenue: { gt: 1 } }), where({ annualRevenue: { gt: "1e3" } }),
    where({ annualRevenue: { gt: "1E3" } }),
    where({ annualRevenue: { lt: "0.01" } }),
    where({ annualRevenue: { gt: "-0" } }), where({ annualRevenue: { gt: ".5" } }),
    where({ annualRevenue: { gte: 1e30 } }),
    where({ annualRevenue: { in: companies.map((c) => c.annualRevenue)
      .filter((v) => v !== null).slice(0, 5) } }),
    bad({ annualRevenue: " 1" }), bad({ annualRevenue: "abc" }),
    bad({ annualRevenue: "" }), bad({ annualRevenue: { contains: "1" } }),
    bad({ annualRevenue: "NaN" }),
    where({ lastUpdate: { gt: "2000-01-01T00:00:00Z" } }),
    where({ lastUpdate: { gt: "2020-01-01T00:00:00.000+05:30" } }),
    where({ lastUpdate: { lt: "2020-06-01t00:00:00z" } }),
    where({ lastUpdate: { in: companies.map((c) => c.lastUpdate)
      .filter((v) => v !== null).slice(0, 5) } }),
    where({ lastUpdate: { lt: "9999-12-31T23:59:59.999Z" } }),
    ...["2020-01-01", "2020-01-01T00:00:00", "2020-02-30T00:00:00Z", "",
      "2020-01-01T00:00Z", "2020-01-01T24:00:00Z", "2020-01-01T00:00:00+0530",
      1577836800000, true].map((v) => bad({ lastUpdate: { gt: v } })),
    { ...bad({ companyGuid: "x" }), only: ["postgresql", "sqlserver"] },
    { ...bad({ companyGuid: { contains: "a" } }),
      only: ["postgresql", "sqlserver"] },

    // Relations: none, and the one that is not there.
    where({ parentCompany: null }), where({ parentCompany: { is: null } }),
    where({ parentCompany: { isNot: null } }),
    where({ NOT: { parentCompany: null } }),
    where({ parentCompany: { is: {} } }), where({ parentCompany: { isNot: {} } }),
    where({ NOT: { parentCompany: { is: {} } } }),
    where({ parentCompany: id(parents[0]) }),
    where({ parentCompany: { is: id(parents[0]) } }),
    where({ parentCompany: { isNot: id(parents[0]) } }),
    where({ NOT: { parentCompany: id(parents[0]) } }),
    where({ parentCompany: { isNot: id(parents[0]),
      is: { companyRecId: { gt: 0 } } } }),
    where({ parentCompany: { NOT: {} } }), where({ parentCompany: { OR: [] } }),
    where({ parentCompany: { parentCompany: null } }),
    where({ parentCompany: { websiteUrl: { not: "x" } } }),
    where({ NOT: { parentCompany: { websiteUrl: "x" } } }),
    where({ parentCompany: { isNot: { websiteUrl: "x" } } }),
    where({ parentCompany: { isNot: { NOT: { websiteUrl: "x" } } } }),
    where({ NOT: { parentCompany: { isNot: { websiteUrl: "x" } } } }),
    where({ NOT: { companyName: "x", parentCompany: { websiteUrl: "x" } } }),
    where({ childCompanies: { none: { parentCompany: { websiteUrl: "x" } } } }),
    where({ childCompanies: { every: { parentCompany:
      { websiteUrl: "x" } } } }),
    bad({ parentCompany: 5 }), bad({ parentCompany: { is: 5 } }),
    bad({ parentCompany: { some: {} } }, "UNKNOWN_FIELD"),
    bad({ parentCompany: { is: {}, companyRecId: 1 } }),
    where({ childCompanies: { some: {} } }),
    where({ childCompanies: { none: {} } }),
    where({ childCompanies: { every: {} } }),
    where({ childCompanies: { every: { OR: [] } } }),
    where({ childCompanies: { none: { OR: [] } } }),
    where({ OR: [{ childCompanies: { every: {} } }] }),
    where({ childCompanies: { some: { websiteUrl: { contains: "e" } } } }),
    where({ childCompanies: { every: { websiteUrl: { contains: "e" } } } }),
    where({ childCompanies: { every: { websiteUrl: { not: "x" } } } }),
    where({ childCompanies: { every: { websiteUrl: null } } }),
    where({ childCompanies: { none: { websiteUrl: { contains: "e" } } } }),
    where({ NOT: { childCompanies: { every: { leadFlag: true } } } }),
    where({ childCompanies: { some: id(child.companyRecId),
      none: { leadFlag: true } } }),
    where({ childCompanies: { some: { childCompanies: { none: {} } } } }),
    where({ childCompanies: { every: { opportunityCompanies: { some: {} } } } }),
    bad({ childCompanies: null }), bad({ childCompanies: { some: null } }),
    bad({ childCompanies: id(1) }), bad({ childCompanies: { is: id(1) } }),

    // Order.
    ...["asc", "desc"].flatMap((sort) => [
      named({ orderBy: { companyRecId: sort } }),
      { options: named({ orderBy: [{ leadFlag: sort }, { companyRecId: "asc" }],
        take: 7 }) },
      named({ orderBy: [{ lastUpdate: sort }, { companyRecId: sort }] }),
      named({ orderBy: [{ lastUpdate: { sort, nulls: "first" } },
        { companyRecId: "asc" }] }),
      named({ orderBy: [{ lastUpdate: { sort, nulls: "last" } },
        { companyRecId: "desc" }] }),
      named({ orderBy: [{ lastUpdate: { sort } }, { companyRecId: "asc" }] }),
      named({ orderBy: [{ annualRevenue: sort }, { companyRecId: "asc" }] }),
      named({ orderBy: [{ childCompanies: { _count: sort } },
        { companyRecId: "asc" }] }),
      named({ orderBy: [{ parentCompany: { companyRecId: sort } },
        { companyRecId: "asc" }] }),
      named({ orderBy: [{ parentCompany: { lastUpdate:
        { sort, nulls: "last" } } }, { companyRecId: "asc" }] }),
      named({ orderBy: [{ parentCompany: { childCompanies: { _count: sort } } },
        { companyRecId: "asc" }] }),
      named({ orderBy: [{ parentCompany: { parentCompany:
        { companyRecId: sort } } }, { companyRecId: "asc" }] }),
    ]),
    ...[{}, [], [{}], { parentCompany: {} }].map((orderBy) =>
      ({ options: named({ orderBy }), ours: true })),
    ...[null, "asc", 5, { companyRecId: "DESC" }, { companyRecId: 1 },
      { companyRecId: "desc", companyId: "asc" }, ["companyRecId"],
      { websiteUrl: { nulls: "first" } },
      { companyId: { sort: "asc", nulls: "first" } },
      { childCompanies: { _count: { sort: "desc" } } },
      { childCompanies: { _count: "up" } }, { parentCompany: "desc" },
      { websiteUrl: { sort: "asc", nulls: "middle" } },
      { parentCompany: { companyRecId: "asc", companyId: "asc" } },
    ].map((orderBy) => refused({ orderBy })),
    refused({ orderBy: { nope: "asc" } }, "UNKNOWN_FIELD"),
    refused({ orderBy: { childCompanies: { companyId: "asc" } } }, "any"),

    // Pages.
    ...[0, 1, 5, -1, -5, 100000, -100000].flatMap((take) => [
      named({ take }), named({ take, skip: 2 }),
      named({ take, cursor: id(tenth.companyRecId) }),
      named({ take, cursor: id(tenth.companyRecId), skip: 1 }),
      named({ take, orderBy: { companyRecId: "desc" },
        cursor: id(tenth.companyRecId) }),
      named({ take, distinct: ["leadFlag"], orderBy: { companyRecId: "asc" } }),
      named({ take, distinct: ["leadFlag"], skip: 1,
        orderBy: { companyRecId: "desc" } }),
      named({ take, distinct: ["leadFlag", "websiteUrl"],
        orderBy: { companyRecId: "asc" }, cursor: id(tenth.companyRecId) }),
      family({ take }), family({ take, skip: 1 }),
      family({ take, orderBy: { companyRecId: "desc" } }),
      family({ take, cursor: id(child.companyRecId) }),
      family({ take, skip: 1, cursor: id(child.companyRecId) }),
      family({ take, distinct: ["leadFlag"], orderBy: { companyRecId: "asc" } }),
      family({ take, where: { leadFlag: false } }),
      family({ take, orderBy: [{ opportunityCompanies: { _count: "desc" } },
        { companyRecId: "asc" }] }),
    ]),
    named({ skip: 3 }), named({ skip: 100000 }), named({ skip: 0 }),
    named({ distinct: "leadFlag", orderBy: { companyRecId: "asc" } }),
    named({ distinct: ["leadFlag", "leadFlag"],
      orderBy: { companyRecId: "asc" } }),
    named({ cursor: id(999999) }),
    named({ cursor: id(tenth.companyRecId),
      where: { companyRecId: { gt: tenth.companyRecId } } }),
    named({ cursor: id(tenth.companyRecId), skip: 1,
      where: { companyRecId: { gt: tenth.companyRecId } } }),
    named({ cursor: { ...id(tenth.companyRecId), companyName: "nobody" } }),
    named({ cursor: { ...id(tenth.companyRecId),
      companyName: tenth.companyName } }),
    { options: named({ cursor: id(companies.find((c) => c.lastUpdate === null)
      ?.companyRecId ?? 999999), orderBy: { lastUpdate: "asc" } }),
      ours: true },
    family({ cursor: id(999999) }), family({ skip: 100 }),
    family({ cursor: id(child.companyRecId),
      where: { NOT: id(child.companyRecId) } }),
    ...[null, "1", true, [1], {}].flatMap((v) => [refused({ take: v }),
      refused({ skip: v })]),
    refused({ skip: -1 }), { ...refused({ take: 1.5 }), ours: true },
    { ...refused({ skip: 0.5 }), ours: true },
    refused({ cursor: {} }), refused({ cursor: null }), refused({ cursor: 5 }),
    refused({ cursor: { companyName: "x" } }),
    refused({ cursor: { companyRecId: null } }),
    refused({ cursor: { companyRecId: { equals: 1 } } }),
    refused({ cursor: { companyRecId: 1, nope: 1 } }, "UNKNOWN_FIELD"),
    refused({ distinct: null }), refused({ distinct: 5 }),
    refused({ distinct: ["parentCompany"] }, "any"),
    refused({ distinct: ["nope"] }, "UNKNOWN_FIELD"),

    // What is shown.
    ...[{ _count: true }, { _count: { select: { childCompanies: true } } },
      { _count: { select: { childCompanies: { where: { leadFlag: true } } } } },
      { _count: { select: { childCompanies: { where: { OR: [] } },
        opportunityCompanies: true } } }].flatMap((c) =>
      [{ select: { ...shown, ...c } }, { include: c },
        { select: { ...shown, childCompanies: { select: { ...shown, ...c } } } },
      ]),
    { options: { select: ["_count"] } },
    { select: { ...shown, parentCompany: { where: { leadFlag: false },
      select: shown } } },
    { select: { ...shown, parentCompany: { where: { OR: [] },
      select: shown } } },
    { select: { ...shown, parentCompany: { omit: { companyName: true } } } },
    { omit: { companyName: true, websiteUrl: true } },
    { omit: { companyName: false } }, { omit: {} },
    { omit: { companyName: true }, include: { parentCompany: true } },
    { include: {} }, { include: [] }, { include: { market: false } },
    { select: ["market", "companyId"] },
    refused({ select: shown, omit: { companyName: true } }),
    refused({ select: {} }), refused({ select: [] }),
    refused({ select: { companyId: false } }),
    { ...refused({ omit: { parentCompany: true } }, "any"), ours: true },
    ...[1, null, "x", {}].map((v) =>
      ({ ...refused({ omit: { companyName: v } }), ours: true })),
    refused({ omit: { nope: true } }, "UNKNOWN_FIELD"),
    refused({ select: { parentCompany: { take: 1 } } }),
    refused({ select: { parentCompany: { orderBy: { companyRecId: "asc" } } } }),
    refused({ select: { _count: { select: {} } } }),
    refused({ select: { _count: { select: { childCompanies: false } } } }),
    refused({ select: { _count: { select: { parentCompany: true } } } }, "any"),
    refused({ select: { _count: { select: { childCompanies:
      { take: 1 } } } } }),
    { ...refused({ tak: 1 }), ours: true },
    { ...refused({ relationLoadStrategy: "join" }), ours: true },
    { model: "ProductCatalog", options: { select: { ivItemRecId: true,
      inventory: { select: { productCatalog: { where: { ivItemRecId: 1 } } } },
    } }, fails: "BAD_OPTIONS" },
    { model: "ProductCatalog", ...bad({ inventory: { some: {
      productCatalog: null } } }) },
    { model: "ProductCatalog", ...bad({ inventory: { some: {
      productCatalog: { isNot: null } } } }) },
    { model: "ProductCatalog", options: { select: { ivItemRecId: true }, where:
      { inventory: { some: { productCatalog: { is: {} } } } } } },
  ];
  return list.map((c) => ({ model: "Company",
    ...("options" in c ? c : { options: c }) }));
}

const parentOf = (reference) =>
  reference.models.get("Company").relations.get("parentCompany");
