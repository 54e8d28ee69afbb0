/*
 * Prepare (the loader, and decoding its views), then commit or roll back.
 * Sessions keep their generation; the master itself only knows the newest.
 */
#include "master/reload.h"

#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "ipc/view.h"
#include "master/bundle.h"
#include "master/control.h"
#include "master/key.h"
#include "master/pass.h"
#include "master/revoke.h"
#include "master/slots.h"
#include "master/state.h"

int
reload_read(int fd, struct conf *conf, struct keyring **keys,
    struct bundle **bundle, struct err *err)
{
	const char *data;
	size_t len;
	int result;

	if (view_map(fd, &data, &len, err) != 0)
		return -1;
	result = conf_view_get(conf, data, len, err);
	view_unmap(data, len);
	if (result != 0)
		return -1;
	*keys = keyring_new(conf);
	*bundle = bundle_new(conf);
	if (*keys != NULL && *bundle != NULL)
		return 0;
	keyring_free(keys);
	bundle_free(bundle);
	conf_fini(conf);
	return err_set(err, ERR_INTERNAL, "out of memory");
}

static void
tell_fixed(void *ctx, const char *name)
{
	(void)ctx;
	log_warn("reload: %s has changed: it takes a restart", name);
}

/* conf, keys and bundle are ours from now on, also when it fails. */
static int
commit(struct master *m, struct conf *conf, struct keyring *keys,
    struct bundle *bundle, const int views[LOAD_VIEWS])
{
	m->generation++;
	if (slots_reload(m->slots, views[LOAD_WORKER],
	    views[LOAD_COLLECTOR]) != 0) {
		m->generation--;
		conf_fini(conf);
		keyring_free(&keys);
		bundle_free(&bundle);
		return -1;
	}
	conf_tell_fixed(&m->conf, conf, tell_fixed, NULL);
	revoke_keys(m, &m->conf, conf);
	conf_fini(&m->conf);
	keyring_free(&m->keys);
	bundle_free(&m->bundle);
	m->conf = *conf;
	m->keys = keys;
	m->bundle = bundle;
	pass_generation(m->pass, m->generation);
	log_set_level((enum log_level)m->conf.log_level);
	slots_fit(m->slots);
	return 0;
}

static void
roll_back(struct master *m, const char *why)
{
	log_error("reload: nothing has changed: %s", why);
	control_reloaded(m->control, why);
}

static void
on_done(struct master *m, enum load_outcome outcome,
    const int views[LOAD_VIEWS])
{
	struct conf conf;
	struct keyring *keys;
	struct bundle *bundle;
	struct err err;

	if (outcome != LOAD_DONE) {
		roll_back(m, outcome == LOAD_FAULTY ?
		    "the configuration has faults" :
		    "the configuration could not be read");
		return;
	}
	if (reload_read(views[LOAD_MASTER], &conf, &keys, &bundle,
	    &err) != 0) {
		roll_back(m, err.text);
		close(views[LOAD_WORKER]);
		close(views[LOAD_COLLECTOR]);
	} else if (commit(m, &conf, keys, bundle, views) != 0) {
		roll_back(m, "out of memory");
	} else {
		control_reloaded(m->control, NULL);
		log_info("reload: generation %u is in force",
		    (unsigned int)m->generation);
	}
	close(views[LOAD_MASTER]);
}

void
reload_start(struct master *m)
{
	struct err err;

	/* The first one is running in a master that starts. */
	m->load_again = m->load != NULL && m->phase != MASTER_STOPPING;
	if (m->load != NULL || m->phase != MASTER_RUNNING)
		return;
	log_info("reload: reading the configuration");
	m->loads++;
	m->load = load_start(m, on_done, &err);
	if (m->load == NULL)
		roll_back(m, err.text);
}
