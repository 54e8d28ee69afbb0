/*
 * Texts for people to look at, and for programs to stumble over: one in
 * twenty is of the second kind.
 */
#include "tool/demodb_value.h"

#include <ctype.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* A letter of a pattern stands for one of these. */
static const char *const first_names[] = {
	"Ada", "Olga", "In\u00e9s", "Fatima", "Kate\u0159ina", "Jos\u00e9",
	"Bj\u00f6rn", "Mei", "Grace", "Nguy\u1ec5n", "Zo\u00eb", "Alan"
};
static const char *const last_names[] = {
	"Lovelace", "Hopper", "Schr\u00f6der", "Garc\u00eda", "Tanaka",
	"Dvo\u0159\u00e1k", "Virtanen", "O'Brien", "Br\u00f8nsted", "Xu",
	"Ang\u00e9lou", "M\u00fcller"
};
static const char *const things[] = {
	"Router", "Switch", "Firewall", "Cable", "Laptop", "Server", "Rack",
	"Battery", "Printer", "Monitor", "Tablet", "License", "Adapter", "Hub"
};
static const char *const qualities[] = {
	"Managed", "Secure", "Wireless", "Gigabit", "Outdoor", "Virtual",
	"Premium", "Encrypted", "Modular", "Silent", "Nordic", "Rapid"
};
static const char *const forms[] = {
	"Ltd", "AB", "GmbH", "Inc.", "& Sons", "S.A.",
	"\u682a\u5f0f\u4f1a\u793e", "O\u00dc"
};
static const char *const cities[] = {
	"Tampa", "Z\u00fcrich", "Malm\u00f6", "\u6771\u4eac", "Porto",
	"\u041a\u0438\u0457\u0432", "Reykjav\u00edk", "Austin"
};
static const char *const titles[] = {
	"Engineer", "Buyer", "Managing Director", "Technician", "Controller",
	"Dispatcher"
};
static const char *const words[] = {
	"install", "the", "spare", "cable", "before", "network", "upgrade",
	"quarterly", "rack", "of", "monitor", "backup", "and", "secure",
	"cluster", "with", "care", "unit", "power", "for", "office",
	"na\u00efve"
};

static const struct {
	char letter;
	const char *const *list;
	size_t n;
} lists[] = {
	{ 'F', first_names, COUNT(first_names) },
	{ 'L', last_names, COUNT(last_names) },
	{ 'T', things, COUNT(things) },
	{ 'Q', qualities, COUNT(qualities) },
	{ 'O', forms, COUNT(forms) },
	{ 'C', cities, COUNT(cities) },
	{ 'J', titles, COUNT(titles) },
	{ 'W', words, COUNT(words) },
};

/*
 * Other letters stand for themselves; # is a digit, $ a hexadecimal one.
 * Without a pattern: prose.
 */
static const struct {
	const char *part;	/* of the field's name, without case */
	const char *pattern;
} patterns[] = {
	{ "long", NULL },
	{ "note", NULL },
	{ "text", NULL },
	{ "comment", NULL },
	{ "message", NULL },
	{ "body", NULL },
	{ "html", NULL },
	{ "signature", NULL },
	{ "guid", "$$$$$$$$-$$$$-4$$$-8$$$-$$$$$$$$$$$$" },
	{ "uuid", "$$$$$$$$-$$$$-4$$$-8$$$-$$$$$$$$$$$$" },
	{ "email", "user####@example.com" },
	{ "phone", "+1 (555) 01#-####" },
	{ "fax", "+1 (555) 01#-####" },
	{ "mobile", "+1 (555) 01#-####" },
	{ "url", "https://www.example.com/####/" },
	{ "website", "https://www.example.com/####/" },
	{ "color", "$$$$$$" },
	{ "zip", "#####" },
	{ "gender", "f" },
	{ "firstname", "F" },
	{ "lastname", "L" },
	{ "nickname", "F" },
	{ "contactname", "F L" },
	{ "companyname", "Q T O" },
	{ "manufacturername", "Q T O" },
	{ "vendorname", "Q T O" },
	{ "city", "C" },
	{ "address", "## T W ##" },
	{ "title", "J" },
	{ "updatedby", "user##" },
	{ "enteredby", "user##" },
	{ "closedby", "user##" },
	{ "sku", "$$-####" },
	{ "nbr", "$$####" },
	{ "number", "$$####" },
	{ "code", "$$##" },
	{ "xref", "$$$$-####" },
	{ "description", "Q T W W" },
	{ "name", "Q T" },
};

