/* Time and randomness from the kernel; pure rooms get both as arguments. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC: the same scale in all processes. */
uint64_t clock_ms(void);

/* The same in microseconds. */
uint64_t clock_us(void);

/*
 * Fill n bytes from the kernel's generator; waits only at boot.  A process
 * that forks and does not exec shares what comes next with its child.
 */
void clock_random(void *out, size_t n);

#endif
