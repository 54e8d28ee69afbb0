/*
 * What a shared object declares, read from its bytes.  The objects are made
 * here: a head, a segment with everything, and the sections of its symbols.
 */
#include "model/plugin_file.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define BASE 0x10000u

struct object {
	ElfW(Ehdr) head;
	ElfW(Phdr) segment;
	ElfW(Shdr) sections[3];
	ElfW(Sym) symbols[3];
	char strings[64];
	struct dalpuri_collector collector;
};

static char told[1024];

static void
take(void *ctx, const char *line)
{
	(void)ctx;
	snprintf(told, sizeof(told), "%s", line);
}

/* The machine and its ways are those of this program. */
static void
take_identity(ElfW(Ehdr) *head)
{
	FILE *f = fopen("/proc/self/exe", "re");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fread(head, sizeof(*head), 1, f), 1);
	fclose(f);
}

static void
make(struct object *o)
{
	static const struct dalpuri_collector sound = {
		.abi = DALPURI_ABI, .size = sizeof(sound),
		.flags = DALPURI_CONNECTS, .max_running = 3,
		.description = "A t\xc3\xa9st.",
		.namespaces = { "/", "/custom" }
	};

	memset(o, 0, sizeof(*o));
	take_identity(&o->head);
	o->head.e_type = ET_DYN;
	o->head.e_phoff = offsetof(struct object, segment);
	o->head.e_phnum = 1;
	o->head.e_phentsize = sizeof(ElfW(Phdr));
	o->head.e_shoff = offsetof(struct object, sections);
	o->head.e_shnum = 3;
	o->head.e_shentsize = sizeof(ElfW(Shdr));
	o->segment.p_type = PT_LOAD;
	o->segment.p_vaddr = BASE;
	o->segment.p_filesz = sizeof(*o);
	o->sections[1].sh_type = SHT_DYNSYM;
	o->sections[1].sh_offset = offsetof(struct object, symbols);
	o->sections[1].sh_size = sizeof(o->symbols);
	o->sections[1].sh_entsize = sizeof(ElfW(Sym));
	o->sections[1].sh_link = 2;
	o->sections[2].sh_type = SHT_STRTAB;
	o->sections[2].sh_offset = offsetof(struct object, strings);
	o->sections[2].sh_size = sizeof(o->strings);
	memcpy(o->strings + 1, "dalpuri_collectors", 18);
	memcpy(o->strings + 21, "dalpuri_collector", 17);
	o->symbols[1].st_name = 1;
	o->symbols[1].st_shndx = 1;
	o->symbols[2].st_name = 21;
	o->symbols[2].st_shndx = 1;
	o->symbols[2].st_value = BASE + offsetof(struct object, collector);
	o->collector = sound;
}

static int
read_object(const void *data, size_t len, struct plugin_file *out)
{
	struct collector_faults faults = { .path = "p.so", .tell = take };

	told[0] = '\0';
	return plugin_file_read(out, data, len, &faults);
}

START_TEST(sound)
{
	struct object o;
	struct plugin_file f;

	make(&o);
	ck_assert_int_eq(read_object(&o, sizeof(o), &f), 0);
	ck_assert_str_eq(told, "");
	ck_assert(f.connects);
	ck_assert_uint_eq(f.nnamespaces, 2);
	ck_assert_uint_eq(f.declared.max_running, 3);
	ck_assert_str_eq(f.declared.description, "A t\xc3\xa9st.");
	o.collector.namespaces[0][0] = '\0';
	o.collector.flags = 0;
	o.collector.size = 2 * sizeof(o.collector);
	ck_assert_int_eq(read_object(&o, sizeof(o), &f), 0);
	ck_assert(!f.connects);
	ck_assert_uint_eq(f.nnamespaces, 0);
}
END_TEST

