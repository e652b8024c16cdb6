/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Push tables full of every kind of descriptor to the board at the end of a line, and
 * print what its MMU answers: "CASE VA ACCESS PAR", a line each. Two boards that print
 * the same translate alike.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "board_line.h"

enum { PAGE = 4096, PAGES = 8, ENTRIES = 512, PROBES = 1000 };

#define POOL UINT64_C(0x0e300000)

static uint8_t pool[PAGES * PAGE];
static struct mmp_probe probes[PROBES];
static uint64_t random_state;

/* One regime: how wide virtual and physical addresses are, and which page is the root. */
struct regime {
	const char *name;
	uint64_t tcr, root;
	unsigned int va_bits;
};

#define TCR(t0sz, ips)                                                                   \
	(UINT64_C(1) << 23 | UINT64_C(ips) << 32 | UINT64_C(0x3500) | (t0sz))

/* Page 0 is a level 0 table, 1 a level 1, 2 and 6 level 2, 3, 4 and 5 level 3. */
static const struct regime regimes[] = {
	{ "48 bits", TCR(16, 5), 0, 48 },
	{ "48 bits, 32-bit output", TCR(16, 0), 0, 48 },
	{ "44 bits, top byte ignored", TCR(20, 4) | UINT64_C(1) << 37, 0, 44 },
	{ "39 bits", TCR(25, 2), 1, 39 },
	{ "32 bits", TCR(32, 4), 1, 32 },
	{ "32 bits, reserved output size", TCR(32, 7), 1, 32 },
	{ "30 bits", TCR(34, 1), 2, 30 },
	{ "25 bits", TCR(39, 0), 2, 25 },
	{ "walks forbidden", TCR(32, 0) | 1 << 7, 1, 32 },
};

static uint64_t dice(uint64_t sides)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(0x2545f4914f6cdd1d) >> 20) % sides;
}

static void put_entry(uint64_t page, uint64_t index, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		pool[PAGE * page + 8 * index + (uint64_t)i] = (uint8_t)(value >> 8 * i);
}

/* Any attributes; an output address of any size, mostly one that fits; any type. */
static uint64_t random_leaf(bool last_level)
{
	uint64_t type = dice(8) ? 1 : 0;

	uint64_t address = dice(UINT64_C(1) << (dice(4) ? 31 : 20 + dice(29)));
	uint64_t attributes = dice(1024) << 2 | dice(32) << 50;

	if (dice(5))
		attributes |= 1 << 10; /* accessed */
	else
		attributes &= ~(UINT64_C(1) << 10);
	/* At level 3 bit 1 is what makes a page; elsewhere it would make a table of anything. */
	if (last_level ? dice(16) : !type)
		type |= 2;
	return (address & UINT64_C(0xfffffffff000)) | attributes | type;
}

/* To one of the pages of the next level, as nothing else is taken; with table attributes. */
static uint64_t random_table(const uint64_t *next, size_t count)
{
	uint64_t to = POOL + PAGE * next[dice(count)];

	if (dice(4) == 0)
		to |= dice(16) << 59; /* PXN, XN, and AP */
	return to | 3;
}

static void fill(uint64_t page, unsigned int tables_of_16, const uint64_t *next,
		 size_t count)
{
	for (uint64_t i = 0; i < ENTRIES; i++)
		put_entry(page, i,
			  dice(16) < tables_of_16 ? random_table(next, count)
						  : random_leaf(count == 0));
}

static void fill_pool(uint64_t seed)
{
	const uint64_t level1[] = { 1 }, level2[] = { 2, 6 }, level3[] = { 3, 4, 5 };

	random_state = seed;
	memset(pool, 0, sizeof(pool));
	for (uint64_t i = 0; i < ENTRIES;
	     i++) /* no blocks: QEMU 7.2 takes them for valid */
		put_entry(0, i, dice(4) ? random_table(level1, 1) : dice(1024) << 2);
	fill(1, 12, level2, 2);
	fill(2, 12, level3, 3);
	fill(6, 8, level3, 3);
	for (uint64_t page = 3; page <= 5; page++)
		fill(page, 0, NULL, 0);
	put_entry(0, 0, (POOL + 1 * PAGE) | 3);
	put_entry(1, 0, (POOL + 2 * PAGE) | 3);
	put_entry(2, 0, (POOL + 3 * PAGE) | 3);
}

/* Everywhere in the space, often near its beginning, sometimes outside of it. */
static void choose_probes(const struct regime *regime)
{
	for (size_t i = 0; i < PROBES; i++) {
		unsigned int bits = regime->va_bits;

		if (dice(2) && bits > 34)
			bits = 34;
		if (dice(16) == 0)
			bits = 64;
		probes[i].va = dice(UINT64_C(1) << 32) << 32 | dice(UINT64_C(1) << 32);
		if (bits < 64)
			probes[i].va &= (UINT64_C(1) << bits) - 1;
		probes[i].access = i % MMP_PROBE_ACCESS_COUNT;
		/* No board says so: each comes back as a difference, with its PAR_EL1. */
		probes[i].expected =
			(struct mmp_par){ .fault = true, .fault_status = 0x3f };
	}
}

static void push(const struct mmp_image *image, int fd, uint16_t number, const char *name)
{
	const struct mmp_push what = { .image = image, .force = true, .number = number };
	struct mmp_session *session = board_session(fd, &what);
	struct mmp_session_report report;

	mmp_session_report(session, &report);
	if (report.differences_kept != PROBES)
		board_die(name, mmp_session_error(session)->text);
	for (size_t i = 0; i < PROBES; i++)
		printf("%s: 0x%016" PRIx64 " %s 0x%016" PRIx64 "\n", name,
		       report.differences[i].probe.va,
		       mmp_probe_access_name(report.differences[i].probe.access),
		       report.differences[i].got_par);
	fprintf(stderr,
		"%s: %s; %" PRIu64 "+%" PRIu64 " bytes, proof %" PRIu64 "+%" PRIu64
		", %" PRIu64 " resent, round trip %" PRIu64 " ms, %" PRIu64
		" ms in all\n",
		report.board.id, name, report.bytes_sent, report.bytes_received,
		report.proof_bytes_sent, report.proof_bytes_received,
		report.frames_resent, report.round_trip_ms, report.elapsed_ms);
	mmp_session_free(session);
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 2)
		board_die("usage", "board_walks LINE");
	fd = board_connect(argv[1]);
	for (size_t i = 0; i < sizeof(regimes) / sizeof(regimes[0]); i++) {
		const struct regime *regime = &regimes[i];
		struct mmp_image image = {
			.pool_pa = POOL,
			.bytes = pool,
			.length = sizeof(pool),
			/* device, device, non-cacheable, write-through, write-back ... */
			.registers[WIRE_MAIR] = UINT64_C(0xf4eebbffaa440400),
			.registers[WIRE_TCR] = regime->tcr,
			.registers[WIRE_TTBR0] = POOL + PAGE * regime->root,
			.probes = probes,
			.probe_count = PROBES,
		};

		fill_pool(i + 1);
		choose_probes(regime);
		image.digest = image.id = mmp_digest_of(pool, sizeof(pool));
		image.id.bytes[0] ^= (uint8_t)i;
		push(&image, fd, (uint16_t)(getpid() + (int)i), regime->name);
	}
	board_hang_up(fd);
	return 0;
}
