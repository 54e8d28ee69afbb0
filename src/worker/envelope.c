/* Failures as JSON. */
#include "worker/envelope.h"

#include <string.h>

#include "base/json.h"

/* Reasons begin small, for the log; to a client each is a sentence. */
static int
put_sentence(struct buf *out, const struct err *err)
{
	char text[sizeof(err->text)];
	size_t len = strlen(err->text);

	memcpy(text, err->text, len);
	if (len > 0 && text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	return json_quote(out, text, len);
}

int
envelope_failure(struct buf *out, const struct err *err)
{
	if (buf_puts(out, "\"success\":false,\"error\":") != 0 ||
	    put_sentence(out, err) != 0)
		return -1;
	if (buf_printf(out, ",\"code\":\"%s\"", err_code_name(err->code)) != 0)
		return -1;
	return err->retry_ms == 0 ? 0 :
	    buf_printf(out, ",\"retryAfter\":%u", err->retry_ms);
}
