/*
 * Stop 3 of a request's life, the verdict: which key is it?  Decides nothing
 * about what a key may do; that is the worker's conf.
 *
 * Keys are kept and compared as digests that begin with a secret of this
 * process: all of one length, and nothing that anybody could know of, so that
 * neither a key's length nor its bytes show in the time that a comparison
 * takes.
 */
#include "master/key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define DIGEST_BYTES 32		/* SHA-256 */

struct entry {
	char name[CONF_NAME_MAX];
	unsigned char digest[DIGEST_BYTES];
};

struct keyring {
	EVP_MD_CTX *digest;	/* kept: to find an algorithm costs more than
				 * to run it */
	unsigned char secret[DIGEST_BYTES];
	size_t n;
	struct entry keys[];
};

static int
digest(const struct keyring *k, const void *psk, size_t len,
    unsigned char out[DIGEST_BYTES])
{
	return EVP_DigestInit_ex(k->digest, NULL, NULL) == 1 &&
	    EVP_DigestUpdate(k->digest, k->secret, sizeof(k->secret)) == 1 &&
	    EVP_DigestUpdate(k->digest, psk, len) == 1 &&
	    EVP_DigestFinal_ex(k->digest, out, NULL) == 1 ? 0 : -1;
}

/* 0, or -1: a name is too long, or there is no memory. */
static int
add(struct keyring *k, const struct conf_key *key)
{
	struct entry *e = &k->keys[k->n];

	if (key->psk == NULL || *key->psk == '\0')
		return 0;
	if (strlen(key->name) >= sizeof(e->name) ||
	    digest(k, key->psk, strlen(key->psk), e->digest) != 0)
		return -1;
	strcpy(e->name, key->name);
	k->n++;
	return 0;
}

struct keyring *
keyring_new(const struct conf *c)
{
	struct keyring *k;
	size_t i;
	int result;

	k = calloc(1, sizeof(*k) + c->nkeys * sizeof(k->keys[0]));
	if (k == NULL)
		return NULL;
	clock_random(k->secret, sizeof(k->secret));
	k->digest = EVP_MD_CTX_new();
	result = k->digest != NULL && EVP_DigestInit_ex(k->digest,
	    EVP_sha256(), NULL) == 1 ? 0 : -1;
	for (i = 0; i < c->nkeys && result == 0; i++)
		result = add(k, &c->keys[i]);
	if (result != 0)
		keyring_free(&k);
	return k;
}

void
keyring_free(struct keyring **k)
{
	if (*k == NULL)
		return;
	EVP_MD_CTX_free((*k)->digest);
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
