/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulated board: the loader's core as a process, with its own memory and a
 * software walker as its MMU. For tests without QEMU, and for people without a board.
 */
#include <bearssl.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "loader/core.h"
#include "loader/host/lines.h"
#include "loader/host/walker.h"

/* What the board keeps when it is switched off: a file, mapped into memory. */
struct flash_file {
	uint8_t kept[4096];
	uint64_t count;
};

struct board {
	struct wire_span ram, own;
	struct wire_span windows[WIRE_WINDOWS_MAX];
	size_t window_count;
	uint8_t *memory; /* of ram */
	struct walker walker;
	struct lines lines;
	struct loader_port port;
	struct loader loader;
	FILE *log;                /* NULL: none */
	struct flash_file *flash; /* mapped from its file; NULL: none */
};

/* clang-format off */
enum { PTY = 256, UNIX, BOARD_ID, RAM, WINDOW, OWN, STAGING, FRAME, PA_BITS, FLASH, SIGNED, LOG, HELP, VERSION };

static const struct { struct option option; const char *help; } rows[] = {
	{ { "pty",      required_argument, NULL, PTY },
	  "PATH        act as a serial line: PATH becomes a link to a pseudo-terminal" },
	{ { "unix",     required_argument, NULL, UNIX },
	  "PATH        listen on a unix socket instead" },
	{ { "board-id", required_argument, NULL, BOARD_ID },
	  "ID          id that the board answers with; default mmpboard" },
	{ { "ram",      required_argument, NULL, RAM },
	  "BASE:SIZE   secure RAM of the board; default 0xe000000:0x1000000" },
	{ { "own",      required_argument, NULL, OWN },
	  "BASE:SIZE   RAM of the loader itself; default 0xe000000:0x100000" },
	{ { "window",   required_argument, NULL, WINDOW },
	  "BASE:SIZE   RAM that a push may write; may be repeated 4 times; default 0xe100000:0xf00000" },
	{ { "staging",  required_argument, NULL, STAGING },
	  "BYTES       longest pool that the board accepts; default 0xf0000" },
	{ { "frame",    required_argument, NULL, FRAME },
	  "BYTES       longest frame body that the board accepts, 320 to 4096; default 4096" },
	{ { "pa-bits",  required_argument, NULL, PA_BITS },
	  "BITS        width of physical addresses, 32 to 48; default 44, as a Cortex-A57 has" },
	{ { "flash",    required_argument, NULL, FLASH },
	  "FILE        keep keys and the counter in this file; created if it does not exist" },
	{ { "signed",   no_argument, NULL, SIGNED },
	  "            accept only signed builds, even if no key is trusted yet" },
	{ { "log",      required_argument, NULL, LOG },
	  "FILE        write a line for each build that goes live; - is stderr" },
	{ { "help",     no_argument, NULL, HELP },
	  "            print this help and exit" },
	{ { "version",  no_argument, NULL, VERSION },
	  "            print the version of the protocol and exit" },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void board_log(const struct board *board, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void board_log(const struct board *board, const char *format, ...)
{
	va_list args;

	if (!board->log)
		return;
	va_start(args, format);
	vfprintf(board->log, format, args);
	va_end(args);
	fputc('\n', board->log);
	fflush(board->log);
}

static void board_send(void *context, const uint8_t *bytes, size_t length)
{
	struct board *board = context;

	lines_write(&board->lines, bytes, length);
}

enum { DIGEST_TEXT_SIZE = 2 * br_sha256_SIZE + 1 };

static const char *digest_of(const uint8_t *bytes, size_t length,
			     char text[DIGEST_TEXT_SIZE])
{
	uint8_t digest[br_sha256_SIZE];
	br_sha256_context context;

	br_sha256_init(&context);
	br_sha256_update(&context, bytes, length);
	br_sha256_out(&context, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return text;
}

static void board_install(void *context, uint64_t pa, const uint8_t *bytes, size_t length)
{
	struct board *board = context;
	char digest[DIGEST_TEXT_SIZE];

	memcpy(board->memory + (pa - board->ram.base), bytes, length);
	board_log(board, "installed 0x%zx bytes at 0x%" PRIx64 ", SHA-256 %s", length, pa,
		  digest_of(bytes, length, digest));
}

static void board_activate(void *context, const struct wire_begin *begin)
{
	struct board *board = context;

	board->walker.mair = begin->registers[WIRE_MAIR];
	board->walker.tcr = begin->registers[WIRE_TCR];
	board->walker.ttbr0 = begin->registers[WIRE_TTBR0];
	board_log(board,
		  "live: mair 0x%016" PRIx64 " tcr 0x%016" PRIx64 " ttbr0 0x%016" PRIx64,
		  begin->registers[WIRE_MAIR], begin->registers[WIRE_TCR],
		  begin->registers[WIRE_TTBR0]);
}

static const uint8_t *board_memory(void *context, uint64_t pa)
{
	struct board *board = context;

	return board->memory + (pa - board->ram.base);
}

/*
 * Write like flash: bits can only be cleared. Stop at the first byte for which that is
 * not enough.
 */
static bool board_keep(void *context, size_t at, const uint8_t *bytes, size_t length)
{
	struct board *board = context;
	uint8_t *kept = board->flash->kept + at;

	for (size_t i = 0; i < length; i++) {
		kept[i] &= bytes[i];
		if (kept[i] != bytes[i])
			return false;
	}
	return true;
}

static uint64_t board_count(void *context)
{
	struct board *board = context;

	return board->flash->count;
}

static bool board_count_to(void *context, uint64_t value)
{
	struct board *board = context;

	board->flash->count = value;
	return true;
}

static void board_seed(void *context, uint8_t ret_seed[LOADER_SEED_SIZE])
{
	(void)context;
	if (getrandom(ret_seed, LOADER_SEED_SIZE, 0) != LOADER_SEED_SIZE)
		abort();
}

static uint64_t board_translate(void *context, uint64_t va, enum wire_access access)
{
	struct board *board = context;

	return walker_translate(&board->walker, va, access);
}

static bool board_read(void *context, uint64_t pa, uint64_t *ret_word)
{
	const struct board *board = context;
	const uint8_t *bytes;
	uint64_t word = 0;

	if (pa < board->ram.base || pa - board->ram.base > board->ram.size - 8)
		return false;
	bytes = board->memory + (pa - board->ram.base);
	for (int i = 8; i-- > 0;)
		word = word << 8 | bytes[i];
	*ret_word = word;
	return true;
}

static uint64_t number(const char *text, char stop, const char **ret_rest)
{
	char *rest;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &rest, 0);
	if (errno || rest == text || *rest != stop || text[0] == '-') {
		fprintf(stderr, "mmpboard: \"%s\" is not of the form that --help shows\n",
			text);
		exit(2);
	}
	if (ret_rest)
		*ret_rest = rest + 1;
	return value;
}

static struct wire_span span(const char *text)
{
	const char *rest;
	uint64_t base = number(text, ':', &rest), size = number(rest, '\0', NULL);

	if (size == 0 || base % 4096 || size % 4096 || base >= UINT64_C(1) << 48 ||
	    size > (UINT64_C(1) << 48) - base) {
		fprintf(stderr,
			"mmpboard: %s: base and size must be multiples of 4096 below "
			"2^48, and the size not zero\n",
			text);
		exit(2);
	}
	return (struct wire_span){ base, size };
}

static void help(void)
{
	puts("usage: mmpboard (--pty PATH | --unix PATH) [OPTION]...\n\n"
	     "A simulated board for mmp, until SIGTERM or SIGINT. Prints a line when it "
	     "is ready.\n");
	for (size_t i = 0; i < ROWS; i++)
		printf("  --%-9s %s\n", rows[i].option.name, rows[i].help);
}

struct board_options {
	const char *pty, *unix_path, *log, *flash;
};

static void take_option(struct board *board, struct board_options *options, int option)
{
	switch (option) {
	case PTY:
		options->pty = optarg;
		break;
	case UNIX:
		options->unix_path = optarg;
		break;
	case LOG:
		options->log = optarg;
		break;
	case BOARD_ID:
		board->port.id = optarg;
		break;
	case RAM:
		board->ram = span(optarg);
		break;
	case OWN:
		board->own = span(optarg);
		break;
	case WINDOW:
		if (board->window_count == WIRE_WINDOWS_MAX) {
			fprintf(stderr, "mmpboard: more than %u windows\n",
				WIRE_WINDOWS_MAX);
			exit(2);
		}
		board->windows[board->window_count++] = span(optarg);
		break;
	case STAGING:
		board->port.staging_bytes = (uint32_t)number(optarg, '\0', NULL);
		break;
	case FRAME:
		board->port.body_max = (uint16_t)number(optarg, '\0', NULL);
		break;
	case PA_BITS:
		board->walker.pa_bits = (unsigned int)number(optarg, '\0', NULL);
		break;
	case FLASH:
		options->flash = optarg;
		break;
	case SIGNED:
		board->port.takes_unsigned = false;
		break;
	case HELP:
		help();
		exit(0);
	case VERSION:
		printf("mmpboard, protocol version %d\n", WIRE_VERSION);
		exit(0);
	default:
		exit(2);
	}
}

static void parse_options(struct board *board, struct board_options *options, int argc,
			  char **argv)
{
	struct option table[ROWS + 1] = { { 0 } };
	int option;

	for (size_t i = 0; i < ROWS; i++)
		table[i] = rows[i].option;
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1)
		take_option(board, options, option);
	if (optind < argc || !options->pty == !options->unix_path) {
		fputs("mmpboard: give either --pty or --unix, and nothing else; see "
		      "--help\n",
		      stderr);
		exit(2);
	}
}

static bool inside(const struct wire_span *part, const struct wire_span *whole)
{
	return part->base >= whole->base &&
	       part->base + part->size <= whole->base + whole->size;
}

/* Refuse inconsistent options, which would let a push write outside of the memory. */
static void check_board(const struct board *board)
{
	const char *id = board->port.id;
	size_t length = strlen(id);

	for (size_t i = 0; i < board->window_count; i++)
		if (!inside(&board->windows[i], &board->ram)) {
			fprintf(stderr, "mmpboard: window 0x%" PRIx64 " is not in RAM\n",
				board->windows[i].base);
			exit(2);
		}
	for (size_t i = 0; i < length; i++)
		if (id[i] < 0x20 || id[i] > 0x7e)
			length = 0;
	if (length == 0 || length > WIRE_ID_MAX) {
		fprintf(stderr, "mmpboard: the id must be 1 to %u printable characters\n",
			WIRE_ID_MAX);
		exit(2);
	}
	if (board->port.body_max && (board->port.body_max < WIRE_BODY_MIN ||
				     board->port.body_max > LOADER_BODY_MAX)) {
		fprintf(stderr, "mmpboard: --frame must be %u to %u bytes\n",
			WIRE_BODY_MIN, LOADER_BODY_MAX);
		exit(2);
	}
	if (board->walker.pa_bits < 32 || board->walker.pa_bits > 48) {
		fputs("mmpboard: the width of physical addresses must be 32 to 48 bits\n",
		      stderr);
		exit(2);
	}
}

static void defaults(struct board *board)
{
	board->ram = (struct wire_span){ 0xe000000, 0x1000000 };
	board->own = (struct wire_span){ 0xe000000, 0x100000 };
	board->walker.pa_bits = 44;
	board->port = (struct loader_port){
		.id = "mmpboard",
		.staging_bytes = 0xf0000,
		.windows = board->windows,
		.own = &board->own,
		.own_count = 1,
		.takes_unsigned = true,
		.context = board,
		.memory = board_memory,
		.seed = board_seed,
		.send = board_send,
		.install = board_install,
		.activate = board_activate,
		.translate = board_translate,
	};
}

static void make_memory(struct board *board)
{
	if (!board->window_count)
		board->windows[board->window_count++] =
			(struct wire_span){ 0xe100000, 0xf00000 };
	check_board(board);
	board->port.window_count = board->window_count;
	board->walker.read = board_read;
	board->walker.context = board;
	board->memory = calloc(1, board->ram.size);
	board->port.staging = calloc(1, board->port.staging_bytes);
	if (!board->memory || !board->port.staging) {
		fputs("mmpboard: cannot allocate the board's\n", stderr);
		exit(1);
	}
}

/* Erased memory reads as 0xff; the contents stay in the file. */
static void open_flash(struct board *board, const char *path)
{
	int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	struct flash_file fresh = { .count = 0 };
	void *map = MAP_FAILED;

	if (!path)
		return;
	memset(fresh.kept, 0xff, sizeof(fresh.kept));
	if (fd >= 0 && (lseek(fd, 0, SEEK_END) >= (off_t)sizeof(fresh) ||
			pwrite(fd, &fresh, sizeof(fresh), 0) == (ssize_t)sizeof(fresh)))
		map = mmap(NULL, sizeof(fresh), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			   0);
	if (map == MAP_FAILED) {
		fprintf(stderr, "mmpboard: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	close(fd);
	board->flash = map;
	board->port.kept = board->flash->kept;
	board->port.kept_bytes = sizeof(board->flash->kept);
	board->port.keep = board_keep;
	board->port.count = board_count;
	board->port.count_to = board_count_to;
}

static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static void serve(struct board *board, int stop)
{
	uint8_t bytes[4096];
	long n;

	while ((n = lines_read(&board->lines, stop, bytes, sizeof(bytes))) >= 0)
		for (long i = 0; i < n; i++)
			loader_take(&board->loader, bytes[i]);
}

static void open_log(struct board *board, const char *path)
{
	if (!path)
		return;
	board->log = strcmp(path, "-") == 0 ? stderr : fopen(path, "we");
	if (!board->log) {
		fprintf(stderr, "mmpboard: %s: %s\n", path, strerror(errno));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static struct board board;
	struct board_options options = { 0 };
	int stop = catch_signals(), failed;

	defaults(&board);
	parse_options(&board, &options, argc, argv);
	make_memory(&board);
	open_log(&board, options.log);
	open_flash(&board, options.flash);
	loader_init(&board.loader, &board.port);
	failed = options.pty ? lines_open_pty(&board.lines, options.pty)
			     : lines_open_unix(&board.lines, options.unix_path);
	if (!failed) {
		printf("ready: %s\n", board.lines.link); /* for our parent process */
		fflush(stdout);
		serve(&board, stop);
	}
	lines_close(&board.lines);
	free(board.port.staging);
	free(board.memory);
	if (board.log && board.log != stderr)
		fclose(board.log);
	return failed ? 1 : 0;
}
