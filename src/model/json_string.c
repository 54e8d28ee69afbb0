/*
 * Strings as JSON.stringify writes them.  Plain ASCII, nearly all there is in
 * a database, is looked at and copied a vector or a word at a time; whatever
 * needs more is handled one character at a time and may be slower.
 */
#include "model/json_out.h"

#include <endian.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* One word in each byte. */
#define EACH(byte) (UINT64_MAX / 255 * (byte))

enum {
	VECTOR = 16,
	WORD = 8,		/* a word is stored whole, whatever is used */
	GROWTH_MAX = 5,		/* of one byte: \u0001 */
	SPARE = 32		/* room for some growth before asking again */
};

/* Place in the input and in the room that was reserved for it. */
struct copy {
	const char *s, *end;
	char *p;
	size_t spare;		/* growth that the room still allows */
};

/* The first n (up to 7) bytes, the others zero, without reading beyond. */
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

/*
 * The top bit of each byte that is not plain: control, quote, backslash, not
 * ASCII.  Bytes above the lowest one found may be marked wrongly.
 */
static uint64_t
special(uint64_t w)
{
	uint64_t quote = w ^ EACH('"'), slash = w ^ EACH('\\');

	return ((w - EACH(0x20)) | (quote - EACH(1)) | (slash - EACH(1)) | w) &
	    EACH(0x80);
}

#ifdef __SSE2__
/* A bit for each of the 16 bytes that is not plain, which are copied. */
static inline unsigned int
copy_vector(char *to, const char *from)
{
	__m128i v = _mm_loadu_si128((const void *)from);
	/* What is not ASCII is negative here, and so below the blank, too. */
	__m128i other = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(' ')),
	    _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));

	_mm_storeu_si128((void *)to, v);
	return (unsigned int)_mm_movemask_epi8(other);
}

/*
 * Every x86-64 has these vectors; wider ones would have to be asked for, and
 * most texts are shorter.  A rest that does not fill one is copied with what
 * is before it.  false: there is less than one in all.
 */
static bool
copy_vectors(struct copy *c)
{
	ptrdiff_t n = VECTOR, left = c->end - c->s;
	unsigned int found = 0;

	if (left < VECTOR)
		return false;
	for (; left > 0 && found == 0; left -= n) {
		ptrdiff_t again = left < VECTOR ? VECTOR - left : 0;

		found = copy_vector(c->p - again, c->s - again);
		n = (found == 0 ? VECTOR : __builtin_ctz(found)) - again;
		c->s += n;
		c->p += n;
	}
	return true;
}
#else
static bool
copy_vectors(struct copy *c)
{
	(void)c;
	return false;
}
#endif

/* Copy plain bytes; stops at the end or at the first other byte. */
static void
copy_plain(struct copy *c)
{
	if (copy_vectors(c))
		return;
	for (;;) {
		size_t left = (size_t)(c->end - c->s), n = left;
		uint64_t word, found;

		if (left >= WORD) {
			n = WORD;
			memcpy(&word, c->s, WORD);
			found = special(le64toh(word));
		} else {
			uint64_t tail = load_tail(c->s, n);

			word = htole64(tail);
			found = special(tail) & ~(UINT64_MAX << (8 * n));
		}
		memcpy(c->p, &word, WORD);
		if (found != 0)
			n = (size_t)__builtin_ctzll(found) / 8;
		c->s += n;
		c->p += n;
		if (found != 0 || left < WORD)
			return;
	}
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

	c.p = start = buf_room(out, len + 2 + SPARE + WORD);
	if (start == NULL)
		return -1;
	c.spare = SPARE;
	*c.p++ = '"';
	for (copy_plain(&c); c.s < c.end; copy_plain(&c)) {
		if (c.spare < GROWTH_MAX) {
			buf_added(out, (size_t)(c.p - start));
			c.p = start = buf_room(out,
			    (size_t)(c.end - c.s) + 1 + SPARE + WORD);
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
