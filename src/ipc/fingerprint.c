/* The first 64 bits of SHA-256. */
#include "ipc/fingerprint.h"

#include <string.h>

#include <openssl/evp.h>

uint64_t
fingerprint(const char *collector, const char *options, size_t len)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned char hash[EVP_MAX_MD_SIZE];
	uint64_t result = 0;

	/* The name's NUL says where the options begin. */
	if (c != NULL && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(c, collector, strlen(collector) + 1) == 1 &&
	    EVP_DigestUpdate(c, options, len) == 1 &&
	    EVP_DigestFinal_ex(c, hash, NULL) == 1) {
		memcpy(&result, hash, sizeof(result));
		result |= result == 0;
	}
	EVP_MD_CTX_free(c);
	return result;
}
