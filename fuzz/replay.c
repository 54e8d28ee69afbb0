/*
 * Feeds files to a fuzz target without a fuzzer, so that everything a fuzzer
 * ever found stays a test: main() of each target in an ordinary build.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One input of exactly its size in memory, so that a sanitizer sees its end. */
static int
replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size;
	long end;

	if (f == NULL || fseek(f, 0, SEEK_END) < 0 || (end = ftell(f)) < 0)
		goto fail;
	rewind(f);
	size = (size_t)end;
	data = malloc(size > 0 ? size : 1);
	if (data == NULL || fread(data, 1, size, f) != size)
		goto fail;
	fclose(f);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;

fail:
	perror(path);
	free(data);
	if (f != NULL)
		fclose(f);
	return -1;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (replay(argv[i]) < 0)
			return 1;
	return 0;
}