/* None holds a NUL, which drivers cut a text at. */
static const char *const troublesome[] = {
	"",
	" padded on both sides ",
	"null",
	"0",
	"'; DROP TABLE Company; --",
	"\"quoted\" and \\back\\slashed\\ \\u0041",
	"</script><b>&amp;</b>",
	"astral \U0001f600 \U0001d54f \U0010fffd",
	"combining e\u0301 a\u0308 \u1e9b\u0323",
	"\u05e2\u05d1\u05e8\u05d9\u05ea \u0627\u0644\u0639\u0631\u0628 mixed",
	"control \001\007\b\t\n\v\f\r\033\037\177 end",
	"separators \u2028 and \u2029",
	"\ufeffmark, zero\u200bwidth\u200d, \u00a0blank",
	"100% _of_ [these] \\ signs",
};

static int
put_pattern(struct buf *out, const char *pattern, struct demodb_dice *d)
{
	for (; *pattern != '\0'; pattern++) {
		const char *text = NULL;
		char c = *pattern;

		for (size_t i = 0; i < COUNT(lists); i++)
			if (lists[i].letter == c)
				text = lists[i].list[demodb_roll(d,
				    lists[i].n)];
		if (c == '#' || c == '$')
			c = "0123456789abcdef"[demodb_roll(d,
			    c == '#' ? 10 : 16)];
		if ((text != NULL ? buf_puts(out, text) :
		    buf_putc(out, c)) != 0)
			return -1;
	}
	return 0;
}

/* "itemId" of row 7 is "ITEM-00007", or "7" where that does not fit. */
static int
put_serial(struct buf *out, const struct schema_field *f, size_t max,
    size_t serial)
{
	if (max > 0 && max < 10)
		return buf_printf(out, "%zu", serial);
	for (size_t i = 0; i < 4 && f->name[i] != '\0'; i++)
		if (buf_putc(out, (char)toupper((unsigned char)f->name[i]))
		    != 0)
			return -1;
	return buf_printf(out, "-%05zu", serial);
}

/* NULL = prose. */
static const char *
pattern_for(const struct schema_field *f, size_t max)
{
	for (size_t i = 0; i < COUNT(patterns); i++)
		if (strcasestr(f->name, patterns[i].part) != NULL)
			return patterns[i].pattern;
	return max == 0 ? NULL : "T W W";
}

/* Some sentences; now and then a text that fits into no small buffer. */
static int
put_prose(struct buf *out, struct demodb_dice *d)
{
	size_t len = demodb_roll(d, 60) == 0 ? 8192 + demodb_roll(d, 12000) :
	    20 + demodb_roll(d, 20) * demodb_roll(d, 20);

	while (out->len < len) {
		if (put_pattern(out, "Q T", d) != 0)
			return -1;
		for (uint64_t n = demodb_roll(d, 12); n > 0; n--)
			if (put_pattern(out, " W", d) != 0)
				return -1;
		if (buf_puts(out, demodb_roll(d, 8) > 0 ? ". " : ".\n") != 0)
			return -1;
	}
	return 0;
}

int
demodb_text(struct buf *out, const struct schema_field *f, size_t max,
    size_t serial, struct demodb_dice *d)
{
	const char *pattern = pattern_for(f, max);
	bool plain = pattern != NULL && pattern[0] == '$';

	if (serial > 0)
		return put_serial(out, f, max, serial);
	if (!plain && demodb_roll(d, 20) == 0)
		return buf_puts(out, troublesome[demodb_roll(d,
		    COUNT(troublesome))]);
	if (pattern == NULL)
		return put_prose(out, d);
	return put_pattern(out, pattern, d);
}
