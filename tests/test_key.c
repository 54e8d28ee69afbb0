/* Keys: whole, to the byte, all at once; what is found is a name. */
#include "master/key.h"

#include <string.h>

#include "unit.h"

#define BYTES(text) text, sizeof(text) - 1

static char crm[] = "crm", ops[] = "ops", unset[] = "unset";
static char crm_psk[] = "s3cret", ops_psk[] = "another key, longer";
static char none[] = "";

static struct conf_key keys[] = {
	{ .name = crm, .psk = crm_psk },
	{ .name = ops, .psk = ops_psk },
	{ .name = unset, .psk = none }
};

static struct keyring *
ring(size_t nkeys)
{
	struct conf c = { .keys = keys, .nkeys = nkeys };
	struct keyring *k = keyring_new(&c);

	ck_assert_ptr_nonnull(k);
	return k;
}

static const struct {
	const char *psk;
	size_t len;
	const char *name;	/* NULL = no key */
} rows[] = {
	{ BYTES("s3cret"), "crm" },
	{ BYTES("another key, longer"), "ops" },
	{ BYTES(""), NULL },
	{ BYTES("s3cre"), NULL },
	{ BYTES("s3crett"), NULL },
	{ BYTES(" s3cret"), NULL },
	{ BYTES("s3cret\n"), NULL },
	{ BYTES("S3CRET"), NULL },
	{ BYTES("s3cret\0"), NULL },
	{ BYTES("s3cret\0x"), NULL },
	{ BYTES("\0s3cret"), NULL },
	{ BYTES("crm"), NULL },
	{ BYTES("s3cretanother key, longer"), NULL }
};

START_TEST(finds_whole_keys_only)
{
	struct keyring *k = ring(3);
	const char *name = keyring_find(k, rows[_i].psk, rows[_i].len);

	if (rows[_i].name == NULL)
		ck_assert_ptr_null(name);
	else
		ck_assert_str_eq(name, rows[_i].name);
	keyring_free(&k);
	ck_assert_ptr_null(k);
}
END_TEST

START_TEST(empty_ring_has_no_key)
{
	struct keyring *k = ring(0);

	ck_assert_ptr_null(keyring_find(k, BYTES("s3cret")));
	ck_assert_ptr_null(keyring_find(k, BYTES("")));
	keyring_free(&k);
	keyring_free(&k);
}
END_TEST

START_TEST(names_outlive_the_conf)
{
	char name[] = "crm", psk[] = "s3cret";
	struct conf_key key = { .name = name, .psk = psk };
	struct conf c = { .keys = &key, .nkeys = 1 };
	struct keyring *k = keyring_new(&c);

	memset(name, 'x', sizeof(name) - 1);
	memset(psk, 'x', sizeof(psk) - 1);
	ck_assert_str_eq(keyring_find(k, BYTES("s3cret")), "crm");
	keyring_free(&k);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("keyring");

	tcase_add_loop_test(t, finds_whole_keys_only, 0, COUNT(rows));
	tcase_add_test(t, empty_ring_has_no_key);
	tcase_add_test(t, names_outlive_the_conf);
	return unit_run("key", t);
}
