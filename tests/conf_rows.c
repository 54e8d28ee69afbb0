/*
 * Prints the table of settings for tests/settings, a row a line:
 * name, kind, default, least, most, unit, words, reloadable, secret, roles,
 * member; separated by tabs, "-" for nothing.
 */
#include <stdio.h>

#include "base/num.h"
#include "conf/conf_table.h"

static void
print_amount(const struct conf_row *row, int64_t v)
{
	char text[NUM_TEXT_MAX];

	if (row->kind == CONF_DURATION)
		num_put_duration(text, v);
	else if (row->kind == CONF_SIZE)
		num_put_size(text, v);
	else
		num_put_i64(text, v);
	printf("\t%s", text);
}

static void
print_range(const struct conf_row *row)
{
	if (row->kind != CONF_INT && row->kind != CONF_DURATION &&
	    row->kind != CONF_SIZE) {
		printf("\t-\t-");
		return;
	}
	print_amount(row, row->min);
	print_amount(row, row->max);
}

static void
print_words(const struct conf_row *row)
{
	printf("\t%s", row->names == NULL ? "-" : "");
	for (size_t i = 0; row->names != NULL && row->names[i] != NULL; i++)
		printf("%s%s", i == 0 ? "" : ",", row->names[i]);
}

int
main(void)
{
	char name[CONF_ROW_NAME_MAX];

	for (size_t i = 0; i < conf_table_rows; i++) {
		const struct conf_row *row = &conf_table[i];

		conf_row_name(row, name);
		printf("%s\t%s\t%s", name, conf_kind_name(row->kind),
		    row->standard == NULL ? "-" : row->standard);
		print_range(row);
		printf("\t%s", row->unit == NULL ? "-" : row->unit);
		print_words(row);
		printf("\t%s\t%s\t%s%s%s\t%s\n",
		    row->reloadable ? "reloadable" : "fixed",
		    row->secret ? "secret" : "open",
		    row->roles & CONF_MASTER ? "M" : "-",
		    row->roles & CONF_WORKER ? "W" : "-",
		    row->roles & CONF_COLLECTOR ? "C" : "-", row->member);
	}
	return 0;
}
