/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/runs.h"

enum { RUN_HEAD = 3, WORD = 8, STEP = 4 };

static uint64_t word_at(const uint8_t *words, size_t index)
{
	uint64_t word = 0;

	for (size_t i = WORD; i-- > 0;)
		word = word << 8 | words[WORD * index + i];
	return word;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t zeroes(const uint8_t *words, size_t count)
{
	size_t n = 0;

	while (n < count && word_at(words, n) == 0)
		n++;
	return n;
}

/* How many words from the front make one stride run; at least 1, and the step. */
static size_t stride(const uint8_t *words, size_t count, int32_t *ret_step)
{
	uint64_t step;
	size_t n = 2;

	*ret_step = 0;
	if (count < 2)
		return count;
	step = word_at(words, 1) - word_at(words, 0);
	if ((uint64_t)(int64_t)(int32_t)step != step)
		return 1;
	while (n < count && word_at(words, n) - word_at(words, n - 1) == step)
		n++;
	*ret_step = (int32_t)step;
	return n;
}

/*
 * How many words from the front are best sent as they are: up to where a zero, or a
 * stride of three or more (15 bytes instead of 24), begins.
 */
static size_t literals(const uint8_t *words, size_t count)
{
	size_t n = 0;
	int32_t step;

	while (n < count && word_at(words, n) != 0 &&
	       stride(words + WORD * n, least(count - n, 3), &step) < 3)
		n++;
	return n;
}

static void put_head(struct wire_writer *w, enum wire_run_kind kind, size_t count)
{
	wire_put8(w, (uint8_t)kind);
	wire_put16(w, (uint16_t)count);
}

static size_t put_literals(const uint8_t *words, size_t count, struct wire_writer *w)
{
	size_t room = w->capacity - w->at;

	if (room < RUN_HEAD + WORD)
		return 0;
	count = least(count, (room - RUN_HEAD) / WORD);
	put_head(w, WIRE_RUN_LITERAL, count);
	wire_put_bytes(w, words, WORD * count);
	return count;
}

/* One run from the front of the words; 0 where the writer has no room for it. */
static size_t put_run(const uint8_t *words, size_t count, struct wire_writer *w)
{
	size_t room = w->capacity - w->at, n = zeroes(words, count);
	int32_t step;

	if (n) {
		if (room < RUN_HEAD)
			return 0;
		put_head(w, WIRE_RUN_ZERO, n);
		return n;
	}
	n = literals(words, count);
	if (n)
		return put_literals(words, n, w);
	n = stride(words, count, &step);
	if (room < RUN_HEAD + WORD + STEP)
		return put_literals(words, 1, w);
	put_head(w, WIRE_RUN_STRIDE, n);
	wire_put64(w, word_at(words, 0));
	wire_put32(w, (uint32_t)step);
	return n;
}

size_t wire_runs_encode(const uint8_t *words, size_t count, struct wire_writer *w)
{
	size_t done = 0, n = 1;

	while (done < count && n) {
		size_t rest = least(count - done, WIRE_RUN_WORDS_MAX);

		if (rest == count - done && zeroes(words + WORD * done, rest) == rest)
			return count;
		n = put_run(words + WORD * done, rest, w);
		done += n;
	}
	return done;
}

/* The payload of one run after its head, and what the head says. */
struct run {
	uint8_t kind;
	uint16_t count;
	const uint8_t *payload;
};

static bool next_run(struct wire_reader *r, struct run *ret_run)
{
	size_t size = 0;

	if (r->at == r->length)
		return false;
	ret_run->kind = wire_get8(r);
	ret_run->count = wire_get16(r);
	if (ret_run->kind == WIRE_RUN_LITERAL)
		size = WORD * (size_t)ret_run->count;
	else if (ret_run->kind == WIRE_RUN_STRIDE)
		size = WORD + STEP;
	else if (ret_run->kind != WIRE_RUN_ZERO)
		r->failed = true;
	if (ret_run->count == 0)
		r->failed = true;
	ret_run->payload = wire_take(r, size);
	return !r->failed;
}

int64_t wire_runs_count(const uint8_t *runs, size_t length)
{
	struct wire_reader r = wire_reader(runs, length);
	struct run run;
	int64_t count = 0;

	while (next_run(&r, &run))
		count += run.count;
	return r.failed ? -1 : count;
}

static void put_word(uint64_t word, uint8_t *out)
{
	for (size_t i = 0; i < WORD; i++)
		out[i] = (uint8_t)(word >> 8 * i);
}

static void expand(const struct run *run, uint8_t *out)
{
	struct wire_reader r = wire_reader(run->payload, WORD + STEP);
	uint64_t word = 0, step = 0;

	if (run->kind == WIRE_RUN_LITERAL) {
		for (size_t i = 0; i < WORD * (size_t)run->count; i++)
			out[i] = run->payload[i];
		return;
	}
	if (run->kind == WIRE_RUN_STRIDE) {
		word = wire_get64(&r);
		step = (uint64_t)(int64_t)(int32_t)wire_get32(&r);
	}
	for (size_t i = 0; i < run->count; i++, word += step)
		put_word(word, out + WORD * i);
}

void wire_runs_decode(const uint8_t *runs, size_t length, uint8_t *out)
{
	struct wire_reader r = wire_reader(runs, length);
	struct run run;

	while (next_run(&r, &run)) {
		expand(&run, out);
		out += WORD * (size_t)run.count;
	}
}
