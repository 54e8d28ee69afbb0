/*
 * A query's values become the options of a call of a .sql file, so that they
 * are judged and converted as those of a client.
 */
#include <inttypes.h>

#include "base/json.h"
#include "collector/plugin_request.h"

/* A double in JSON, exactly. */
#define DOUBLE_DIGITS 17

static int
put_cell(struct buf *out, const struct dalpuri_cell *cell)
{
	switch (cell->kind) {
	case DALPURI_NULL:
		return buf_puts(out, "null");
	case DALPURI_INT:
		return buf_printf(out, "%" PRId64, cell->i);
	case DALPURI_DOUBLE:
		return buf_printf(out, "%.*g", DOUBLE_DIGITS, cell->f);
	case DALPURI_LIST:
		return buf_put(out, cell->data, cell->len);
	default:
		return json_quote(out, cell->data, cell->len);
	}
}

/* The options of a call, by the names that the text has for them. */
static int
put_options(const struct sql_file *f, const struct dalpuri_cell *params,
    struct buf *out)
{
	if (buf_putc(out, '{') != 0)
		return -1;
	for (size_t i = 0; i < f->nparameters; i++)
		if ((i > 0 && buf_putc(out, ',') != 0) ||
		    json_quote_text(out, f->parameters[i].field.name) != 0 ||
		    buf_putc(out, ':') != 0 || put_cell(out, &params[i]) != 0)
			return -1;
	return buf_putc(out, '}');
}

static int
check_params(struct dalpuri_request *r, const struct sql_file *f,
    const struct dalpuri_cell *params, size_t n)
{
	if (n != f->nparameters || (n > 0 && params == NULL))
		return plugin_failed(r, DALPURI_EINVAL, ERR_INTERNAL,
		    "the query has %zu parameters, and %zu values",
		    f->nparameters, n);
	for (size_t i = 0; i < n; i++)
		if (params[i].kind > DALPURI_LIST ||
		    params[i].kind == DALPURI_BYTES ||
		    (params[i].data == NULL && params[i].len > 0))
			return plugin_failed(r, DALPURI_EINVAL,
			    ERR_INTERNAL, "value %zu of the query is of no "
			    "kind that a parameter has", i + 1);
	return 0;
}

int
plugin_params(struct dalpuri_request *r, struct sql_call *call,
    const struct sql_file *f, const struct dalpuri_cell *params, size_t n)
{
	size_t depth = (size_t)r->run->conf->limits.json_depth;
	int result = check_params(r, f, params, n);
	struct buf options;

	if (result != 0)
		return result;
	buf_init(&options, 0);
	if (put_options(f, params, &options) != 0)
		result = plugin_failed(r, DALPURI_EMEMORY, ERR_INTERNAL,
		    "out of memory");
	else if (sql_call_read(call, f, options.data, options.len, depth,
	    &r->err) != 0)
		result = plugin_result(r);
	buf_fini(&options);
	return result;
}
