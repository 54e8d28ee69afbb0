// What the chaos clients ask, and what a right answer is.  Both come from the
// database file itself, so that an answer which belongs to another request,
// or lacks a row, is seen.

export function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// rows(sql) reads the file.
export function contents(rows) {
  const of = (columns, table) =>
    rows(`SELECT ${columns} FROM "${table}" ORDER BY 1`);
  return {
    members: of('"Member_RecID" memberRecId, "Member_ID" memberId', "Member"),
    contacts: of('"Contact_RecID" contactRecId, "First_Name" firstName',
      "Contact"),
    products: of('"IV_Item_RecID" ivItemRecId, "IV_SubCat_RecID" ivSubcatRecId',
      "IV_Item"),
    opportunities: of('"Opportunity_RecID" opportunityRecId',
      "SO_Opportunity"),
  };
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const name = { select: { companyName: true } };

// Each: its share, and a maker of [event, options, rows wanted, row as
// compared].
const kinds = [
  [4, ({ members }) => ["fetchMembers",
    { select: ["memberRecId", "memberId"] }, members]],
  [8, ({ contacts }, pick) => {
    const one = pick(contacts);
    return ["fetchContacts", { select: ["contactRecId", "firstName"],
      where: { contactRecId: one.contactRecId } }, [one]];
  }],
  [6, ({ products }, pick) => {
    const from = products.indexOf(pick(products));
    return ["fetchProducts", { select: { ivItemRecId: true,
      ivSubcatRecId: true, subcategory: { select: { ivSubcatRecId: true } } },
    skip: from, take: 40 }, products.slice(from, from + 40),
    ({ subcategory, ...row }) => (
      (subcategory?.ivSubcatRecId ?? null) === row.ivSubcatRecId ? row :
        "the relation of another row")];
  }],
  [3, ({ opportunities }) => ["fetchOpportunities", { select: {
    opportunityRecId: true, company: name, shipToCompany: name,
    billToCompany: name, contact: { select: { lastName: true } } } },
  opportunities, ({ opportunityRecId }) => ({ opportunityRecId })]],
  // long enough to be streamed
  [1, ({ products }) => ["fetchProducts",
    { include: ["subcategory", "manufacturer", "inventory", "itemVendors"] },
    products, ({ ivItemRecId, ivSubcatRecId }) =>
      ({ ivItemRecId, ivSubcatRecId })]],
];
const shares = kinds.reduce((n, [share]) => n + share, 0);

export function nextRequest(data, rand) {
  let at = rand() * shares;
  const [, make] = kinds.find(([share]) => (at -= share) < 0) ?? kinds[0];
  const [event, options, want, compare = (row) => row] =
    make(data, (list) => list[Math.floor(rand() * list.length)]);
  return { event, options, want, compare };
}

// The longest one, for those who do not read it.
export const largest = (data) => {
  const [event, options, want, compare] = kinds.at(-1)[1](data);
  return { event, options, want, compare };
};

// What is wrong with an answer; undefined = nothing.  One that failed half way
// has the first rows.
export function faultOf(request, answer) {
  const { want, compare } = request;
  if (answer === null || typeof answer !== "object")
    return "it is no object";
  if (answer.success === true) {
    if (!Array.isArray(answer.data) || answer.data.length !== want.length)
      return `${answer.data?.length} rows, not ${want.length}`;
  } else if (typeof answer.code !== "string" || !answer.error) {
    return "a failure without code and sentence";
  }
  const wrong = (answer.data ?? []).findIndex((row, i) =>
    !same(compare(row), want[i]));
  if (wrong !== -1) return `row ${wrong} is another's`;
  return undefined;
}
