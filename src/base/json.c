/* Strings of JSON. */
#include "base/json.h"

#include <string.h>

#include "base/utf8.h"

/* One character that cannot stand for itself. */
static int
put_escape(struct buf *out, unsigned char c)
{
	static const char names[] = {
		['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
		['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
	};

	if (c >= 0x80)
		return buf_puts(out, "\xef\xbf\xbd");
	if (c < sizeof(names) && names[c] != 0)
		return buf_printf(out, "\\%c", names[c]);
	return buf_printf(out, "\\u%04x", c);
}

/* The length of the beginning of text that can stand for itself. */
static size_t
plain(const char *text, size_t len)
{
	size_t valid = utf8_prefix(text, len), n;

	for (n = 0; n < valid; n++)
		if ((unsigned char)text[n] < 0x20 || text[n] == '"' ||
		    text[n] == '\\')
			break;
	return n;
}

int
json_quote(struct buf *out, const char *text, size_t len)
{
	size_t n;

	if (buf_putc(out, '"') != 0)
		return -1;
	while (len > 0) {
		n = plain(text, len);
		if (buf_put(out, text, n) != 0)
			return -1;
		if (n < len && put_escape(out, (unsigned char)text[n++]) != 0)
			return -1;
		text += n;
		len -= n;
	}
	return buf_putc(out, '"');
}

int
json_quote_text(struct buf *out, const char *text)
{
	return text == NULL ? buf_puts(out, "null") :
	    json_quote(out, text, strlen(text));
}
