/* Strings and failures as JSON. */
#include "worker/envelope.h"

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
envelope_string(struct buf *out, const char *text, size_t len)
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

/* Reasons begin small, for the log; to a client each is a sentence. */
static int
put_sentence(struct buf *out, const struct err *err)
{
	char text[sizeof(err->text)];
	size_t len = strlen(err->text);

	memcpy(text, err->text, len);
	if (len > 0 && text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	return envelope_string(out, text, len);
}

int
envelope_failure(struct buf *out, const struct err *err)
{
	if (buf_puts(out, "\"success\":false,\"error\":") != 0 ||
	    put_sentence(out, err) != 0)
		return -1;
	return buf_printf(out, ",\"code\":\"%s\"", err_code_name(err->code));
}
