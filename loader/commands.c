/* SPDX-License-Identifier: BSD-2-Clause */
#include <bearssl.h>
#include <string.h>

#include "loader/core.h"
#include "loader/trust.h"
#include "wire/runs.h"

/*
 * Every command can safely be received twice, as an answer may get lost: begin and
 * activate remember that they were done, the others do the same thing again. A late
 * duplicate of a command from the line finds another state and changes nothing; nobody
 * waits for its answer.
 */

typedef enum wire_status command_run(struct loader *loader,
				     const struct wire_header *header,
				     struct wire_reader *in, struct wire_writer *out);

struct loader_command {
	command_run *run;
	uint8_t states; /* states in which it is allowed: bits of enum loader_state */
	bool opens;     /* allowed outside of a session */
};

static uint8_t board_flags(const struct loader *loader)
{
	const struct loader_port *port = loader->port;

	return (uint8_t)((loader->live ? WIRE_BOARD_LIVE : 0) |
			 (trust_needs_signature(loader) ? 0 : WIRE_BOARD_UNSIGNED) |
			 (loader->has_secret ? WIRE_BOARD_HAS_KEY : 0) |
			 (port->count ? WIRE_BOARD_COUNTS : 0) |
			 (port->has_aarch32 ? WIRE_BOARD_AARCH32 : 0) |
			 (port->keep ? WIRE_BOARD_KEEPS : 0) |
			 (port->execute ? WIRE_BOARD_EXECUTES : 0) |
			 (port->has_bti ? WIRE_BOARD_GUARDS : 0));
}

static void put_board(const struct loader *loader, struct wire_writer *out)
{
	const struct loader_port *port = loader->port;
	struct wire_board board = {
		.version = WIRE_VERSION,
		.flags = board_flags(loader),
		.body_max = port->body_max ? port->body_max : LOADER_BODY_MAX,
		.frames_max = LOADER_FRAMES_MAX,
		.staging_bytes = loader_staging(port),
		.counter = port->count ? port->count(port->context) : 0,
		.window_count = (uint8_t)port->window_count,
	};

	while (port->id[board.id_length] && board.id_length < WIRE_ID_MAX) {
		board.id[board.id_length] = port->id[board.id_length];
		board.id_length++;
	}
	for (size_t i = 0; i < loader->key_count; i++)
		if (!loader->keys[i].revoked)
			memcpy(board.keys[board.key_count++], loader->keys[i].id,
			       WIRE_KEY_ID_SIZE);
	memcpy(board.nonce, loader->nonce, sizeof(board.nonce));
	memcpy(board.live_build, loader->live_begin.build, sizeof(board.live_build));
	memcpy(board.windows, port->windows,
	       port->window_count * sizeof(board.windows[0]));
	wire_put_board(out, &board);
}

static void digest_of(const uint8_t *bytes, size_t length,
		      uint8_t ret_digest[br_sha256_SIZE])
{
	br_sha256_context context;

	br_sha256_init(&context);
	br_sha256_update(&context, bytes, length);
	br_sha256_out(&context, ret_digest);
}

/* Put the digests of the staged pages, from `page` on, as far as the answer has room. */
static void put_pages(const struct loader *loader, uint32_t page, struct wire_writer *out)
{
	uint32_t pages = loader->staged / WIRE_PAGE;
	uint8_t digest[br_sha256_SIZE];

	wire_put_varint(out, pages);
	for (; page < pages && out->capacity - out->at >= WIRE_PAGE_DIGEST_SIZE; page++) {
		digest_of(loader->port->staging + (size_t)page * WIRE_PAGE, WIRE_PAGE,
			  digest);
		wire_put_bytes(out, digest, WIRE_PAGE_DIGEST_SIZE);
	}
}

/*
 * A new session drops what an interrupted one had staged, so that the board cannot get
 * stuck.
 */
static enum wire_status hello(struct loader *loader, const struct wire_header *header,
			      struct wire_reader *in, struct wire_writer *out)
{
	struct wire_hello hello;

	wire_get_hello(in, &hello);
	if (in->failed || hello.magic != WIRE_MAGIC)
		return WIRE_BAD_MESSAGE;
	if (hello.version != WIRE_VERSION) {
		wire_put16(out, WIRE_VERSION);
		return WIRE_BAD_VERSION;
	}
	if (!wire_read_whole(in))
		return WIRE_BAD_MESSAGE;
	if (!loader->greeted || loader->session != header->session) {
		loader->state = LOADER_IDLE;
		trust_new_nonce(loader, in->bytes, in->length);
	}
	loader->authentic = false;
	if (hello.authentic) {
		enum wire_status status = trust_agree(loader, hello.point);

		if (status != WIRE_OK)
			return status;
	}
	loader->greeted = true;
	loader->session = header->session;
	put_board(loader, out);
	if (hello.compares)
		put_pages(loader, hello.page, out);
	return WIRE_OK;
}

