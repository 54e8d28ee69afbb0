/*
 * Strings as JSON.stringify writes them.  Plain ASCII, nearly all there is in
 * a database, is looked at and copied a vector at a time; whatever needs more
 * is handled one character at a time and may be slower.
 */
#include "model/json_text.h"

#include <endian.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "model/json_out.h"

enum {
	WORD = 8,
	GROWTH_MAX = 5,		/* of one byte: \u0001 */
	SPARE = 32		/* room for some growth before asking again */
};

/*
 * Every x86-64 has vectors of 16 bytes; wider ones would have to be asked for,
 * and most texts are shorter.
 */
typedef signed char vector __attribute__((vector_size(16)));

/* Place in the input and in the room that was reserved for it. */
struct copy {
	const char *s, *end;
	char *p;
	size_t spare;		/* growth that the room still allows */
};

static inline vector
load(const void *bytes)
{
	vector v;

	memcpy(&v, bytes, sizeof(v));
	return v;
}

/*
 * Set where a byte is plain: no control, quote, backslash, and ASCII.  The
 * exclusive or puts the quote below the blank, where what is not ASCII, being
 * negative, is as well, and nothing else.
 */
static inline vector
is_plain(vector v)
{
	return ((v ^ 2) > ' ') & (v != '\\');
}

/* How many are set before the first that is not. */
static inline size_t
count(vector set)
{
#ifdef __SSE2__
	return (size_t)__builtin_ctz(
	    ~(unsigned int)_mm_movemask_epi8((__m128i)set));
#else
	uint64_t half[2];

	memcpy(half, &set, sizeof(half));
	if (half[0] != UINT64_MAX)
		return (size_t)__builtin_ctzll(~le64toh(half[0])) / 8;
	return half[1] == UINT64_MAX ? sizeof(set) :
	    WORD + (size_t)__builtin_ctzll(~le64toh(half[1])) / 8;
#endif
}

/* Up to seven bytes, the others zero, without reading beyond. */
static uint64_t
load_tail(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	uint32_t low, high;

	if (n >= 4) {
		memcpy(&low, s, 4);
		memcpy(&high, s + n - 4, 4);
		return le32toh(low) | (uint64_t)le32toh(high) << (8 * (n - 4));
	}
	if (n == 0)
		return 0;
	return u[0] | (uint64_t)u[n / 2] << (8 * (n / 2)) |
	    (uint64_t)u[n - 1] << (8 * (n - 1));
}

/* Less than a vector: its two halves overlap, or one is stored whole. */
static size_t
copy_short(char *to, const char *from, size_t len)
{
	size_t second = len < WORD ? 0 : len - WORD, n;
	uint64_t words[2];

	if (len < WORD) {
		words[0] = words[1] = htole64(load_tail(from, len));
	} else {
		memcpy(&words[0], from, WORD);
		memcpy(&words[1], from + second, WORD);
	}
	memcpy(to, &words[0], WORD);
	memcpy(to + second, &words[1], WORD);
	n = count(is_plain(load(words)));
	if (n >= WORD)
		n += second - WORD;
	return n < len ? n : len;
}

/* The first ones, as long as there are two vectors of plain bytes. */
static inline size_t
copy_pairs(char *to, const char *from, size_t len)
{
	size_t at = 0;

	for (; len - at >= 2 * sizeof(vector); at += 2 * sizeof(vector)) {
		vector a = load(from + at), b = load(from + at + sizeof(a));

		memcpy(to + at, &a, sizeof(a));
		memcpy(to + at + sizeof(a), &b, sizeof(b));
		if (count(is_plain(a) & is_plain(b)) < sizeof(vector))
			break;
	}
	return at;
}

