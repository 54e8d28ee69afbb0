/*
 * As the official server does it, all files have the client's version as their
 * ETag.  When none of them tells it, each has a hash of its content.
 */
#include "master/bundle.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "proto/http_head.h"

/* In the comment that every file begins with. */
#define VERSION_MARK "Socket.IO v"
#define VERSION_WITHIN 256
#define VERSION_CHARS "0123456789abcdefghijklmnopqrstuvwxyz.-"
#define HASH_BYTES 16

struct bundle {
	size_t holders;
	struct conf_file *from;		/* owns names and texts */
	size_t n;
	struct bundle_file files[];
};

static bool
find_version(const struct conf_file *f, char etag[BUNDLE_ETAG_MAX])
{
	size_t within = f->len < VERSION_WITHIN ? f->len : VERSION_WITHIN;
	const char *at = memmem(f->text, within, VERSION_MARK,
	    sizeof(VERSION_MARK) - 1);
	size_t len;

	if (at == NULL)
		return false;
	at += sizeof(VERSION_MARK) - 1;
	len = strspn(at, VERSION_CHARS);	/* the text ends with a NUL */
	if (len == 0 || len + 3 > BUNDLE_ETAG_MAX)
		return false;
	snprintf(etag, BUNDLE_ETAG_MAX, "\"%.*s\"", (int)len, at);
	return true;
}

static int
put_hash(const struct conf_file *f, char etag[BUNDLE_ETAG_MAX])
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char *p = etag;

	if (EVP_Digest(f->text, f->len, hash, NULL, EVP_sha256(), NULL) != 1)
		return -1;
	*p++ = '"';
	for (size_t i = 0; i < HASH_BYTES; i++, p += 2)
		snprintf(p, 3, "%02x", (unsigned int)hash[i]);
	strcpy(p, "\"");
	return 0;
}

static int
put_etags(struct bundle *b)
{
	char etag[BUNDLE_ETAG_MAX];
	bool found = false;

	for (size_t i = 0; i < b->n && !found; i++)
		found = find_version(&b->from[i], etag);
	for (size_t i = 0; i < b->n; i++)
		if (found)
			memcpy(b->files[i].etag, etag, sizeof(etag));
		else if (put_hash(&b->from[i], b->files[i].etag) == -1)
			return -1;
	return 0;
}

static bool
is_map(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".map") == 0;
}

struct bundle *
bundle_new(struct conf *c)
{
	struct bundle *b;

	b = calloc(1, sizeof(*b) + c->nbundle * sizeof(b->files[0]));
	if (b == NULL)
		return NULL;
	b->holders = 1;
	b->from = c->bundle;
	b->n = c->nbundle;
	for (size_t i = 0; i < b->n; i++) {
		const struct conf_file *f = &b->from[i];

		b->files[i].name = f->name;
		b->files[i].text = (struct slice){ f->text, f->len };
		b->files[i].type = is_map(f->name) ?
		    "application/json; charset=utf-8" :
		    "application/javascript; charset=utf-8";
	}
	if (put_etags(b) == -1) {
		free(b);
		return NULL;
	}
	c->bundle = NULL;
	c->nbundle = 0;
	return b;
}

struct bundle *
bundle_hold(struct bundle *b)
{
	b->holders++;
	return b;
}

void
bundle_free(struct bundle **b)
{
	struct bundle *old = *b;

	*b = NULL;
	if (old == NULL || --old->holders > 0)
		return;
	conf_files_free(old->from, old->n);
	free(old);
}

const struct bundle_file *
bundle_find(const struct bundle *b, const struct slice *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (slice_is(name, b->files[i].name))
			return &b->files[i];
	return NULL;
}

bool
bundle_file_is(const struct bundle_file *f, const struct slice *match)
{
	struct slice item;
	size_t pos = 0;

	while (http_list_next(match, &pos, &item)) {
		if (slice_is(&item, "*"))
			return true;
		if (item.len > 2 && memcmp(item.p, "W/", 2) == 0) {
			item.p += 2;
			item.len -= 2;
		}
		if (slice_is(&item, f->etag))
			return true;
	}
	return false;
}
