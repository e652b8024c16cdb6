/* SPDX-License-Identifier: BSD-2-Clause */
#include "noisy_line.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM = 1 << 16, CHANCES = 100000, BURST_MAX = 40, STRAY_MAX = 24 };

/* splitmix64, Sebastiano Vigna */
struct dice dice_of(uint64_t seed)
{
	return (struct dice){ seed };
}

uint32_t dice_roll(struct dice *dice, uint32_t sides)
{
	uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)((z ^ (z >> 31)) >> 32) % sides;
}

static bool falls(struct dice *dice, uint32_t chance)
{
	return chance && dice_roll(dice, CHANCES) < chance;
}

static uint32_t one_of(struct dice *dice, const uint32_t choices[4])
{
	return choices[dice_roll(dice, 4)];
}

/* 115200, 9600 and 2400 baud */
static uint32_t byte_us_of(struct dice *dice)
{
	if (dice_roll(dice, 8))
		return 87;
	return dice_roll(dice, 2) ? 1042 : 4167;
}

/* Around the first time-out of hello, 500 ms, it depends on the length of the answer. */
static uint32_t latency_us_of(struct dice *dice)
{
	static const uint32_t latencies[4] = { 0, 1000, 20000, 100000 };

	return dice_roll(dice, 5) ? one_of(dice, latencies)
				  : 150000 + dice_roll(dice, 150001);
}

struct noise noise_of(struct dice *dice)
{
	static const uint32_t worst[4] = { 0, 20, 150, 1500 },
			      pieces[4] = { 0, 0, 1000, 15000 };
	uint32_t byte = one_of(dice, worst);

	return (struct noise){
		.flip = dice_roll(dice, byte + 1),
		.drop = dice_roll(dice, byte + 1),
		.twice = dice_roll(dice, byte + 1),
		.stall = dice_roll(dice, 8),
		.stall_ms = dice_roll(dice, 20) ? 600 : 20000,
		.burst = one_of(dice, pieces),
		.again = one_of(dice, pieces),
		.gap = one_of(dice, pieces),
		.stray = dice_roll(dice, 4) ? 0 : CHANCES,
		.console = one_of(dice, pieces),
		.eats_xon = dice_roll(dice, 4) == 0,
		.byte_us = byte_us_of(dice),
		.latency_us = latency_us_of(dice),
	};
}

static void put(struct noisy_line *line, const struct noise *noise, struct dice *dice,
		uint64_t now_us, uint8_t byte)
{
	if ((noise->eats_xon && (byte == 0x11 || byte == 0x13)) ||
	    line->tail - line->head == ROOM)
		return; /* a line that full has lost it, too */
	if (line->busy_until_us < now_us)
		line->busy_until_us = now_us;
	line->busy_until_us += noise->byte_us;
	if (falls(dice, noise->stall)) {
		line->busy_until_us += UINT64_C(1000) * dice_roll(dice, noise->stall_ms);
		line->spoilt++;
	}
	line->bytes[line->tail % ROOM].byte = byte;
	line->bytes[line->tail % ROOM].at_us = line->busy_until_us + noise->latency_us;
	line->tail++;
}

static void put_stray(struct noisy_line *line, const struct noise *noise,
		      struct dice *dice, uint64_t now_us)
{
	static const char text[] = "[   12.345678] usb 1-1: new high-speed device\r\n";

	if (falls(dice, noise->stray))
		for (uint32_t n = dice_roll(dice, STRAY_MAX); n > 0; n--)
			put(line, noise, dice, now_us, (uint8_t)dice_roll(dice, 256));
	if (falls(dice, noise->console))
		for (size_t i = 0; i < sizeof(text) - 1; i++)
			put(line, noise, dice, now_us, (uint8_t)text[i]);
}

static void put_piece(struct noisy_line *line, const struct noise *noise,
		      struct dice *dice, uint64_t now_us, const uint8_t *bytes,
		      size_t length)
{
	size_t burst_from = length, burst_end = length;

	if (falls(dice, noise->burst)) {
		burst_from = dice_roll(dice, (uint32_t)length);
		burst_end = burst_from + 1 + dice_roll(dice, BURST_MAX);
	}
	for (size_t i = 0; i < length; i++) {
		bool flips = falls(dice, noise->flip),
		     in_burst = i >= burst_from && i < burst_end;
		uint8_t byte = in_burst ? (uint8_t)dice_roll(dice, 256) : bytes[i];

		if (flips)
			byte ^= (uint8_t)(1u << dice_roll(dice, 8));
		line->spoilt += flips || in_burst;
		if (falls(dice, noise->drop)) {
			line->spoilt++;
			continue;
		}
		put(line, noise, dice, now_us, byte);
		if (falls(dice, noise->twice)) {
			put(line, noise, dice, now_us, byte);
			line->spoilt++;
		}
	}
}

void noisy_line_send(struct noisy_line *line, const struct noise *noise,
		     struct dice *dice, uint64_t now_us, const uint8_t *bytes,
		     size_t length)
{
	if (!length)
		return;
	put_stray(line, noise, dice, now_us);
	if (falls(dice, noise->gap)) {
		line->spoilt++;
		return;
	}
	put_piece(line, noise, dice, now_us, bytes, length);
	if (falls(dice, noise->again)) {
		put_piece(line, noise, dice, now_us, bytes, length);
		line->spoilt++;
	}
}

size_t noisy_line_take(struct noisy_line *line, uint64_t now_us, uint8_t *bytes,
		       size_t room)
{
	size_t n = 0;

	while (n < room && line->head < line->tail &&
	       line->bytes[line->head % ROOM].at_us <= now_us)
		bytes[n++] = line->bytes[line->head++ % ROOM].byte;
	return n;
}

uint64_t noisy_line_next_us(const struct noisy_line *line)
{
	return line->head < line->tail ? line->bytes[line->head % ROOM].at_us
				       : UINT64_MAX;
}

void noisy_line_cut(struct noisy_line *line)
{
	line->head = line->tail;
	line->busy_until_us = 0;
}