static bool same(const struct wire_begin *a, const struct wire_begin *b)
{
	return memcmp(a->build, b->build, sizeof(a->build)) == 0 &&
	       memcmp(a->digest, b->digest, sizeof(a->digest)) == 0 &&
	       a->length == b->length && a->pool_pa == b->pool_pa &&
	       a->regime == b->regime && a->keeps == b->keeps &&
	       memcmp(a->registers, b->registers, sizeof(a->registers)) == 0 &&
	       a->is_signed == b->is_signed && a->counter == b->counter &&
	       memcmp(a->signature, b->signature, sizeof(a->signature)) == 0;
}

static bool said_before(const struct loader *loader, const struct wire_header *header,
			const struct wire_begin *begin)
{
	return loader->state != LOADER_IDLE &&
	       loader->begin_sequence == header->sequence && same(&loader->begin, begin);
}

static enum wire_word word_width(const struct loader *loader)
{
	return loader->begin.regime == WIRE_AARCH32_SHORT ? WIRE_SHORT_WORD
							  : WIRE_LONG_WORD;
}

/* Write nothing unless all of the runs are valid and fit. */
static enum wire_status put_runs(struct loader *loader, uint32_t offset,
				 struct wire_reader *in)
{
	const uint8_t *runs = in->bytes + in->at;
	size_t length = in->length - in->at;
	enum wire_word width = word_width(loader);
	size_t room = (loader->begin.length - offset) / width;

	in->at = in->length;
	if (wire_runs_decode(runs, length, width, NULL, room) < 0)
		return wire_runs_decode(runs, length, width, NULL,
					LOADER_PAGES_MAX * (size_t)1024) < 0
			       ? WIRE_BAD_RUNS
			       : WIRE_WRITE_OUTSIDE;
	wire_runs_decode(runs, length, width, loader->port->staging + offset, room);
	return WIRE_OK;
}

static bool staged_as_promised(const struct loader *loader)
{
	uint8_t digest[br_sha256_SIZE];

	digest_of(loader->port->staging, loader->begin.length, digest);
	return memcmp(digest, loader->begin.digest, sizeof(digest)) == 0;
}

static enum wire_status verify_staged(struct loader *loader, struct wire_writer *out)
{
	struct wire_leaving leaving;

	if (!staged_as_promised(loader))
		return WIRE_DIGEST_DIFFERS;
	if (!loader_tables_stay(loader, &leaving)) {
		wire_put_leaving(out, &leaving);
		return WIRE_TABLE_LEAVES;
	}
	loader->state = LOADER_VERIFIED;
	return WIRE_OK;
}

static enum wire_status make_live(struct loader *loader)
{
	const struct loader_port *port = loader->port;

	if (loader->begin.is_signed && port->count &&
	    !port->count_to(port->context, loader->begin.counter))
		return WIRE_CANNOT_KEEP;
	port->install(port->context, loader->begin.pool_pa, port->staging,
		      loader->begin.length);
	port->activate(port->context, &loader->begin);
	loader->live_begin = loader->begin;
	loader->live = true;
	loader->state = LOADER_ACTIVATED;
	return WIRE_OK;
}

/*
 * Check the signature. The live build may be sent again with the same counter, which it
 * has already raised.
 */
static enum wire_status check_begin(const struct loader *loader,
				    const struct wire_begin *begin)
{
	enum wire_status status = trust_check_begin(loader, begin);

	if (status == WIRE_COUNTER_OLD && loader->live &&
	    same(&loader->live_begin, begin))
		status = WIRE_OK;
	return status == WIRE_OK ? loader_guard(loader->port, begin) : status;
}

/*
 * The whole push in one message: on failure nothing stays begun, so that it can be sent
 * again.
 */
static enum wire_status go(struct loader *loader, struct wire_writer *out)
{
	enum wire_status status = verify_staged(loader, out);

	if (status == WIRE_OK)
		status = make_live(loader);
	if (status != WIRE_OK)
		loader->state = LOADER_IDLE;
	return status;
}

