/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/budget_private.h"

#include <inttypes.h>

#include "base/buffer.h"
#include "base/text.h"

static const char *const change_names[MMP_CHANGE_COUNT] = {
	[MMP_CHANGE_ROUND] = "round", [MMP_CHANGE_ROUND_ALL] = "round-all",
	[MMP_CHANGE_JOIN] = "join",   [MMP_CHANGE_MOVE] = "move",
	[MMP_CHANGE_DROP] = "drop",   [MMP_CHANGE_KEY] = "configure",
};

static const char *registration_name(const struct mmp_budget *b, size_t ordinal)
{
	return b->as_is.platform->registrations[ordinal].name;
}

static void say_change(struct mmp_buffer *text, const struct mmp_budget *b,
		       const struct mmp_suggestion *s)
{
	const struct mmp_platform *p = b->as_is.platform;
	const char *rounds = p->rules->firmware->rounds_with;
	const struct mmp_registration *one =
		s->registrations ? &p->registrations[s->ordinals[0]] : NULL;

	switch (s->change) {
	case MMP_CHANGE_ROUND:
		mmp_buffer_printf(
			text,
			"register \"%s\" in whole blocks%s%s: 0x%" PRIx64
			" size 0x%" PRIx64 " in place of 0x%" PRIx64 " size 0x%" PRIx64,
			one->name, rounds ? ", with " : "", rounds ? rounds : "", s->addr,
			s->size, one->addr, one->size);
		break;
	case MMP_CHANGE_ROUND_ALL:
		mmp_buffer_printf(text,
				  "register all devices in whole blocks%s%s: %zu of them "
				  "are not",
				  rounds ? ", with " : "", rounds ? rounds : "",
				  s->registrations);
		break;
	case MMP_CHANGE_JOIN:
		mmp_buffer_printf(text,
				  "register \"%s\" and \"%s\" as one: 0x%" PRIx64
				  " size 0x%" PRIx64,
				  one->name, registration_name(b, s->ordinals[1]),
				  s->addr, s->size);
		break;
	case MMP_CHANGE_MOVE:
		mmp_buffer_printf(
			text,
			"move \"%s\" from 0x%" PRIx64 " to 0x%" PRIx64
			", the border of a block%s",
			one->name, one->addr, s->addr,
			s->moves_window ? ", and its window in the configuration with it"
					: "");
		break;
	case MMP_CHANGE_DROP:
		mmp_buffer_printf(text,
				  "leave \"%s\" at 0x%" PRIx64 " size 0x%" PRIx64
				  " out: another of its type contains it",
				  one->name, one->addr, one->size);
		break;
	case MMP_CHANGE_KEY:
		mmp_buffer_printf(text,
				  s->key->type == MMP_KEY_COUNT
					  ? "set %s (%s) to %" PRIu64
					  : "set %s (%s) to 0x%" PRIx64,
				  s->key->name, s->key->option, s->to);
		break;
	case MMP_CHANGE_COUNT:
		break;
	}
}

static void write_ordinals(struct mmp_writer *w, const struct mmp_suggestion *s)
{
	size_t kept = s->registrations < 2 ? s->registrations : 2;

	mmp_member_number(w, "registrations", (int64_t)s->registrations);
	mmp_member_begin(w, "ordinals", '[');
	for (size_t i = 0; i < kept; i++)
		mmp_writer_number(w, (int64_t)s->ordinals[i]);
	mmp_writer_end(w, ']');
}

static void write_suggestion(struct mmp_writer *w, const struct mmp_budget *b,
			     const struct mmp_suggestion *s)
{
	struct mmp_buffer text = { 0 };

	say_change(&text, b, s);
	mmp_writer_begin(w, '{');
	mmp_member_text(w, "change", change_names[s->change]);
	budget_take_text(w, "what", &text);
	mmp_member_text(w, "but", s->but);
	write_ordinals(w, s);
	mmp_member_number(w, "saves_tables", s->tables);
	mmp_member_number(w, "saves_entries", s->entries);
	if (s->change == MMP_CHANGE_KEY) {
		mmp_member_text(w, "key", s->key->name);
		if (s->key->type == MMP_KEY_COUNT)
			mmp_member_number(w, "value", (int64_t)s->to);
		else
			mmp_member_hex(w, "value", s->to, 1);
	} else if (s->registrations <= 2) {
		mmp_member_hex(w, "addr", s->addr, 1);
		mmp_member_hex(w, "size", s->size, 1);
	}
	mmp_writer_end(w, '}');
}

void budget_write_suggestions(struct mmp_writer *w, const struct mmp_budget *b)
{
	mmp_member_begin(w, "suggestions", '[');
	for (size_t i = 0; i < b->suggestion_count; i++)
		write_suggestion(w, b, &b->suggestions[i]);
	mmp_writer_end(w, ']');
}
