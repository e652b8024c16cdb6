/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/core.h"
#include "loader/mmu.h"
#include "loader/port.h"
#include "loader/timer.h"
#include "loader/uart.h"

/* From the linker script. */
extern uint8_t image_start[], image_end[], staging_start[], staging_end[];

void loader_main(void);
void loader_resume(void);
void loader_exception(uint64_t esr, uint64_t elr, uint64_t far);
void loader_bark(uint64_t elr);

static struct loader loader;
static struct loader_port port;

static void send(void *context, const uint8_t *bytes, size_t length)
{
	(void)context;
	uart_write(bytes, length);
}

static void install(void *context, uint64_t pa, const uint8_t *bytes, size_t length)
{
	(void)context;
	mmu_install(pa, bytes, length);
}

static void activate_tables(void *context, const struct wire_begin *begin)
{
	(void)context;
	mmu_activate(begin);
}

static uint64_t translate_address(void *context, uint64_t va, enum wire_access access)
{
	(void)context;
	return mmu_translate(va, access);
}

static struct wire_trial_result execute(void *context, const struct wire_trial *trial,
					uint64_t pa)
{
	(void)context;
	return mmu_execute(trial, pa);
}

static const uint8_t *memory(void *context, uint64_t pa)
{
	(void)context;
	return (const uint8_t *)(uintptr_t)pa;
}

static bool keep_in_flash(void *context, size_t at, const uint8_t *bytes, size_t length)
{
	(void)context;
	return port_keep(at, bytes, length);
}

static uint64_t count(void *context)
{
	(void)context;
	return port_count();
}

static bool count_to(void *context, uint64_t value)
{
	(void)context;
	return port_count_to(value);
}

/* The time differs between starts; a processor with random numbers adds some. */
static void seed(void *context, uint8_t ret_seed[LOADER_SEED_SIZE])
{
	uint64_t words[LOADER_SEED_SIZE / 8] = { timer_now() };

	(void)context;
	for (size_t i = 1; i < LOADER_SEED_SIZE / 8; i++)
		words[i] = mmu_random();
	memcpy(ret_seed, words, LOADER_SEED_SIZE);
}

/* The ranges of the port with this use; at most `most` of them. */
static size_t spans_of(enum mmu_use use, struct wire_span *spans, size_t most)
{
	const struct mmu_range *range = port_facts.ranges;
	size_t count = 0;

	for (; range->size && count < most; range++)
		if (range->use == use)
			spans[count++] = (struct wire_span){ range->base, range->size };
	return count;
}

void loader_main(void)
{
	static struct wire_span own[1 + PORT_RANGES_MAX], windows[WIRE_WINDOWS_MAX];

	mmu_own_map(port_facts.ranges);
	own[0] = (struct wire_span){ (uintptr_t)image_start,
				     (uint64_t)(image_end - image_start) };
	port = (struct loader_port){
		.id = port_facts.id,
		.windows = windows,
		.window_count = spans_of(MMU_WINDOW, windows, WIRE_WINDOWS_MAX),
		.own = own,
		.own_count = 1 + spans_of(MMU_OWN, own + 1, PORT_RANGES_MAX),
		.staging = staging_start,
		.staging_bytes = (uint32_t)(staging_end - staging_start),
		.takes_unsigned = LOADER_TAKES_UNSIGNED,
		.has_aarch32 = mmu_has_aarch32(),
		.has_bti = mmu_has_bti(),
		.execute = execute,
		.memory = memory,
		.seed = seed,
		.send = send,
		.install = install,
		.activate = activate_tables,
		.translate = translate_address,
	};
	port.kept = port_kept(&port.kept_bytes);
	if (port.kept)
		port.keep = keep_in_flash;
	if (port_counts()) {
		port.count = count;
		port.count_to = count_to;
	}
	loader_resume();
}

/*
 * The main loop, entered at start and after an exception. After an exception the live
 * state is unknown, as it may have been about to change.
 */
void loader_resume(void)
{
	port_init(); /* first, as it makes readable what the board keeps */
	mmu_end_trial();
	loader_init(&loader, &port);
	uart_init();
	for (;;) {
		uint8_t byte = uart_read();

		port_watch();
		loader_take(&loader, byte);
	}
}

static void print(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	uart_write((const uint8_t *)text, length);
}

static void print_hex(const char *name, uint64_t value)
{
	char digits[16];

	for (int i = 0; i < 16; i++)
		digits[i] = "0123456789abcdef"[value >> (60 - 4 * i) & 15];
	print(name);
	uart_write((const uint8_t *)digits, sizeof(digits));
}

/*
 * Text for a person who watches the line, between ENDs; for the host it is a broken
 * frame.
 */
static void report(const char *what)
{
	print("\xc0\r\nmmp loader: ");
	print(what);
}

void loader_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
	report("unexpected exception at EL3, starting again:");
	print_hex(" esr 0x", esr);
	print_hex(" elr 0x", elr);
	print_hex(" far 0x", far);
	print("\r\n\xc0");
}

void loader_bark(uint64_t elr)
{
	report("a request took too long, starting again:");
	print_hex(" elr 0x", elr);
	print("\r\n\xc0");
}