/*
 * Clear all of the staging area, or, if the push builds on what is staged, only the
 * part that nobody has set yet.
 */
static void clear_staging(struct loader *loader, const struct wire_begin *begin)
{
	uint32_t from = begin->keeps ? loader->staged : 0;

	if (from < begin->length)
		memset(loader->port->staging + from, 0, begin->length - from);
	loader->staged = begin->length;
}

static enum wire_status on_begin(struct loader *loader, const struct wire_header *header,
				 struct wire_reader *in, struct wire_writer *out)
{
	struct wire_begin begin;
	enum wire_status status;

	wire_get_begin(in, &begin);
	if (in->failed)
		return WIRE_BAD_MESSAGE;
	if (said_before(loader, header, &begin))
		return WIRE_OK;
	status = check_begin(loader, &begin);
	if (status != WIRE_OK)
		return status;
	clear_staging(loader, &begin);
	loader->begin = begin;
	loader->begin_sequence = header->sequence;
	loader->state = LOADER_RECEIVING;
	status = put_runs(loader, 0, in);
	if (status != WIRE_OK)
		loader->state = LOADER_IDLE;
	return status == WIRE_OK && begin.goes ? go(loader, out) : status;
}

static enum wire_status write_runs(struct loader *loader,
				   const struct wire_header *header,
				   struct wire_reader *in, struct wire_writer *out)
{
	uint32_t offset = wire_get32(in);

	(void)header;
	(void)out;
	if (in->failed)
		return WIRE_BAD_MESSAGE;
	if (offset % 8)
		return WIRE_WRITE_UNALIGNED;
	if (offset > loader->begin.length)
		return WIRE_WRITE_OUTSIDE;
	return put_runs(loader, offset, in);
}

static enum wire_status on_finish(struct loader *loader, const struct wire_header *header,
				  struct wire_reader *in, struct wire_writer *out)
{
	(void)header;
	if (!wire_read_whole(in))
		return WIRE_BAD_MESSAGE;
	return loader->state == LOADER_RECEIVING ? verify_staged(loader, out) : WIRE_OK;
}

static enum wire_status on_activate(struct loader *loader,
				    const struct wire_header *header,
				    struct wire_reader *in, struct wire_writer *out)
{
	(void)header;
	(void)out;
	if (!wire_read_whole(in))
		return WIRE_BAD_MESSAGE;
	return loader->state == LOADER_ACTIVATED ? WIRE_OK : make_live(loader);
}

static enum wire_status on_translate(struct loader *loader,
				     const struct wire_header *header,
				     struct wire_reader *in, struct wire_writer *out)
{
	const struct loader_port *port = loader->port;
	struct wire_question question;

	(void)header;
	if (!loader->live)
		return WIRE_NOTHING_LIVE;
	while (in->at < in->length) {
		wire_get_question(in, &question);
		if (in->failed)
			return WIRE_BAD_MESSAGE;
		if (question.access >= WIRE_ACCESS_COUNT)
			return WIRE_BAD_ACCESS;
		wire_put64(out, port->translate(port->context, question.va,
						(enum wire_access)question.access));
	}
	return out->failed ? WIRE_BAD_MESSAGE : WIRE_OK;
}

/* Who may sign has changed, so what was begun before has to be begun again. */
static enum wire_status on_keep(struct loader *loader, const struct wire_header *header,
				struct wire_reader *in, struct wire_writer *out)
{
	struct wire_keep keep;
	uint8_t point[WIRE_POINT_SIZE];
	enum wire_status status;
	bool answered;

	(void)header;
	wire_get_keep(in, &keep);
	if (!wire_read_whole(in))
		return WIRE_BAD_MESSAGE;
	status = trust_keep(loader, &keep, point, &answered);
	if (status == WIRE_OK)
		loader->state = LOADER_IDLE;
	if (status == WIRE_OK && answered)
		wire_put_bytes(out, point, sizeof(point));
	return status;
}

/* SHA-256 of the live pool as it is in memory now, which covers what AT does not show. */
static enum wire_status read_back(struct loader *loader, const struct wire_header *header,
				  struct wire_reader *in, struct wire_writer *out)
{
	const struct loader_port *port = loader->port;
	uint8_t digest[br_sha256_SIZE];

	(void)header;
	if (!wire_read_whole(in))
		return WIRE_BAD_MESSAGE;
	if (!loader->live)
		return WIRE_NOTHING_LIVE;
	digest_of(port->memory(port->context, loader->live_begin.pool_pa),
		  loader->live_begin.length, digest);
	wire_put_bytes(out, digest, sizeof(digest));
	return WIRE_OK;
}

