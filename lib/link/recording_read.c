/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

/* The rest of the line being read, and whether anything in it was invalid. */
struct words {
	char *rest;
	bool failed;
};

static char *next_word(struct words *words)
{
	char *word = words->rest, *space = strchr(word, ' ');

	words->failed |= !*word;
	words->rest = space ? space + 1 : word + strlen(word);
	if (space)
		*space = '\0';
	return word;
}

static uint64_t next_number(struct words *words, uint64_t most)
{
	char *word = next_word(words), *end;
	uint64_t value = strtoull(word, &end, 0);

	words->failed |= *end || !*word || *word == '-' || value > most;
	return words->failed ? 0 : value;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode hex digits in place; returns the number of bytes. */
static size_t next_bytes(struct words *words, uint8_t **ret_bytes)
{
	char *word = next_word(words);
	size_t length = strlen(word) / 2;

	words->failed |= strlen(word) % 2;
	*ret_bytes = (uint8_t *)word;
	for (size_t i = 0; i < length; i++) {
		int high = digit(word[2 * i]), low = digit(word[2 * i + 1]);

		words->failed |= high < 0 || low < 0;
		(*ret_bytes)[i] = (uint8_t)((high & 0xf) << 4 | (low & 0xf));
	}
	return words->failed ? 0 : length;
}

static void next_field(struct words *words, uint8_t *field, size_t size)
{
	uint8_t *bytes;

	words->failed |= next_bytes(words, &bytes) != size;
	if (!words->failed)
		memcpy(field, bytes, size);
}

static void *more(void *array, size_t count, size_t size)
{
	if (count & (count - 1) && count)
		return array; /* it only grows at powers of two */
	return realloc(array, (count ? 2 * count : 1) * size);
}

/* --- the lines that say what was to be done --- */

static void read_session(struct mmp_recording *recording, struct words *words)
{
	struct mmp_push *push = &recording->push;

	push->number = (uint16_t)next_number(words, UINT16_MAX);
	push->patience_ms = next_number(words, UINT32_MAX);
	push->force = next_number(words, 1);
	push->signs = next_number(words, 1);
	push->body_limit = next_number(words, WIRE_BODY_MAX);
}

static void read_protocol(struct mmp_recording *recording, struct words *words)
{
	(void)recording;
	words->failed |= next_number(words, UINT16_MAX) != WIRE_VERSION;
}

static void read_board(struct mmp_recording *recording, struct words *words)
{
	words->failed |= strlen(words->rest) > WIRE_ID_MAX;
	snprintf(recording->board_id, sizeof(recording->board_id), "%s", words->rest);
	recording->push.board_id = recording->board_id;
	words->rest += strlen(words->rest);
}

static void read_point(struct mmp_recording *recording, struct words *words)
{
	next_field(words, recording->point, sizeof(recording->point));
	recording->push.board_point = recording->point;
}

static void read_secret(struct mmp_recording *recording, struct words *words)
{
	next_field(words, recording->secret, sizeof(recording->secret));
	recording->push.secret = recording->secret;
}

static void read_build(struct mmp_recording *recording, struct words *words)
{
	next_field(words, recording->image.id.bytes, sizeof(recording->image.id.bytes));
}

static void read_digest(struct mmp_recording *recording, struct words *words)
{
	next_field(words, recording->image.digest.bytes,
		   sizeof(recording->image.digest.bytes));
}

static void read_pool(struct mmp_recording *recording, struct words *words)
{
	struct mmp_image *image = &recording->image;

	words->failed |= recording->pool != NULL;
	image->pool_pa = next_number(words, UINT64_MAX);
	image->length = next_number(words, MMP_RECORDING_POOL_MAX);
	image->regime = (enum wire_regime)next_number(words, WIRE_REGIME_COUNT - 1);
	if (words->failed)
		return;
	recording->pool = calloc(1, image->length ? image->length : 1);
	words->failed |= !recording->pool;
	image->bytes = recording->pool;
	recording->push.image = image;
}

static void read_registers(struct mmp_recording *recording, struct words *words)
{
	for (size_t i = 0; i < WIRE_REGISTER_COUNT; i++)
		recording->image.registers[i] = next_number(words, UINT64_MAX);
}

static void read_bytes(struct mmp_recording *recording, struct words *words)
{
	size_t at = next_number(words, SIZE_MAX), length;
	uint8_t *bytes;

	length = next_bytes(words, &bytes);
	words->failed |= !recording->pool || at > recording->image.length ||
			 length > recording->image.length - at;
	if (!words->failed)
		memcpy(recording->pool + at, bytes, length);
}

static void read_probe(struct mmp_recording *recording, struct words *words)
{
	struct mmp_probe probe = { .access = (enum mmp_probe_access)next_number(
					   words, MMP_PROBE_ACCESS_COUNT - 1) };
	struct mmp_image *image = &recording->image;
	struct mmp_par *par = &probe.expected;
	struct mmp_probe *probes;

	probe.va = next_number(words, UINT64_MAX);
	par->fault = !strcmp(next_word(words), "fault");
	if (par->fault) {
		par->fault_status = (uint8_t)next_number(words, UINT8_MAX);
	} else {
		par->pa = next_number(words, UINT64_MAX);
		par->memory = (uint8_t)next_number(words, UINT8_MAX);
		par->shareability = (uint8_t)next_number(words, 3);
		par->nonsecure = next_number(words, 1);
	}
	probes = words->failed || image->probe_count == MMP_PROBES_MAX
			 ? NULL
			 : more(recording->probes, image->probe_count, sizeof(probe));
	words->failed |= !probes;
	if (!probes)
		return;
	recording->probes = probes;
	image->probes = probes;
	probes[image->probe_count++] = probe;
}

static void read_trial(struct mmp_recording *recording, struct words *words)
{
	struct mmp_trial trial = { .region = (uint32_t)next_number(words, UINT32_MAX) };
	struct mmp_image *image = &recording->image;
	struct mmp_trial *trials;

	trial.level = (uint8_t)next_number(words, 1);
	trial.kind = (enum mmp_trial_kind)next_number(words, MMP_TRIAL_KIND_COUNT - 1);
	trial.device = next_number(words, 1);
	trial.nonsecure = next_number(words, 1);
	trial.runs = next_number(words, 1);
	for (size_t i = 0; i < 2; i++) {
		trial.pages[i].va = next_number(words, UINT64_MAX);
		trial.pages[i].pa = next_number(words, UINT64_MAX);
		trial.pages[i].fault_status = (uint8_t)next_number(words, UINT8_MAX);
	}
	trials = words->failed || image->trial_count == MMP_PROBES_MAX
			 ? NULL
			 : more(recording->trials, image->trial_count, sizeof(trial));
	words->failed |= !trials;
	if (!trials)
		return;
	recording->trials = trials;
	image->trials = trials;
	trials[image->trial_count++] = trial;
}

static void read_full(struct mmp_recording *recording, struct words *words)
{
	(void)recording;
	words->failed = true;
}

/* clang-format off */
static const struct {
	const char *name;
	void (*read)(struct mmp_recording *recording, struct words *words);
} lines[] = {
	{ "protocol",  read_protocol },
	{ "session",   read_session },
	{ "board",     read_board },
	{ "point",     read_point },
	{ "secret",    read_secret },
	{ "build",     read_build },
	{ "digest",    read_digest },
	{ "pool",      read_pool },
	{ "registers", read_registers },
	{ "bytes",     read_bytes },
	{ "probe",     read_probe },
	{ "trial",     read_trial },
	{ "full",      read_full },
};
/* clang-format on */

/* --- what happened --- */

static uint8_t *copy_bytes(const uint8_t *bytes, size_t length)
{
	uint8_t *to = malloc(length + 1);

	if (to) {
		memcpy(to, bytes, length);
		to[length] = '\0';
	}
	return to;
}

static void read_event(struct mmp_recording *recording, uint64_t ms, struct words *words)
{
	struct mmp_recorded event = { .ms = ms }, *events;
	const char *what = next_word(words);
	bool has_bytes =
		!strcmp(what, ">") || !strcmp(what, "<") || !strcmp(what, "signed");
	bool has_text =
		!strcmp(what, "lost") || !strcmp(what, "refused") || !strcmp(what, "end");
	uint8_t *bytes = NULL;

	event.kind = what[0];
	words->failed |= !has_bytes && !has_text && strcmp(what, "cancel");
	words->failed |= recording->event_count &&
			 ms < recording->events[recording->event_count - 1].ms;
	if (has_bytes)
		event.length = next_bytes(words, &bytes);
	words->failed |= event.kind == 's' &&
			 event.length != WIRE_KEY_ID_SIZE + WIRE_SIGNATURE_SIZE;
	if (words->failed)
		return;
	events = more(recording->events, recording->event_count, sizeof(event));
	words->failed |= !events;
	if (!events)
		return;
	recording->events = events;
	if (has_bytes)
		event.bytes = copy_bytes(bytes, event.length);
	if (has_text)
		event.text =
			(char *)copy_bytes((uint8_t *)words->rest, strlen(words->rest));
	words->failed |= (has_bytes && !event.bytes) || (has_text && !event.text);
	words->rest += strlen(words->rest);
	events[recording->event_count++] = event;
}

static void read_recorded_line(struct mmp_recording *recording, struct words *words)
{
	char *first = next_word(words), *end;
	uint64_t ms = strtoull(first, &end, 10);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (!strcmp(first, lines[i].name)) {
			lines[i].read(recording, words);
			return;
		}
	words->failed |= digit(*first) < 0 || *end;
	if (!words->failed)
		read_event(recording, ms, words);
}

static int refuse_line(unsigned int number, const char *line, struct mmp_error *err)
{
	if (!strncmp(line, "full", 4))
		return mmp_fail(err, MMP_INVALID,
				"line %u: the recording was cut at its limit of %u bytes",
				number, MMP_RECORDING_MAX);
	if (!strncmp(line, "protocol", 8))
		return mmp_fail(err, MMP_INVALID,
				"line %u: \"%.20s\": this is version %d of the protocol",
				number, line, WIRE_VERSION);
	return mmp_fail(err, MMP_INVALID, "line %u is not one of a recording: \"%.40s\"",
			number, line);
}

static int read_lines(struct mmp_recording *recording, char *text, struct mmp_error *err)
{
	unsigned int number = 0;

	for (char *line = text, *next; *line; line = next) {
		char *end = strchr(line, '\n'), shown[41];
		struct words words = { line, false };

		next = end ? end + 1 : line + strlen(line);
		if (end)
			*end = '\0';
		snprintf(shown, sizeof(shown), "%s", line);
		if (number++ == 0)
			words.failed = strcmp(line, MMP_RECORDING_FORMAT);
		else if (*line && *line != '#')
			read_recorded_line(recording, &words);
		if (words.failed)
			return refuse_line(number, shown, err);
	}
	if (recording->event_count)
		return 0;
	return mmp_fail(err, MMP_INVALID, "the recording is empty");
}

struct mmp_recording *mmp_recording_read(const char *text, struct mmp_error *err)
{
	struct mmp_recording *recording = calloc(1, sizeof(*recording));
	char *mine = (char *)copy_bytes((const uint8_t *)text, strlen(text));
	int failed = -1;

	if (recording && mine)
		failed = read_lines(recording, mine, err);
	else
		mmp_fail(err, MMP_SYSTEM, "no memory for a recording");
	free(mine);
	if (!failed)
		return recording;
	mmp_recording_free(recording);
	return NULL;
}

void mmp_recording_free(struct mmp_recording *recording)
{
	if (!recording)
		return;
	for (size_t i = 0; i < recording->event_count; i++) {
		free(recording->events[i].bytes);
		free(recording->events[i].text);
	}
	free(recording->events);
	free(recording->probes);
	free(recording->trials);
	free(recording->pool);
	free(recording);
}
