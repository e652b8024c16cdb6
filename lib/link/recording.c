/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/recording.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"

enum { BYTES_A_LINE = 64 };

static void add_hex(struct mmp_buffer *text, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		mmp_buffer_printf(text, "%02x", bytes[i]);
	mmp_buffer_text(text, "\n");
}

/* "NAME hex" */
static void add_field(struct mmp_buffer *text, const char *name, const uint8_t *bytes,
		      size_t length)
{
	mmp_buffer_printf(text, "%s ", name);
	add_hex(text, bytes, length);
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
	while (length && !bytes[length - 1])
		length--;
	return !length;
}

static void add_probe(struct mmp_buffer *text, const struct mmp_probe *probe)
{
	const struct mmp_par *par = &probe->expected;

	mmp_buffer_printf(text, "probe %d 0x%" PRIx64, probe->access, probe->va);
	if (par->fault)
		mmp_buffer_printf(text, " fault 0x%x\n", par->fault_status);
	else
		mmp_buffer_printf(text, " page 0x%" PRIx64 " 0x%x %u %u\n", par->pa,
				  par->memory, par->shareability, par->nonsecure);
}

static void add_trial(struct mmp_buffer *text, const struct mmp_trial *trial)
{
	mmp_buffer_printf(text, "trial %u %u %d %d %d %d", trial->region, trial->level,
			  trial->kind, trial->device, trial->nonsecure, trial->runs);
	for (size_t i = 0; i < 2; i++)
		mmp_buffer_printf(text, " 0x%" PRIx64 " 0x%" PRIx64 " 0x%x",
				  trial->pages[i].va, trial->pages[i].pa,
				  trial->pages[i].fault_status);
	mmp_buffer_text(text, "\n");
}

static void add_image(struct mmp_buffer *text, const struct mmp_image *image)
{
	add_field(text, "build", image->id.bytes, sizeof(image->id.bytes));
	add_field(text, "digest", image->digest.bytes, sizeof(image->digest.bytes));
	mmp_buffer_printf(text, "pool 0x%" PRIx64 " %zu %d\nregisters", image->pool_pa,
			  image->length, image->regime);
	for (size_t i = 0; i < WIRE_REGISTER_COUNT; i++)
		mmp_buffer_printf(text, " 0x%" PRIx64, image->registers[i]);
	mmp_buffer_text(text, "\n");
	for (size_t at = 0; at < image->length; at += BYTES_A_LINE)
		if (!is_zero(image->bytes + at, BYTES_A_LINE)) {
			mmp_buffer_printf(text, "bytes 0x%zx ", at);
			add_hex(text, image->bytes + at, BYTES_A_LINE);
		}
	for (size_t i = 0; i < image->probe_count; i++)
		add_probe(text, &image->probes[i]);
	for (size_t i = 0; i < image->trial_count; i++)
		add_trial(text, &image->trials[i]);
}

void mmp_recorder_begin(struct mmp_recorder *recorder, const struct mmp_push *push,
			const char *comment)
{
	struct mmp_buffer *text = &recorder->text;

	mmp_buffer_printf(text, MMP_RECORDING_FORMAT "\n# %s\nprotocol %d\n", comment,
			  WIRE_VERSION);
	mmp_buffer_printf(text, "session %u %" PRIu64 " %d %d %zu\n", push->number,
			  push->patience_ms, push->force, push->signs, push->body_limit);
	if (push->board_id)
		mmp_buffer_printf(text, "board %s\n", push->board_id);
	if (push->board_point) {
		add_field(text, "point", push->board_point, WIRE_POINT_SIZE);
		add_field(text, "secret", push->secret, WIRE_SECRET_SIZE);
	}
	if (push->image)
		add_image(text, push->image);
}

/* Write the time of an event; false if the recording is full. */
static bool start_event(struct mmp_recorder *recorder, uint64_t now_ms, size_t length)
{
	if (!recorder->is_started)
		recorder->started_ms = now_ms;
	recorder->is_started = true;
	if (recorder->is_full)
		return false;
	recorder->is_full = recorder->text.length + 2 * length + 400 > MMP_RECORDING_MAX;
	if (recorder->is_full)
		mmp_buffer_text(&recorder->text, "full\n");
	else
		mmp_buffer_printf(&recorder->text, "%" PRIu64 " ",
				  now_ms - recorder->started_ms);
	return !recorder->is_full;
}

void mmp_recorder_bytes(struct mmp_recorder *recorder, uint64_t now_ms, char direction,
			const uint8_t *bytes, size_t length)
{
	const char name[2] = { direction, '\0' };

	if (length && start_event(recorder, now_ms, length))
		add_field(&recorder->text, name, bytes, length);
}

void mmp_recorder_signed(struct mmp_recorder *recorder, uint64_t now_ms,
			 const uint8_t key[WIRE_KEY_ID_SIZE],
			 const uint8_t signature[WIRE_SIGNATURE_SIZE])
{
	uint8_t both[WIRE_KEY_ID_SIZE + WIRE_SIGNATURE_SIZE];

	memcpy(both, key, WIRE_KEY_ID_SIZE);
	memcpy(both + WIRE_KEY_ID_SIZE, signature, WIRE_SIGNATURE_SIZE);
	if (start_event(recorder, now_ms, sizeof(both)))
		add_field(&recorder->text, "signed", both, sizeof(both));
}

void mmp_recorder_event(struct mmp_recorder *recorder, uint64_t now_ms, const char *what)
{
	if (start_event(recorder, now_ms, strlen(what)))
		mmp_buffer_printf(&recorder->text, "%s\n", what);
}

void mmp_recorder_end(struct mmp_recorder *recorder, uint64_t now_ms,
		      const struct mmp_session *session, enum mmp_session_state state)
{
	const struct mmp_error *error = mmp_session_error(session);
	const char *why = error->code == MMP_OK ? "" : error->text;

	if (start_event(recorder, now_ms, strlen(why)))
		mmp_buffer_printf(&recorder->text, "end %s%s%s\n",
				  mmp_session_state_name(state), *why ? " " : "", why);
}