size_t
json_copy_plain(char *to, const char *text, size_t len)
{
	size_t last = len - sizeof(vector), at, n;

	if (len < sizeof(vector))
		return copy_short(to, text, len);
	for (at = copy_pairs(to, text, len); at < len; at += n) {
		vector v;

		/* A rest is copied with what is before it. */
		if (at > last)
			at = last;
		v = load(text + at);
		memcpy(to + at, &v, sizeof(v));
		n = count(is_plain(v));
		if (n < sizeof(v))
			return at + n;
	}
	return len;
}

/* Copy plain bytes; stops at the end or at the first other byte. */
static void
copy_plain(struct copy *c)
{
	size_t n = json_copy_plain(c->p, c->s, (size_t)(c->end - c->s));

	c->s += n;
	c->p += n;
}

/* Escape the character at c->s, which is below 0x20, or '"' or '\\'. */
static void
put_escape(struct copy *c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[0x20] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
		['\r'] = 'r'
	};
	unsigned char byte = (unsigned char)*c->s++;
	char letter = byte < 0x20 ? letters[byte] : (char)byte;

	*c->p++ = '\\';
	if (letter != 0) {
		*c->p++ = letter;
		c->spare -= 1;
		return;
	}
	memcpy(c->p, "u00", 3);
	c->p[3] = hex[byte >> 4];
	c->p[4] = hex[byte & 15];
	c->p += 5;
	c->spare -= 5;
}

/*
 * Length of the sequence that begins at s (a byte above 0x7f).  When it is
 * not whole and valid: of its longest part that could begin one (Unicode
 * 3.9, table 3-8), which stands for one U+FFFD.
 */
static size_t
utf8_length(const unsigned char *s, size_t left, bool *valid_out)
{
	unsigned char lead = s[0], low = 0x80, high = 0xbf;
	size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2, i;

	*valid_out = false;
	if (lead < 0xc2 || lead > 0xf4)
		return 1;
	if (lead == 0xe0)
		low = 0xa0;		/* else overlong */
	else if (lead == 0xed)
		high = 0x9f;		/* else a surrogate */
	else if (lead == 0xf0)
		low = 0x90;		/* else overlong */
	else if (lead == 0xf4)
		high = 0x8f;		/* else above U+10FFFF */
	for (i = 1; i < n; i++) {
		if (i >= left || s[i] < low || s[i] > high)
			return i;
		low = 0x80;
		high = 0xbf;
	}
	*valid_out = true;
	return n;
}

/* Characters beyond ASCII, as many as follow each other. */
static void
copy_wide(struct copy *c)
{
	while (c->s < c->end && (unsigned char)*c->s >= 0x80 &&
	    c->spare >= GROWTH_MAX) {
		size_t left = (size_t)(c->end - c->s);
		bool valid;
		size_t n = utf8_length((const unsigned char *)c->s, left,
		    &valid);

		if (valid) {
			memcpy(c->p, c->s, n);
			c->p += n;
		} else {
			memcpy(c->p, "\xef\xbf\xbd", 3);
			c->p += 3;
			c->spare -= 3 - n;
		}
		c->s += n;
	}
}

int
json_put_string(struct buf *out, const char *text, size_t len)
{
	struct copy c = { .s = text, .end = text + len };
	char *start;

	c.p = start = buf_room(out, len + 2 + SPARE + JSON_COPY_SPARE);
	if (start == NULL)
		return -1;
	c.spare = SPARE;
	*c.p++ = '"';
	for (copy_plain(&c); c.s < c.end; copy_plain(&c)) {
		if (c.spare < GROWTH_MAX) {
			buf_added(out, (size_t)(c.p - start));
			c.p = start = buf_room(out,
			    (size_t)(c.end - c.s) + 1 + SPARE +
			    JSON_COPY_SPARE);
			if (start == NULL)
				return -1;
			c.spare = SPARE;
		}
		if ((unsigned char)*c.s < 0x80)
			put_escape(&c);
		else
			copy_wide(&c);
	}
	*c.p++ = '"';
	buf_added(out, (size_t)(c.p - start));
	return 0;
}
