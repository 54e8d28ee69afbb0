/*
 * From the ELF header over the dynamic symbols to the bytes of one of them.
 * The file is a stranger's: every offset is checked, and everything is copied
 * out before it is looked at, because nothing in it need be aligned.
 */
#include "model/plugin_file.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

#define SYMBOL "dalpuri_collector"

/* More than a linker writes; bounds the time for a file that lies. */
#define SECTIONS_MAX 4096
#define SEGMENTS_MAX 256
#define SYMBOLS_MAX 1000000

#if __SIZEOF_POINTER__ == 8
#define CLASS ELFCLASS64
#else
#define CLASS ELFCLASS32
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ORDER ELFDATA2LSB
#else
#define ORDER ELFDATA2MSB
#endif

/* EM_NONE: not known here; the dynamic loader will see. */
#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__i386__)
#define MACHINE EM_386
#elif defined(__arm__)
#define MACHINE EM_ARM
#elif defined(__riscv)
#define MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define MACHINE EM_PPC64
#elif defined(__s390x__)
#define MACHINE EM_S390
#else
#define MACHINE EM_NONE
#endif

struct elf {
	const char *data;
	size_t len;
	ElfW(Ehdr) head;
	struct collector_faults *faults;
};

static int
fault(const struct elf *e, const char *what)
{
	collector_fault(e->faults, 1, "%s", what);
	return -1;
}

/* Copy size bytes from an offset; false when the file does not have them. */
static bool
get(const struct elf *e, uint64_t at, void *out, size_t size)
{
	if (at > e->len || size > e->len - at)
		return false;
	memcpy(out, e->data + at, size);
	return true;
}

static int
read_head(struct elf *e)
{
	const unsigned char *id = e->head.e_ident;

	if (!get(e, 0, &e->head, sizeof(e->head)) ||
	    memcmp(id, ELFMAG, SELFMAG) != 0)
		return fault(e, "no ELF file, expected a shared object");
	if (id[EI_CLASS] != CLASS || id[EI_DATA] != ORDER ||
	    (MACHINE != EM_NONE && e->head.e_machine != MACHINE))
		return fault(e, "made for another machine, expected a shared "
		    "object for this one");
	if (e->head.e_type != ET_DYN)
		return fault(e, "an ELF file of another type, expected a "
		    "shared object (-shared)");
	if (e->head.e_shentsize != sizeof(ElfW(Shdr)) ||
	    e->head.e_shnum > SECTIONS_MAX ||
	    e->head.e_phentsize != sizeof(ElfW(Phdr)) ||
	    e->head.e_phnum > SEGMENTS_MAX)
		return fault(e, "its sections cannot be read, expected a "
		    "file as the linker has written it");
	return 0;
}

static bool
get_section(const struct elf *e, uint64_t i, ElfW(Shdr) *out)
{
	return i < e->head.e_shnum && get(e, e->head.e_shoff +
	    i * sizeof(*out), out, sizeof(*out));
}

/* Is the text at this offset of the strings the symbol's name? */
static bool
is_named(const struct elf *e, const ElfW(Shdr) *strings, uint64_t at)
{
	char name[sizeof(SYMBOL)];

	return at < strings->sh_size &&
	    strings->sh_size - at >= sizeof(name) &&
	    strings->sh_offset <= e->len &&
	    get(e, strings->sh_offset + at, name, sizeof(name)) &&
	    memcmp(name, SYMBOL, sizeof(name)) == 0;
}

static bool
find_in(const struct elf *e, const ElfW(Shdr) *table, ElfW(Sym) *out)
{
	uint64_t n = table->sh_size / sizeof(*out);
	ElfW(Shdr) strings;

	if (table->sh_entsize != sizeof(*out) || n > SYMBOLS_MAX ||
	    table->sh_offset > e->len || !get_section(e, table->sh_link,
	    &strings))
		return false;
	for (uint64_t i = 0; i < n; i++)
		if (!get(e, table->sh_offset + i * sizeof(*out), out,
		    sizeof(*out)))
			return false;
		else if (out->st_shndx != SHN_UNDEF && is_named(e, &strings,
		    out->st_name))
			return true;
	return false;
}

