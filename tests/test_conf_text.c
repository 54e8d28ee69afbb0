/* Comments become blanks, strings and words stay, and no line is lost. */
#include "conf/conf_text.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const struct {
	const char *text, *clean;
	struct conf_text_end end;
} rows[] = {
	{ "", "", { 0, 0, 0 } },
	{ "a = 1", "a = 1", { 0, 0, 0 } },
	{ "a # b\nc", "a    \nc", { 0, 0, 0 } },
	{ "a#b", "a  ", { 0, 0, 0 } },
	{ "a // b\nc", "a     \nc", { 0, 0, 0 } },
	{ "//a\nc", "   \nc", { 0, 0, 0 } },
	{ "a = http://host/x", "a = http://host/x", { 0, 0, 0 } },
	{ "a /* b\n c */ d", "a     \n      d", { 0, 0, 0 } },
	{ "/**/a/***/ b", "    a/***/ b", { 0, 0, 0 } },
	{ "a = /socket.io/", "a = /socket.io/", { 0, 0, 0 } },
	{ "a = \"# // /*\" # x", "a = \"# // /*\"    ", { 0, 0, 0 } },
	{ "a = '# \\' #' # x", "a = '# \\' #'    ", { 0, 0, 0 } },
	{ "a = \"\\\"#\" # x", "a = \"\\\"#\"    ", { 0, 0, 0 } },
	{ "# it's \"so\"\na", "           \na", { 0, 0, 0 } },
	{ "a {\nb {\n} # }", "a {\nb {\n}    ", { 0, 0, 1 } },
	{ "}}\na {", "}}\na {", { 0, 0, 2 } },
	{ "a { \"}\"", "a { \"}\"", { 0, 0, 1 } },
	{ "\n\n'a\n", "\n\n'a\n", { 3, 0, 0 } },
	{ "'a\\", "'a\\", { 1, 0, 0 } },
	{ "'a'\n'b\n'c'\n'd'\n", "'a'\n'b\n'c'\n'd'\n", { 2, 0, 0 } },
	{ "\n/* a\n", "\n    \n", { 0, 2, 0 } },
	{ "/*/", "   ", { 0, 1, 0 } },
};

START_TEST(clean)
{
	size_t len = strlen(rows[_i].text);
	char *text = malloc(len);	/* a sanitizer sees its end */
	struct conf_text_end end;

	memcpy(text, rows[_i].text, len);
	conf_text_clean(text, len, &end);
	ck_assert_mem_eq(text, rows[_i].clean, len);
	ck_assert_uint_eq(end.string_line, rows[_i].end.string_line);
	ck_assert_uint_eq(end.comment_line, rows[_i].end.comment_line);
	ck_assert_uint_eq(end.brace_line, rows[_i].end.brace_line);
	free(text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("conf_text");

	tcase_add_loop_test(tc, clean, 0, COUNT(rows));
	return unit_run("conf_text", tc);
}
