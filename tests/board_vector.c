/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Push the tables of recorded platforms to the board at the end of a line, at an address of
 * that board's memory, wherever the platform's own is, and have them proved. Prints
 * "FILE: N addresses, M differ" for each, or "FILE: stops" where the firmware makes none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch/regime.h"
#include "board_line.h"
#include "doc/platform.h"
#include "tables/layout.h"
#include "tables/probe.h"

enum { PAGE = 4096 };

#define POOL UINT64_C(0xe200000)

static size_t whole_pages(size_t bytes)
{
	return (bytes + PAGE - 1) / PAGE * PAGE;
}

static void set_registers(struct mmp_image *image, const struct mmp_layout *layout)
{
	const struct mmp_regime *regime = layout->plan.shape.regime;
	uint64_t base = mmp_tables_view(&layout->tables, 0).pa;

	image->registers[WIRE_TTBR0] = base;
	image->registers[WIRE_TCR] = mmp_layout_register_for(layout, MMP_REGISTER_TCR);
	image->registers[WIRE_MAIR] = mmp_layout_register_for(layout, MMP_REGISTER_MAIR);
	if (regime == &mmp_regime_pl1_long)
		image->regime = WIRE_AARCH32_LONG;
	if (regime != &mmp_regime_pl1_short)
		return;
	image->regime = WIRE_AARCH32_SHORT;
	image->registers[WIRE_MAIR] = mmp_layout_register(layout, "nmrr") << 32 |
				      mmp_layout_register(layout, "prrr");
	image->registers[WIRE_TTBR0] = image->registers[WIRE_TTBR1] =
		base | mmp_layout_register(layout, "ttbr_attr");
	image->registers[WIRE_DACR] = mmp_layout_register(layout, "dacr");
}

static void push(int fd, const struct mmp_layout *layout, const char *name,
		 uint16_t number)
{
	const struct mmp_tables *t = &layout->tables;
	size_t base = whole_pages(t->base_count * t->base_bytes);
	size_t length = base + whole_pages(t->used * t->xlat_size);
	struct mmp_memory memory = mmp_layout_memory(layout);
	struct mmp_image image = { .pool_pa = POOL, .length = length };
	const struct mmp_push what = { .image = &image, .force = true, .number = number };
	uint8_t *bytes = calloc(1, length);
	struct mmp_session_report report;
	struct mmp_session *session;

	memcpy(bytes, t->base, t->base_count * t->base_bytes);
	memcpy(bytes + base, t->xlat_bytes, t->used * t->xlat_size);
	image.bytes = bytes;
	image.id = image.digest = mmp_digest_of(bytes, length);
	image.probes = mmp_probe_make(layout, &memory, &image.probe_count);
	set_registers(&image, layout);
	session = board_session(fd, &what);
	mmp_session_report(session, &report);
	if (!report.activated)
		printf("%s: %s\n", name, mmp_session_error(session)->text);
	else
		printf("%s: %zu addresses, %zu differ %s\n", name, report.proved,
		       report.difference_count, mmp_session_error(session)->text);
	mmp_session_free(session);
	free((void *)image.probes);
	free(bytes);
}

/* Base tables first, the others on the next page. */
static bool make_layout(struct mmp_layout *layout, const struct mmp_platform *platform)
{
	struct mmp_placement placement = { .base_pa = POOL, .xlat_pa = POOL };
	struct mmp_error err;

	if (mmp_layout_make(layout, platform, NULL, &err))
		return false;
	placement.xlat_pa +=
		whole_pages(layout->tables.base_count * layout->tables.base_bytes);
	return mmp_layout_make(layout, platform, &placement, &err) == 0;
}

int main(int argc, char **argv)
{
	struct mmp_layout layout;
	int fd;

	if (argc < 3)
		board_die("usage", "board_vector LINE VECTOR...");
	fd = board_connect(argv[1]);
	mmp_layout_init(&layout);
	for (int i = 2; i < argc; i++) {
		json_t *json = json_load_file(argv[i], 0, NULL);
		struct mmp_platform *platform;
		struct mmp_error err;

		if (!json || mmp_platform_read(json, &platform, &err))
			board_die(argv[i], json ? err.text : "cannot be read");
		json_decref(json);
		if (make_layout(&layout, platform))
			push(fd, &layout, argv[i], (uint16_t)(getpid() + i));
		else
			printf("%s: stops\n", argv[i]);
		mmp_platform_free(platform);
	}
	mmp_layout_done(&layout);
	board_hang_up(fd);
	return 0;
}
