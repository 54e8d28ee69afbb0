// What values of each type mean when they are compared: as they stand in
// rows (JSON) and in requests.  The reference works on rows as clients see
// them, so that it knows nothing of any database but the rules below.

// What differs between databases: where NULL is put by default, and how texts
// are compared.  exact: by code points, as in SQLite, and elsewhere with the
// collations that tests/e2e gives its databases; else only such texts are
// compared as no collation can disagree about.  fold: what contains and its
// like make of both texts before they look.
const same = (s) => s;
const asciiLower = (s) => s.replace(/[A-Z]/g, (c) => c.toLowerCase());
export const rules = {
  sqlite: { nullsFirst: true, exact: true, fold: asciiLower },
  postgresql: { nullsFirst: false, exact: true, fold: same },
  mariadb: { nullsFirst: true, exact: true, fold: same },
  sqlserver: { nullsFirst: true, exact: false, fold: (s) => s.toLowerCase() },
};

// Of any decimal text, with or without an exponent: [units, scale].
function decimal(text) {
  const [, sign, whole, fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(String(text));
  return [BigInt(sign + (whole + fraction || "0")),
    fraction.length - Number(exponent)];
}

const sign = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function compareDecimals(a, b) {
  const [x, xs] = decimal(a), [y, ys] = decimal(b);
  const scale = Math.max(xs, ys, 0);
  const at = (units, s) => units * 10n ** BigInt(scale - s);
  return sign(at(x, xs), at(y, ys));
}

// By code points, as UTF-8 bytes would be; not by UTF-16 units.
function compareTexts(a, b) {
  const x = [...a], y = [...b];
  for (let i = 0; i < x.length && i < y.length; i++)
    if (x[i] !== y[i]) return sign(x[i].codePointAt(0), y[i].codePointAt(0));
  return sign(x.length, y.length);
}

const compareTimes = (a, b) => sign(Date.parse(a), Date.parse(b));

const byType = {
  Int: sign, Float: sign,
  Boolean: (a, b) => sign(Number(a), Number(b)),
  BigInt: (a, b) => sign(BigInt(a), BigInt(b)),
  Decimal: compareDecimals, DateTime: compareTimes,
  String: compareTexts, Bytes: compareTexts,
};

export const isUuid = (field) => /^(Uuid|UniqueIdentifier)$/.test(field.native);

// Neither value is null.
export function compare(field, a, b, fold) {
  if (isUuid(field)) return compareTexts(a.toLowerCase(), b.toLowerCase());
  if (field.type === "String" && fold) return compareTexts(fold(a), fold(b));
  return (byType[field.type] ?? compareTexts)(a, b);
}
