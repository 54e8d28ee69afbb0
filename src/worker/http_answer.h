/* Answers on an HTTP connection, in the order of their requests. */
#ifndef WORKER_HTTP_ANSWER_H
#define WORKER_HTTP_ANSWER_H

#include <stdbool.h>

#include "base/err.h"
#include "proto/eio.h"
#include "proto/http_head.h"

struct conn;
struct ws_deflate;

/* Content types of the kinds of body. */
#define HTTP_PACKETS "text/plain; charset=UTF-8"
#define HTTP_OCTETS "application/octet-stream"
#define HTTP_OK "text/html"
#define HTTP_JSON "application/json"

/* Keep what the answer to this request must know of it; or nothing. */
void http_facts_read(struct conn *c, const struct http_head *head);
void http_facts_none(struct conn *c);

/* Answer the request that http_facts_read() was called for. */
void http_answer(struct conn *c, int status, const char *type,
    const char *body);
void http_answer_preflight(struct conn *c, const struct http_head *head);
void http_answer_refusal(struct conn *c, enum eio_verdict v);

/* Refuse a websocket with a 400 that says why; the connection then ends. */
void http_refuse_upgrade(struct conn *c, const char *why, bool bad_version);
int http_accept_upgrade(struct conn *c, const struct http_head *head,
    const struct ws_deflate *deflate) MUST_CHECK;

#endif
