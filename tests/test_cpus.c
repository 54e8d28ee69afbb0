/* The slots' parts of the CPUs: none is left out, and who roams may have all. */
#include <sched.h>

#include "ipc/cpus.h"
#include "unit.h"

static cpu_set_t all;

static cpu_set_t
mine(void)
{
	cpu_set_t set;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	return set;
}

/* So many slots; 0 = as many as CPUs. */
static const int64_t slots[] = { 1, 2, 3, 64, 0 };

START_TEST(test_parts)
{
	int64_t n = slots[_i] == 0 ? CPU_COUNT(&all) : slots[_i];
	cpu_set_t seen, set, twice;

	CPU_ZERO(&seen);
	for (unsigned int slot = 1; slot <= n; slot++) {
		cpus_keep(slot, slots[_i]);
		set = mine();
		ck_assert_int_gt(CPU_COUNT(&set), 0);
		CPU_AND(&twice, &set, &seen);
		ck_assert(n > CPU_COUNT(&all) || CPU_COUNT(&twice) == 0);
		CPU_OR(&seen, &seen, &set);
	}
	ck_assert(CPU_EQUAL(&seen, &all));
}
END_TEST

START_TEST(test_roam)
{
	cpu_set_t part, set;

	cpus_keep(2, 2);
	part = mine();
	cpus_roam();
	cpus_roam();
	set = mine();
	ck_assert(CPU_EQUAL(&set, &all));
	cpus_return();
	set = mine();
	ck_assert(CPU_EQUAL(&set, &part));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("cpus");

	if (sched_getaffinity(0, sizeof(all), &all) != 0)
		return EXIT_FAILURE;
	tcase_add_loop_test(tc, test_parts, 0, COUNT(slots));
	tcase_add_test(tc, test_roam);
	return unit_run("cpus", tc);
}