/* One byte of a sound object changed to another value. */
static const struct {
	size_t at;
	unsigned char byte;
	const char *why;
} wrong[] = {
#define AT(member) offsetof(struct object, member)
	{ AT(head.e_ident[1]), 'X', "no ELF file" },
	{ AT(head.e_ident[EI_CLASS]), 7, "another machine" },
	{ AT(head.e_ident[EI_DATA]), 7, "another machine" },
	{ AT(head.e_machine), 0xfe, "another machine" },
	{ AT(head.e_type), ET_EXEC, "of another type" },
	{ AT(head.e_shentsize), 1, "sections cannot be read" },
	{ AT(head.e_phentsize), 1, "sections cannot be read" },
	{ AT(head.e_shnum) + 1, 0xff, "sections cannot be read" },
	{ AT(head.e_phnum) + 1, 0xff, "sections cannot be read" },
	{ AT(head.e_shoff) + 3, 0xff, "does not export" },
	{ AT(sections[1].sh_type), SHT_SYMTAB, "does not export" },
	{ AT(sections[1].sh_entsize), 1, "does not export" },
	{ AT(sections[1].sh_link), 77, "does not export" },
	{ AT(sections[1].sh_offset) + 3, 0xff, "does not export" },
	{ AT(sections[1].sh_size) + 3, 0xff, "does not export" },
	{ AT(sections[2].sh_offset) + 3, 0xff, "does not export" },
	{ AT(sections[2].sh_size), 37, "does not export" },
	{ AT(strings[30]), 'X', "does not export" },
	{ AT(symbols[2].st_shndx), SHN_UNDEF, "does not export" },
	{ AT(symbols[2].st_name) + 3, 0xff, "does not export" },
	{ AT(symbols[2].st_value) + 3, 0xff, "has no bytes" },
	{ AT(segment.p_type), PT_NOTE, "has no bytes" },
	{ AT(segment.p_vaddr) + 2, 9, "has no bytes" },
	{ AT(segment.p_offset) + 3, 0xff, "has no bytes" },
	{ AT(segment.p_filesz) + 1, 0, "has no bytes" },
	{ AT(collector.abi), DALPURI_ABI + 1, "made for version 2 " },
	{ AT(collector.size) + 1, 0, "its declaration has " },
	{ AT(collector.flags), 6, "flags" },
	{ AT(collector.max_running) + 2, 1, "max_running" },
	{ AT(collector.description[0]), '\n', "description" },
	{ AT(collector.description[0]), 0xff, "description" },
	{ AT(collector.namespaces[0][0]), 'x', "namespace" },
	{ AT(collector.namespaces[1][3]), ' ', "namespace" },
	{ AT(collector.namespaces[1][3]), ',', "namespace" },
	{ AT(collector.namespaces[1][3]), '?', "namespace" },
	{ AT(collector.namespaces[1][3]), 0xc3, "namespace" },
};

START_TEST(every_fault)
{
	struct object o;
	struct plugin_file f;

	make(&o);
	((unsigned char *)&o)[wrong[_i].at] = wrong[_i].byte;
	ck_assert_int_eq(read_object(&o, sizeof(o), &f), -1);
	ck_assert_msg(strncmp(told, "p.so:1: ", 8) == 0 &&
	    strstr(told, wrong[_i].why) != NULL &&
	    strstr(told, "expected") != NULL, "row %d: %s", _i, told);
}
END_TEST

/* A file that ends anywhere; the copy lets a sanitizer see its end. */
START_TEST(every_length)
{
	struct object o;
	struct plugin_file f;
	const size_t told_bytes = offsetof(struct object, collector.call);
	char *part;

	make(&o);
	for (size_t len = 0; len < sizeof(o); len++) {
		part = malloc(len + 1);
		ck_assert_ptr_nonnull(part);
		memcpy(part, &o, len);
		ck_assert_int_eq(read_object(part, len, &f),
		    len >= told_bytes ? 0 : -1);
		ck_assert(len >= told_bytes || told[0] != '\0');
		free(part);
	}
}
END_TEST

START_TEST(no_room)
{
	struct object o;
	struct plugin_file f;

	make(&o);
	memset(o.collector.description, 'x', sizeof(o.collector.description));
	ck_assert_int_eq(read_object(&o, sizeof(o), &f), -1);
	make(&o);
	memset(o.collector.namespaces[1], '/', DALPURI_NAMESPACE_MAX);
	ck_assert_int_eq(read_object(&o, sizeof(o), &f), -1);
	make(&o);
	for (size_t i = 0; i < DALPURI_NAMESPACES_MAX; i++)
		memcpy(o.collector.namespaces[i], "/x", 3);
	ck_assert_int_eq(read_object(&o, sizeof(o), &f), 0);
	ck_assert_uint_eq(f.nnamespaces, DALPURI_NAMESPACES_MAX);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("all");

	tcase_add_test(t, sound);
	tcase_add_loop_test(t, every_fault, 0, COUNT(wrong));
	tcase_add_test(t, every_length);
	tcase_add_test(t, no_room);
	return unit_run("plugin_file", t);
}
