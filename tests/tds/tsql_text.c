/* Text: code points, UTF-16 units, LIKE with its classes, CHARINDEX. */
#include "tsql.h"

#include <wctype.h>

/* Blanks at the end do not count in SQL Server. */
int
tsql_trimmed(const char *s, int n)
{
	while (n > 0 && s[n - 1] == ' ')
		n--;
	return n;
}

/* The next code point; a wrong byte is itself. */
wint_t
tsql_next(const unsigned char **s, const unsigned char *end)
{
	const unsigned char *p = *s;
	int more = *p < 0xc0 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
	wint_t c = *p;

	if (more > 0 && end - p > more) {
		c = *p & (0x3fU >> more);
		for (int i = 1; i <= more; i++)
			c = c << 6 | (p[i] & 0x3f);
		p += more;
	}
	*s = p + 1;
	return c;
}

const char *
tsql_text(sqlite3_value *v, size_t *len)
{
	const char *s = (const char *)sqlite3_value_text(v);

	*len = (size_t)sqlite3_value_bytes(v);
	return s == NULL ? "" : s;
}

/* Where n UTF-16 units of a text end; units_out: how many there are. */
size_t
tsql_units(const char *s, size_t len, int n, int *units_out)
{
	size_t i = 0;

	*units_out = 0;
	while (i < len) {
		unsigned char b = (unsigned char)s[i];
		int wide = b >= 0xf0 ? 2 : 1;

		if (n >= 0 && *units_out + wide > n)
			break;
		*units_out += wide;
		i += b < 0xc0 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
	}
	return i < len ? i : len;
}

struct like {
	const unsigned char *p, *pe, *s, *se;
	wint_t escape;		/* 0 = none */
	bool exact;		/* letters' case counts */
};

static bool
same(const struct like *l, wint_t a, wint_t b)
{
	return l->exact ? a == b : towlower(a) == towlower(b);
}

/* "[a-f]" behind its bracket: does it have c?  Moves behind it. */
static bool
in_class(struct like *l, wint_t c)
{
	bool negated = l->p < l->pe && *l->p == '^', found = false;

	l->p += negated;
	while (l->p < l->pe && *l->p != ']') {
		wint_t from = tsql_next(&l->p, l->pe), to = from;

		if (l->p + 1 < l->pe && *l->p == '-' && l->p[1] != ']') {
			l->p++;
			to = tsql_next(&l->p, l->pe);
		}
		found |= c >= from && c <= to;
		found |= same(l, c, from);
	}
	l->p += l->p < l->pe;
	return found != negated;
}

static bool
matches(struct like l)
{
	while (l.p < l.pe) {
		wint_t c = tsql_next(&l.p, l.pe), d;

		if (c == '%' && c != l.escape) {
			for (;; tsql_next(&l.s, l.se)) {
				if (matches(l))
					return true;
				if (l.s >= l.se)
					return false;
			}
		}
		if (l.s >= l.se)
			return false;
		d = tsql_next(&l.s, l.se);
		if (l.escape != 0 && c == l.escape && l.p < l.pe) {
			if (!same(&l, tsql_next(&l.p, l.pe), d))
				return false;
		} else if (c == '[') {
			if (!in_class(&l, d))
				return false;
		} else if (c != '_' && !same(&l, c, d)) {
			return false;
		}
	}
	return l.s >= l.se;
}

/* like(pattern, text[, escape]) is what SQLite calls for LIKE. */
void
tsql_like(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct like l = { .exact = sqlite3_user_data(c) != NULL };
	size_t np, ns, ne;

	for (int i = 0; i < n; i++)
		if (sqlite3_value_type(v[i]) == SQLITE_NULL)
			return;
	l.p = (const unsigned char *)tsql_text(v[0], &np);
	l.s = (const unsigned char *)tsql_text(v[1], &ns);
	l.pe = l.p + np;
	l.se = l.s + ns;
	if (n == 3) {
		const unsigned char *e = (const unsigned char *)tsql_text(v[2],
		    &ne);

		l.escape = ne > 0 ? tsql_next(&e, e + ne) : 0;
	}
	sqlite3_result_int(c, matches(l));
}

/* CHARINDEX(part, text), in code points. */
void
tsql_charindex(sqlite3_context *c, int n, sqlite3_value **v)
{
	size_t np, ns;
	const char *p = tsql_text(v[0], &np), *s = tsql_text(v[1], &ns);
	struct like l = { .exact = sqlite3_user_data(c) != NULL };
	int at = 0;

	(void)n;
	if (sqlite3_value_type(v[0]) == SQLITE_NULL ||
	    sqlite3_value_type(v[1]) == SQLITE_NULL)
		return;
	l.s = (const unsigned char *)s;
	l.se = l.s + ns;
	while (np > 0 && l.s < l.se) {
		const unsigned char *a = l.s;
		const unsigned char *b = (const unsigned char *)p;
		const unsigned char *be = b + np;

		at++;
		while (a < l.se && b < be && same(&l, tsql_next(&a, l.se),
		    tsql_next(&b, be)))
			if (b == be) {
				sqlite3_result_int(c, at);
				return;
			}
		tsql_next(&l.s, l.se);
	}
	sqlite3_result_int(c, 0);
}
