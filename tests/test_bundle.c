/* The client's bundle: what is found, its ETag, and who keeps it alive. */
#include "master/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "unit.h"

#define SLICE(s) { s, sizeof(s) - 1 }
#define HEAD "/*!\n * Socket.IO v4.8.1\n"

static struct conf_file
make_file(const char *name, const char *text)
{
	return (struct conf_file){ .name = strdup(name),
	    .path = strdup("a path"), .text = strdup(text),
	    .len = strlen(text) };
}

/* A bundle of socket.io.js and its map. */
static struct bundle *
make(const char *text)
{
	struct conf c = { .nbundle = 2 };
	struct bundle *b;

	c.bundle = calloc(2, sizeof(*c.bundle));
	c.bundle[0] = make_file("socket.io.js.map", "{}");
	c.bundle[1] = make_file("socket.io.js", text);
	b = bundle_new(&c);
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_null(c.bundle);
	ck_assert_uint_eq(c.nbundle, 0);
	return b;
}

static const struct bundle_file *
find(const struct bundle *b, const char *name)
{
	const struct slice s = { name, strlen(name) };

	return bundle_find(b, &s);
}

START_TEST(finds_exact_names)
{
	static const char *const others[] = {
		"", "socket.io.j", "socket.io.js ", "socket.io.jsx",
		"/socket.io.js", "../socket.io.js", "socket.io.js.mapx",
		"Socket.io.js", "socket.io.min.js", "a path"
	};
	struct bundle *b = make(HEAD);
	const struct bundle_file *f = find(b, "socket.io.js");

	ck_assert_str_eq(f->type, "application/javascript; charset=utf-8");
	ck_assert(slice_is(&f->text, HEAD));
	f = find(b, "socket.io.js.map");
	ck_assert_str_eq(f->type, "application/json; charset=utf-8");
	ck_assert(slice_is(&f->text, "{}"));
	for (int i = 0; i < COUNT(others); i++)
		ck_assert_ptr_null(find(b, others[i]));
	bundle_free(&b);
	ck_assert_ptr_null(b);
}
END_TEST

#define HASH_OF_X "\"2d711642b726b04401627ca9fbac32f5\""

static const struct {
	const char *text, *etag;
} etags[] = {
	{ HEAD, "\"4.8.1\"" },
	{ "Socket.IO v5.0.0-rc.1*", "\"5.0.0-rc.1\"" },
	{ "Socket.IO v3", "\"3\"" },
	{ "x", HASH_OF_X },
	{ "Socket.IO v\"", NULL },
	{ "Socket.IO v1234567890123456789012345678901234567", "\"1234567890"
	  "123456789012345678901234567\"" },
	{ "Socket.IO v12345678901234567890123456789012345678", NULL }
};

START_TEST(etag)
{
	struct bundle *b = make(etags[_i].text);
	const char *js = find(b, "socket.io.js")->etag;
	const char *map = find(b, "socket.io.js.map")->etag;

	if (etags[_i].etag != NULL)
		ck_assert_str_eq(js, etags[_i].etag);
	else
		ck_assert_uint_eq(strlen(js), strlen(HASH_OF_X));
	/* One version for all, or a hash for each. */
	ck_assert_int_eq(strcmp(js, map) == 0,
	    strlen(js) != strlen(HASH_OF_X));
	bundle_free(&b);
}
END_TEST

static const struct {
	struct slice match;
	bool is;
} matches[] = {
	{ SLICE("\"4.8.1\""), true },
	{ SLICE("W/\"4.8.1\""), true },
	{ SLICE("\"a\", W/\"4.8.1\""), true },
	{ SLICE("*"), true },
	{ SLICE(""), false },
	{ SLICE("4.8.1"), false },
	{ SLICE("w/\"4.8.1\""), false },
	{ SLICE("W/"), false },
	{ SLICE("\"4.8.10\""), false },
	{ SLICE("\"4.8.1"), false }
};

START_TEST(if_none_match)
{
	struct bundle *b = make(HEAD);

	ck_assert_int_eq(bundle_file_is(find(b, "socket.io.js"),
	    &matches[_i].match), matches[_i].is);
	bundle_free(&b);
}
END_TEST

START_TEST(lives_while_held)
{
	struct bundle *b = make(HEAD), *holder = bundle_hold(b);
	const struct bundle_file *f = find(b, "socket.io.js");

	bundle_free(&b);
	ck_assert(slice_is(&f->text, HEAD));
	bundle_free(&holder);
	bundle_free(&holder);
}
END_TEST

START_TEST(none)
{
	struct conf c = { .nbundle = 0 };
	struct bundle *b = bundle_new(&c);

	ck_assert_ptr_null(find(b, "socket.io.js"));
	bundle_free(&b);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("bundle");

	tcase_add_test(tc, finds_exact_names);
	tcase_add_loop_test(tc, etag, 0, COUNT(etags));
	tcase_add_loop_test(tc, if_none_match, 0, COUNT(matches));
	tcase_add_test(tc, lives_while_held);
	tcase_add_test(tc, none);
	return unit_run("bundle", tc);
}
