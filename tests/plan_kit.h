/*
 * What the tests of plans share: a schema, a collector of its model Author,
 * and a plan as text.  A node is written as
 *
 *	Model(shown,shown|keys|expressions)<where>@<cursor> distinct name
 *	    by -name,boss.name(nulls last),#team skip 1 take 2 backwards
 *	    {relation[parent=own]: Model(...) #relation: ...}
 *
 * with what there is: an order is left out when it is only the model's key.
 */
#ifndef PLAN_KIT_H
#define PLAN_KIT_H

#include "base/buf.h"
#include "model/plan.h"

/* All that clients may see of Author. */
#define EVERYTHING "Author(id,name,mail,photo,bossId)"

struct plan_kit_refused {
	const char *options;
	enum err_code code;
	const char *want;	/* NULL: whatever it says */
};

extern struct collector plan_kit_collector;

void plan_kit_setup(void);
void plan_kit_teardown(void);

void plan_kit_put(struct buf *out, const char *text);
struct plan *plan_kit_read(const char *options, size_t len, struct err *err);

/* The options make this plan. */
void plan_kit_accept(const char *options, const char *want);
void plan_kit_refuse(const struct plan_kit_refused *row);

#endif
