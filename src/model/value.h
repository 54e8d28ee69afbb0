/* One value on its way from a driver to JSON, or from JSON to a parameter. */
#ifndef MODEL_VALUE_H
#define MODEL_VALUE_H

#include <stddef.h>
#include <stdint.h>

enum value_kind {
	VALUE_NULL,
	VALUE_INT,	/* Int, BigInt, Boolean (0, 1), DateTime (epoch ms) */
	VALUE_FLOAT,
	VALUE_TEXT,	/* also Decimal, DateTime as the database spells it */
	VALUE_BYTES
};

/* Text and bytes belong to somebody else, and are not NUL-terminated. */
struct value {
	enum value_kind kind;
	size_t len;		/* TEXT, BYTES */
	union {
		int64_t i;
		double f;
		const char *text;
	} u;
};

#endif