/* Nothing can be run in a 32-bit regime. */
static bool where_to_plant(const struct loader *loader, const struct wire_trial *trial,
			   uint64_t *ret_pa)
{
	const struct loader_port *port = loader->port;
	uint64_t par = port->translate(port->context, trial->va, WIRE_READ);

	if (loader->live_begin.regime != WIRE_AARCH64)
		return false;
	return loader_may_plant(loader, par, trial->va, ret_pa);
}

static enum wire_status execute(struct loader *loader, const struct wire_header *header,
				struct wire_reader *in, struct wire_writer *out)
{
	const struct loader_port *port = loader->port;
	struct wire_trial trial;
	uint64_t pa;

	(void)header;
	if (!loader->live)
		return WIRE_NOTHING_LIVE;
	if (!port->execute)
		return WIRE_BAD_MESSAGE;
	while (in->at < in->length) {
		struct wire_trial_result result = { WIRE_NOT_PLANTED, 0 };

		wire_get_trial(in, &trial);
		if (in->failed || (trial.level & WIRE_LEVEL_MASK) > 1 ||
		    (trial.level & WIRE_BRANCHED && !port->has_bti))
			return WIRE_BAD_MESSAGE;
		if (where_to_plant(loader, &trial, &pa))
			result = port->execute(port->context, &trial, pa);
		wire_put_result(out, &result);
	}
	return out->failed ? WIRE_BAD_MESSAGE : WIRE_OK;
}

static enum wire_status abort_push(struct loader *loader,
				   const struct wire_header *header,
				   struct wire_reader *in, struct wire_writer *out)
{
	(void)header;
	(void)out;
	if (!wire_read_whole(in))
		return WIRE_BAD_MESSAGE;
	loader->state = LOADER_IDLE;
	return WIRE_OK;
}

#define IN(state) (1u << (state))
#define ANY       0xffu

/* clang-format off */
static const struct loader_command commands[WIRE_OPCODE_COUNT] = {
	[WIRE_HELLO]     = { hello,      ANY, true },
	[WIRE_BEGIN]     = { on_begin,      ANY, false },
	[WIRE_WRITE]     = { write_runs, IN(LOADER_RECEIVING), false },
	[WIRE_FINISH]    = { on_finish,     IN(LOADER_RECEIVING) | IN(LOADER_VERIFIED), false },
	[WIRE_ACTIVATE]  = { on_activate,   IN(LOADER_VERIFIED) | IN(LOADER_ACTIVATED), false },
	[WIRE_TRANSLATE] = { on_translate,  ANY, false },
	[WIRE_ABORT]     = { abort_push, ANY, false },
	[WIRE_KEEP]      = { on_keep,       ANY, false },
	[WIRE_READ_BACK] = { read_back,  ANY, false },
	[WIRE_EXECUTE]   = { execute,    ANY, false },
};
/* clang-format on */

static enum wire_status dispatch(struct loader *loader, const struct wire_header *header,
				 struct wire_reader *in, struct wire_writer *out)
{
	const struct loader_command *command;

	if (header->opcode >= WIRE_OPCODE_COUNT || !commands[header->opcode].run)
		return WIRE_BAD_MESSAGE;
	command = &commands[header->opcode];
	if (!command->opens && (!loader->greeted || loader->session != header->session))
		return WIRE_NO_SESSION;
	if (!(command->states & IN(loader->state)))
		return WIRE_WRONG_STATE;
	return command->run(loader, header, in, out);
}

/* The status comes before the payload, but is known only after the command has run. */
bool loader_answer(struct loader *loader, struct wire_reader *in, struct wire_writer *out)
{
	struct wire_header header;
	enum wire_status status;
	size_t payload;

	wire_get_header(in, &header);
	if (in->failed || header.opcode & WIRE_ANSWER)
		return false; /* noise with a valid CRC, or our own answer echoed */
	wire_put_header(out, &(struct wire_header){ header.opcode | WIRE_ANSWER,
						    header.session, header.sequence });
	payload = out->at + 1;
	wire_put8(out, WIRE_OK);
	status = dispatch(loader, &header, in, out);
	if (status != WIRE_OK) {
		out->bytes[payload - 1] = (uint8_t)status;
		if (status != WIRE_BAD_VERSION && status != WIRE_TABLE_LEAVES)
			out->at = payload;
	}
	return true;
}
