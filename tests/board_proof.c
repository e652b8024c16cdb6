/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Push a platform's build to the board at the end of a line, whole first, then again and
 * again with one bit of one descriptor flipped on purpose, under a digest that goes with
 * it: does the proof notice? Prints "BIT DESCRIPTOR VA: N differences", a line for each
 * flip; the status is 1 where one went unnoticed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/platforms.h"
#include "board_line.h"
#include "doc/build.h"
#include "doc/platform.h"

enum { FLIPS = 40 };

static uint64_t random_state = 20260801;

static uint64_t dice(uint64_t sides)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(0x2545f4914f6cdd1d) >> 20) % sides;
}

static struct mmp_build *make_build(const char *path)
{
	const struct mmp_build_request request = { .pool_given = true,
						   .pool_pa = 0xe200000,
						   .pool_size = 0x10000 };
	json_t *json = json_load_file(path, 0, NULL), *stop = NULL;
	struct mmp_platform *platform;
	struct mmp_build *build;
	struct mmp_error err;

	if (!json || mmp_platform_read(json, &platform, &err) ||
	    mmp_build_make(platform, &request, &build, &stop, &err))
		board_die(path, json ? err.text : "cannot be read");
	json_decref(json);
	return build;
}

static struct mmp_probe *make_probes(const struct mmp_build *build, size_t *ret_count)
{
	struct mmp_probe *questions = mmp_build_probes(build, ret_count);

	if (!questions)
		board_die("proof", "no memory");
	return questions;
}

/*
 * What the proof must see: bits that change what AT says of an address that is mapped.
 * `leaf_bytes`: what the entry maps; 0 for one that points to a table.
 */
static bool shows(const struct mmp_build *build, const struct mmp_probe *probe,
		  uint64_t descriptor, uint64_t leaf_bytes, unsigned bit)
{
	uint64_t mair = mmp_layout_register_for(&build->layout, MMP_REGISTER_MAIR);
	unsigned kind = descriptor >> 2 & 7;
	bool cacheable = probe->expected.memory >> 4 && probe->expected.memory != 0x44;

	if (bit <= 1 || bit >= 12)
		return bit < 48 && (bit <= 1 || UINT64_C(1) << bit >= leaf_bytes);
	if (!leaf_bytes)
		return false;
	if (bit <= 4)
		return (mair >> 8 * kind & 0xff) !=
		       (mair >> 8 * (kind ^ 1u << (bit - 2)) & 0xff);
	return bit == 5 || bit == 7 || bit == 10 || (cacheable && (bit == 8 || bit == 9));
}

struct flip {
	const struct mmp_probe *probe;
	size_t at; /* of the descriptor in the pool */
	uint64_t descriptor;
	unsigned bit;
};

static struct flip choose(const struct mmp_build *build, const struct mmp_probe *probes,
			  size_t count)
{
	const struct mmp_memory memory = { .runs = { { build->pool_pa, build->bytes,
						       build->length } } };
	struct mmp_walker walker = mmp_layout_walker(&build->layout, &memory, 0);

	for (;;) {
		const struct mmp_probe *probe = &probes[dice(count)];
		struct mmp_walk walk = mmp_walk(&walker, (struct mmp_va){ probe->va });
		unsigned step = walk.count ? (unsigned)dice(walk.count) : 0;
		const struct mmp_walk_step *s = &walk.steps[step];
		uint64_t leaf_bytes = step + 1 == walk.count ? walk.size : 0;
		unsigned bit = (unsigned)dice(dice(2) ? 12 : 48);

		if (!probe->expected.fault &&
		    shows(build, probe, s->descriptor, leaf_bytes, bit))
			return (struct flip){ probe,
					      s->table_pa - build->pool_pa + 8 * s->index,
					      s->descriptor, bit };
	}
}

static struct mmp_session *push(int fd, struct mmp_image *image, uint16_t number)
{
	const struct mmp_push what = { .image = image, .force = true, .number = number };

	image->digest = mmp_digest_of(image->bytes, image->length);
	return board_session(fd, &what);
}

static bool names(const struct mmp_session_report *report, uint64_t va)
{
	for (size_t i = 0; i < report->differences_kept; i++)
		if (report->differences[i].probe.va == va)
			return true;
	return false;
}

/* A table that now leads out of the pool never goes live; the board says which it is. */
static bool refused(const struct mmp_session *session, const struct flip *flip)
{
	struct mmp_session_report report;

	mmp_session_report(session, &report);
	if (report.activated || mmp_session_error(session)->code != MMP_BOARD ||
	    !strstr(mmp_session_error(session)->text, "leads out of the pool"))
		return false;
	printf("%u 0x%016" PRIx64 " 0x%" PRIx64 ": refused\n", flip->bit,
	       flip->descriptor, flip->probe->va);
	return true;
}

/* Live, and yet a failure that names the address. */
static bool noticed(const struct mmp_session *session, const struct flip *flip)
{
	struct mmp_session_report report;

	if (refused(session, flip))
		return true;
	mmp_session_report(session, &report);
	printf("%u 0x%016" PRIx64 " 0x%" PRIx64 ": %zu differences\n", flip->bit,
	       flip->descriptor, flip->probe->va, report.difference_count);
	return report.activated && mmp_session_error(session)->code == MMP_BOARD &&
	       names(&report, flip->probe->va);
}

static bool push_flipped(int fd, struct mmp_build *build, struct mmp_image *image,
			 uint16_t number)
{
	struct flip flip = choose(build, image->probes, image->probe_count);
	uint8_t *byte = build->bytes + flip.at + flip.bit / 8;
	struct mmp_session *session;
	bool found;

	*byte ^= (uint8_t)(1 << flip.bit % 8);
	session = push(fd, image, number);
	*byte ^= (uint8_t)(1 << flip.bit % 8);
	found = noticed(session, &flip);
	mmp_session_free(session);
	return found;
}

static void push_whole(int fd, struct mmp_image *image, uint16_t number)
{
	struct mmp_session *session = push(fd, image, number);

	if (mmp_session_error(session)->code != MMP_OK)
		board_die("the whole build", mmp_session_error(session)->text);
	mmp_session_free(session);
}

int main(int argc, char **argv)
{
	struct mmp_build *build;
	struct mmp_image image;
	struct mmp_probe *probes;
	uint16_t number = (uint16_t)getpid();
	size_t count;
	int unnoticed = 0, fd;

	if (argc != 3)
		board_die("usage", "board_proof LINE PLATFORM-DOCUMENT");
	build = make_build(argv[2]);
	probes = make_probes(build, &count);
	image = bench_image(build);
	image.probes = probes;
	image.probe_count = count;
	fd = board_connect(argv[1]);
	push_whole(fd, &image, number++);
	for (int i = 0; i < FLIPS; i++)
		unnoticed += !push_flipped(fd, build, &image, number++);
	push_whole(fd, &image, number);
	board_hang_up(fd);
	free(probes);
	mmp_build_free(build);
	return unnoticed ? 1 : 0;
}
