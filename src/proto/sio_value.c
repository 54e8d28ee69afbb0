/* Members are looked at by their decoded names: "\u0070sk" is "psk". */
#include "proto/sio_value.h"

#include <string.h>

#include "base/num.h"
#include "proto/json_scan.h"

int
sio_auth_put(struct buf *out, const struct slice *json)
{
	struct slice name, value;
	enum json_kind kind;
	struct json_iter it;
	bool first = true;

	if (json->len == 0)
		return buf_puts(out, "{}");
	if (buf_putc(out, '{') != 0)
		return -1;
	json_iter_init(&it, json);
	while (json_iter_next(&it, &name, &kind) &&
	    json_iter_next(&it, &value, &kind)) {
		if (json_string_is(&name, "psk"))
			continue;
		if ((!first && buf_putc(out, ',') != 0) ||
		    buf_put(out, name.p, name.len) != 0 ||
		    buf_putc(out, ':') != 0 ||
		    buf_put(out, value.p, value.len) != 0)
			return -1;
		first = false;
	}
	return buf_putc(out, '}');
}

int
sio_placeholder(const struct slice *json, unsigned int attachments)
{
	struct slice name, value;
	bool placeholder = false;
	enum json_kind kind;
	struct json_iter it;
	double num = -1;

	if (json->len == 0 || json->p[0] != '{')
		return -1;
	json_iter_init(&it, json);
	while (json_iter_next(&it, &name, &kind) &&
	    json_iter_next(&it, &value, &kind)) {
		if (slice_is(&name, "\"_placeholder\""))
			placeholder = slice_is(&value, "true");
		else if (slice_is(&name, "\"num\"") && (kind != JSON_NUMBER ||
		    num_read_double(value.p, value.len, &num) != 0))
			num = -1;
	}
	return placeholder && num >= 0 && num < attachments ? (int)num : -1;
}
