/*
 * What the files of resolving share: a schema while it grows out of its raw
 * tree.  schema_resolve.c makes models, fields and enums, schema_attr.c
 * applies what "@" and "@@" say, schema_relation.c joins the two sides of
 * each relation.
 */
#ifndef MODEL_SCHEMA_RESOLVE_H
#define MODEL_SCHEMA_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/arena.h"
#include "model/schema.h"
#include "model/schema_ast.h"
#include "model/schema_fault.h"

/* A name that may stand as a field's type: one of the two is set. */
struct schema_type {
	const char *name;
	struct schema_place at;
	struct schema_model *model;
	struct schema_enum *enumeration;
};

struct schema {
	struct arena arena;
	size_t nmodels;
	struct schema_model *models;	/* in file order */
	size_t ntypes;
	struct schema_type *types;	/* sorted by name */
};

/* One side of a relation, with what its @relation says. */
struct link {
	const struct ast_member *ast;
	struct schema_relation *relation;
	const struct ast_value *fields, *references;	/* NULL = not given */
};

/* A model, with the parts that are constant to everybody else. */
struct draft {
	const struct ast_block *ast;
	struct schema_model *model;
	struct schema_field *fields;
	struct schema_relation *relations;
	struct link *links;		/* one per relation */
	struct schema_key *uniques;
	bool has_id;			/* @id or @@id, or maybe */
};

struct resolver {
	const struct ast *ast;
	struct schema *schema;
	struct arena *work;		/* of what dies with the raw tree */
	struct schema_faults *faults;
	struct draft *drafts;		/* schema->nmodels of them */
};

/* What attributes stand on; the pointers that do not apply are NULL. */
enum attr_place {
	ATTR_ON_FIELD = 1,
	ATTR_ON_RELATION = 2,
	ATTR_ON_MODEL = 4,
	ATTR_ON_VALUE = 8,
	ATTR_ON_ENUM = 16
};

struct attr_target {
	enum attr_place place;
	struct draft *draft;
	struct schema_field *field;
	struct link *link;
	const char **mapped;		/* where the name of a @map goes */
};

/* Resolve a raw tree into an empty schema; faults tell whether it is good. */
void schema_resolve(struct resolver *r);

/* The named type, or NULL. */
const struct schema_type *schema_type(const struct schema *s,
    const char *name, size_t len);

/* Check and apply a list of attributes. */
void schema_attrs(struct resolver *r, const struct attr_target *target,
    const struct ast_attr *list);

/* Join the sides of all relations, and check them. */
void schema_relations(struct resolver *r);

#endif
