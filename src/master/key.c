/*
 * Stop 3 of a request's life, the verdict: which key is it?  Decides nothing
 * about what a key may do; that is the worker's conf.
 *
 * Keys are kept and compared as HMACs under a secret of this process: all of
 * one length, so that neither a key's length nor its bytes show in the time
 * that a comparison takes.
 */
#include "master/key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define DIGEST_BYTES 32		/* SHA-256 */

struct entry {
	char name[CONF_NAME_MAX];
	unsigned char digest[DIGEST_BYTES];
};

struct keyring {
	unsigned char secret[DIGEST_BYTES];
	size_t n;
	struct entry keys[];
};

static int
digest(const struct keyring *k, const void *psk, size_t len,
    unsigned char out[DIGEST_BYTES])
{
	unsigned int n = DIGEST_BYTES;

	return HMAC(EVP_sha256(), k->secret, sizeof(k->secret), psk, len, out,
	    &n) == NULL ? -1 : 0;
}

struct keyring *
keyring_new(const struct conf *c)
{
	struct keyring *k;
	const struct conf_key *key;
	struct entry *e;

	k = calloc(1, sizeof(*k) + c->nkeys * sizeof(k->keys[0]));
	if (k == NULL)
		return NULL;
	clock_random(k->secret, sizeof(k->secret));
	for (key = c->keys; key < c->keys + c->nkeys; key++) {
		if (key->psk == NULL || *key->psk == '\0')
			continue;
		e = &k->keys[k->n];
		if (strlen(key->name) >= sizeof(e->name) ||
		    digest(k, key->psk, strlen(key->psk), e->digest) != 0) {
			keyring_free(&k);
			return NULL;
		}
		strcpy(e->name, key->name);
		k->n++;
	}
	return k;
}

void
keyring_free(struct keyring **k)
{
	if (*k == NULL)
		return;
	OPENSSL_cleanse(*k, sizeof(**k) + (*k)->n * sizeof((*k)->keys[0]));
	free(*k);
	*k = NULL;
}

/* All keys are compared, also behind a match. */
const char *
keyring_find(const struct keyring *k, const void *psk, size_t len)
{
	unsigned char given[DIGEST_BYTES];
	const char *name = NULL;
	size_t i;

	if (len == 0 || digest(k, psk, len, given) != 0)
		return NULL;
	for (i = 0; i < k->n; i++)
		if (CRYPTO_memcmp(k->keys[i].digest, given, DIGEST_BYTES) == 0)
			name = k->keys[i].name;
	OPENSSL_cleanse(given, sizeof(given));
	return name;
}
