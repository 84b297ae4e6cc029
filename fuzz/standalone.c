/* A main for fuzz targets without libFuzzer: runs the files and directories
 * given and, with "-seconds N", random mutations of them. Owns no target: each
 * fuzz_X.c defines LLVMFuzzerTestOneInput and is linked with this file. On a
 * crash the input is left in ./crash-input. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* There when the sanitizers' runtime is. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

enum { INPUTS_MOST = 4096, INPUT_BYTES = 1 << 16, FILE_BYTES = 16 << 20 };

struct input {
	uint8_t *bytes;
	size_t len;
};

static struct input inputs[INPUTS_MOST];
static size_t n_inputs;
static const uint8_t *running;
static size_t running_len;
static uint64_t state;

static void save_running(void)
{
	int fd = open("crash-input", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd >= 0 && running && write(fd, running, running_len) == (ssize_t)running_len)
		fprintf(stderr, "the input is in ./crash-input (%zu bytes)\n", running_len);
}

static void on_signal(int number)
{
	save_running();
	signal(number, SIG_DFL);
	raise(number);
}

/* The target gets a block of just that size, so that a sanitizer sees a step beyond. */
static void run(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	running = copy;
	running_len = len;
	LLVMFuzzerTestOneInput(copy, len);
	running = NULL;
	free(copy);
}

static int add_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc(FILE_BYTES);

	if (!f || !bytes || n_inputs == INPUTS_MOST) {
		fprintf(stderr, "cannot take %s\n", path);
		if (f)
			fclose(f);
		free(bytes);
		return -1;
	}
	inputs[n_inputs].len = fread(bytes, 1, FILE_BYTES, f);
	inputs[n_inputs].bytes = realloc(bytes, inputs[n_inputs].len + 1);
	n_inputs++;
	fclose(f);
	return 0;
}

static int add(const char *path)
{
	char name[4096];
	struct dirent *entry;
	struct stat st;
	int rc = 0;
	DIR *dir;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return add_file(path);
	dir = opendir(path);
	if (!dir) {
		perror(path);
		return -1;
	}
	while (!rc && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		rc = add_file(name);
	}
	closedir(dir);
	return rc;
}

static size_t dice(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? state % n : 0;
}

/* Puts `n` bytes in place of `cut` ones at `at`; nothing when it would not fit. */
static size_t replace_run(uint8_t *b, size_t len, size_t at, size_t cut, const uint8_t *put, size_t n)
{
	if (cut > len - at)
		cut = len - at;
	if (len - cut + n > INPUT_BYTES)
		return len;
	memmove(b + at + n, b + at + cut, len - at - cut);
	memcpy(b + at, put, n);
	return len - cut + n;
}

/* Bits and bytes changed, runs dropped, repeated, or taken from another input. */
static size_t mutate(uint8_t *b, size_t len)
{
	static const char likely[] = "{}[]\",:\\/u0019aeEtfn+-. \r\n\t'=@\x80\xbf\xc2\xe4\xed\xf4\xff";
	uint8_t part[64];

	for (size_t edits = 1 + dice(6); edits; edits--) {
		const struct input *other = &inputs[dice(n_inputs)];
		size_t at = dice(len + 1), n = dice(sizeof(part)), from;

		part[0] = dice(2) ? (uint8_t)likely[dice(sizeof(likely) - 1)] : (uint8_t)dice(256);
		switch (dice(6)) {
		case 0:
			if (at < len)
				b[at] ^= (uint8_t)(1 << dice(8));
			break;
		case 1:
			len = replace_run(b, len, at, 1, part, 1);
			break;
		case 2:
			len = replace_run(b, len, at, 0, part, 1);
			break;
		case 3:
			len = replace_run(b, len, at, dice(16), part, 0);
			break;
		case 4:
			memset(part, part[0], sizeof(part));
			len = replace_run(b, len, at, 0, part, n);
			break;
		default:
			from = dice(other->len + 1);
			if (n > other->len - from)
				n = other->len - from;
			memcpy(part, other->bytes + from, n);
			len = replace_run(b, len, at, dice(2) ? n : 0, part, n);
		}
	}
	return len;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static size_t run_mutations(double seconds)
{
	static uint8_t b[INPUT_BYTES];
	double end = now() + seconds;
	size_t runs = 0, len = 0;

	while (now() < end) {
		for (int i = 0; i < 64; i++, runs++) {
			const struct input *seed = &inputs[dice(n_inputs)];

			if (dice(8) || !runs) { /* else mutate the last one further */
				len = seed->len < INPUT_BYTES ? seed->len : INPUT_BYTES;
				memcpy(b, seed->bytes, len);
			}
			len = mutate(b, len);
			run(b, len);
		}
	}
	return runs;
}

int main(int argc, char **argv)
{
	double seconds = 0;
	size_t runs = 0;

	state = 88172645463325252u;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-seconds") == 0 && i + 1 < argc)
			seconds = atof(argv[++i]);
		else if (strcmp(argv[i], "-seed") == 0 && i + 1 < argc)
			state = strtoull(argv[++i], NULL, 10) * 2862933555777941757u + 1;
		else if (add(argv[i]))
			return 2;
	}
	if (!n_inputs) {
		fprintf(stderr, "usage: %s [-seconds N] [-seed N] FILE|DIRECTORY …\n", argv[0]);
		return 2;
	}
	signal(SIGABRT, on_signal);
	signal(SIGSEGV, on_signal);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(save_running);
	for (size_t i = 0; i < n_inputs; i++)
		run(inputs[i].bytes, inputs[i].len);
	if (seconds > 0)
		runs = run_mutations(seconds);
	printf("%zu inputs, %zu mutations\n", n_inputs, runs);
	for (size_t i = 0; i < n_inputs; i++)
		free(inputs[i].bytes);
	return 0;
}