static int
find_symbol(const struct elf *e, ElfW(Sym) *out)
{
	ElfW(Shdr) section;

	for (uint64_t i = 0; get_section(e, i, &section); i++)
		if (section.sh_type == SHT_DYNSYM && find_in(e, &section, out))
			return 0;
	return fault(e, "it does not export " SYMBOL ", expected that of "
	    "dalpuri/collector.h");
}

/* The bytes of a symbol, as they are in memory before relocation. */
static bool
get_bytes(const struct elf *e, const ElfW(Sym) *symbol, void *out,
    size_t size)
{
	ElfW(Phdr) segment;
	uint64_t at = symbol->st_value;

	for (uint64_t i = 0; i < e->head.e_phnum && get(e, e->head.e_phoff +
	    i * sizeof(segment), &segment, sizeof(segment)); i++)
		if (segment.p_type == PT_LOAD && at >= segment.p_vaddr &&
		    at - segment.p_vaddr < segment.p_filesz &&
		    segment.p_filesz - (at - segment.p_vaddr) >= size &&
		    segment.p_offset <= e->len)
			return get(e, segment.p_offset + (at -
			    segment.p_vaddr), out, size);
	return false;
}

/* ---- the declaration ----------------------------------------------------- */

/* Versions stand in front, whatever else another one has. */
static int
check_version(const struct elf *e, const struct dalpuri_collector *c)
{
	if (c->abi != DALPURI_ABI)
		collector_fault(e->faults, 1, "it is made for version %u of "
		    "dalpuri/collector.h, expected version %d", c->abi,
		    DALPURI_ABI);
	else if (c->size < sizeof(*c))
		collector_fault(e->faults, 1, "its declaration has %u bytes, "
		    "expected %zu", c->size, sizeof(*c));
	else
		return 0;
	return -1;
}

/* Does text end within its room, as UTF-8 without control characters? */
static bool
is_text(const char *text, size_t room)
{
	size_t len = strnlen(text, room);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return len < room && utf8_valid(text, len);
}

static bool
is_namespace(const char *text)
{
	if (!is_text(text, DALPURI_NAMESPACE_MAX) || text[0] != '/')
		return false;
	for (; *text != '\0'; text++)
		if (*text == ' ' || *text == ',' || *text == '?' ||
		    (unsigned char)*text >= 0x80)
			return false;
	return true;
}

static int
check_declared(const struct elf *e, struct plugin_file *out)
{
	const struct dalpuri_collector *c = &out->declared;
	size_t n = 0;

	if ((c->flags & ~DALPURI_CONNECTS) != 0)
		return fault(e, "it has flags that are not known, expected "
		    "DALPURI_CONNECTS or 0");
	if (c->max_running > COLLECTOR_RUNNING_MAX)
		return fault(e, "its max_running is more than can run, "
		    "expected 0 to 1000");
	if (!is_text(c->description, sizeof(c->description)))
		return fault(e, "its description is no text, expected a line "
		    "of UTF-8");
	while (n < DALPURI_NAMESPACES_MAX && c->namespaces[n][0] != '\0')
		if (!is_namespace(c->namespaces[n++]))
			return fault(e, "a namespace of it cannot be joined, "
			    "expected \"/\" or \"/name\" without blanks, "
			    "\",\" and \"?\"");
	out->nnamespaces = n;
	out->connects = (c->flags & DALPURI_CONNECTS) != 0;
	return 0;
}

int
plugin_file_read(struct plugin_file *out, const char *data, size_t len,
    struct collector_faults *faults)
{
	struct elf e = { .data = data, .len = len, .faults = faults };
	const size_t version = offsetof(struct dalpuri_collector, flags);
	const size_t told = offsetof(struct dalpuri_collector, call);
	ElfW(Sym) symbol;

	memset(out, 0, sizeof(*out));
	if (read_head(&e) != 0 || find_symbol(&e, &symbol) != 0)
		return -1;
	if (!get_bytes(&e, &symbol, &out->declared, version))
		return fault(&e, SYMBOL " has no bytes in the file, expected "
		    "a constant");
	if (check_version(&e, &out->declared) != 0)
		return -1;
	if (!get_bytes(&e, &symbol, &out->declared, told))
		return fault(&e, SYMBOL " is cut off, expected a struct "
		    "dalpuri_collector");
	return check_declared(&e, out);
}
