/*
 * load: a client of any Socket.IO v4 server over websockets, as many as are
 * wanted, in one thread, on this machine.
 *
 *	load -p PORT [-k PSK] -e EVENT [-o OPTIONS] [-c N] [-d N]
 *	    [-n N | -t S] [-w S] [-r ROWS]	requests
 *	load -p PORT [-k PSK] -C [-c N] [-t S]	sessions, one after another
 *	load -p PORT [-k PSK] -i N [-t S]	sessions that stay
 *
 * -c connections, -d requests in flight on each, -n requests or -t seconds, -w
 * seconds of warm-up, -r rows that every answer must have, -x seconds after
 * which a silent server has failed, -j figures as JSON.  Ends with 1 when
 * anything has failed.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define EVENTS_MAX 256
#define TICK_MS 50

uint64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int
usage(void)
{
	fprintf(stderr, "usage: load -p PORT [-k PSK] -e EVENT | -C | -i N "
	    "[-o JSON] [-c N] [-d N] [-n N] [-t S] [-w S] [-r ROWS] [-x S] "
	    "[-j]\n");
	return 2;
}

static unsigned long
number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end != '\0' || n > max) {
		fprintf(stderr, "load: %s is no number up to %lu\n", text,
		    max);
		exit(2);
	}
	return n;
}

static int
read_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "p:k:e:o:c:d:n:t:w:r:x:i:Cj")) != -1) {
		switch (c) {
		case 'p': o->port = (int)number(optarg, 65535); break;
		case 'k': o->psk = optarg; break;
		case 'e': o->event = optarg; break;
		case 'o': o->body = optarg; break;
		case 'c': o->connections = number(optarg, 60000); break;
		case 'd': o->depth = number(optarg, 4096); break;
		case 'n': o->requests = number(optarg, 1000000000); break;
		case 't': o->seconds = strtod(optarg, NULL); break;
		case 'w': o->warm_up = strtod(optarg, NULL); break;
		case 'r': o->rows = number(optarg, 1000000000);
			  o->rows_known = true; break;
		case 'x': o->patience = strtod(optarg, NULL); break;
		case 'i': o->idle = number(optarg, 60000); break;
		case 'C': o->connect_rate = true; break;
		case 'j': o->json = true; break;
		default: return -1;
		}
	}
	return optind < argc || o->port == 0 || o->connections == 0 ||
	    o->depth == 0 || o->seconds < 0 ||
	    (o->event[0] == '\0' && o->idle == 0 && !o->connect_rate) ? -1 : 0;
}

/* ["event",options], as it stands behind 42<id>. */
static char *
event_text(const struct options *o)
{
	size_t max = strlen(o->event) + strlen(o->body) + 8;
	char *text = malloc(max);

	if (text != NULL)
		snprintf(text, max, "[\"%s\"%s%s]", o->event,
		    o->body[0] == '\0' ? "" : ",", o->body);
	return text;
}

static int
start(struct load *load)
{
	unsigned long i, at_once = load->conn_count;

	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	load->in = malloc(IN_MAX);
	load->conns = calloc(load->conn_count, sizeof(*load->conns));
	if (load->epoll < 0 || load->in == NULL || load->conns == NULL)
		return -1;
	load->now_us = now_us();
	load->last_us = UINT64_MAX;
	if (load->mode == &mode_connect)
		load->last_us = load->now_us +
		    (uint64_t)(load->options.seconds * 1e6);
	if (load->mode == &mode_idle && at_once > IDLE_AT_ONCE)
		at_once = IDLE_AT_ONCE;
	for (i = 0; i < load->conn_count; i++)
		if (conn_init(&load->conns[i], &load->options) != 0)
			return -1;
	for (i = 0; i < at_once; i++)
		if (conn_open(load, &load->conns[i]) != 0)
			return -1;
	return 0;
}

/* Until it is over, or until nothing has been heard for too long. */
static void
run(struct load *load)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t heard = load->now_us;
	int i, n;

	while (!load->over) {
		n = epoll_wait(load->epoll, events, EVENTS_MAX, TICK_MS);
		load->now_us = now_us();
		for (i = 0; i < n; i++)
			conn_event(load, events[i].data.ptr, events[i].events);
		if (n > 0)
			heard = load->now_us;
		else if (load->mode != &mode_idle && (double)(load->now_us -
		    heard) > load->options.patience * 1e6) {
			load_why(load, "no answer");
			load->lost++;
			load->over = true;
		}
		if (load->now_us >= load->last_us && load->answered > 0)
			load->over = true;
	}
}

static double
cpu_seconds(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	    (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* Text from a server inside of a JSON string. */
static void
put_text(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else
			putchar((unsigned char)*text < ' ' ? ' ' : *text);
}

static void
report(const struct load *load, uint64_t begun_us)
{
	uint64_t from = load->first_us > 0 ? load->first_us : begun_us;
	double s = load->end_us > from ? (double)(load->end_us - from) / 1e6 :
	    0;
	double rate = s > 0 ? (double)load->answered / s : 0;
	double mb = s > 0 ? (double)load->bytes / s / 1e6 : 0;
	unsigned long long bytes = load->answered == 0 ? 0 :
	    load->bytes / load->answered;
	double p50 = (double)histogram_at(&load->times, 0.5) / 1e3;
	double p99 = (double)histogram_at(&load->times, 0.99) / 1e3;
	double max = (double)load->times.max_us / 1e3;
	unsigned long long failures[2] = { load->failed, load->lost };
	unsigned long long answers = load->answered;

	if (!load->options.json) {
		printf("%llu answers of %llu bytes, %llu failed, %llu lost in "
		    "%.2f s: %.1f/s, %.1f MB/s, p50 %.3f ms, p99 %.3f ms, "
		    "max %.3f ms, own CPU %.2f s %s\n", answers, bytes,
		    failures[0], failures[1], s, rate, mb, p50, p99, max,
		    cpu_seconds(), load->why);
		return;
	}
	printf("{\"asked\":%llu,\"answers\":%llu,\"bytes\":%llu,"
	    "\"failed\":%llu,\"lost\":%llu,\"seconds\":%.6f,\"per_s\":%.3f,"
	    "\"mb_per_s\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
	    "\"max_ms\":%.3f,\"cpu_s\":%.3f,\"why\":\"",
	    (unsigned long long)load->asked, answers, bytes, failures[0],
	    failures[1], s, rate, mb, p50, p99, max, cpu_seconds());
	put_text(load->why);
	puts("\"}");
}

int
main(int argc, char **argv)
{
	static struct load load = { .options = { .psk = "", .event = "",
	    .body = "", .connections = 1, .depth = 1, .seconds = 5,
	    .patience = 120 } };
	struct options *o = &load.options;
	unsigned long i;
	uint64_t begun;
	char *text;
	bool bad;

	if (read_options(argc, argv, o) != 0)
		return usage();
	text = event_text(o);
	if (text == NULL)
		return 1;
	o->body = text;
	load.mode = o->idle > 0 ? &mode_idle : o->connect_rate ?
	    &mode_connect : &mode_requests;
	load.conn_count = o->idle > 0 ? o->idle : o->connections;
	begun = now_us();
	if (start(&load) == 0)
		run(&load);
	else
		load.failed++;
	report(&load, begun);
	bad = load.failed + load.lost > 0 || load.answered == 0;
	for (i = 0; load.conns != NULL && i < load.conn_count; i++)
		conn_fini(&load.conns[i]);
	free(load.conns);
	free(load.in);
	free(text);
	return bad ? 1 : 0;
}
