/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/explain.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Look up what a board printed among the texts of all stops. The more of a stop's texts a
 * line contains, the better it matches. A message counts more than a place, and a place
 * more than a function, as one function has many stops.
 */

enum {
	SCORE_ID = 64,
	SCORE_TEXT = 32,  /* message of a panic, asserted expression, or trace */
	SCORE_PART = 16,  /* the input is only a part of such a text */
	SCORE_PLACE = 16, /* file and line */
	SCORE_FUNC = 4,
	SCORE_FILE = 2, /* without a line, or with another one */
};

enum { PART_MIN = 5 }; /* bytes; anything shorter is part of every text */

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Find `what` in the text as whole words, ignoring case. */
static const char *find_text(const char *text, const char *what)
{
	size_t length = strlen(what);

	if (!length)
		return NULL;
	for (const char *at = text; (at = strcasestr(at, what)) != NULL; at++) {
		bool begins =
			at == text || !is_word_byte(at[-1]) || !is_word_byte(what[0]);
		bool ends = !is_word_byte(at[length]) || !is_word_byte(what[length - 1]);

		if (begins && ends)
			return at;
	}
	return NULL;
}

static unsigned score_of_place(const char *words, const struct mmp_stop_info *stop)
{
	const char *at = stop->file && *stop->file ? find_text(words, stop->file) : NULL;
	unsigned long line;
	char *end;

	if (!at)
		return 0;
	at += strlen(stop->file);
	if (*at != ':' || !isdigit((unsigned char)at[1]))
		return SCORE_FILE;
	line = strtoul(at + 1, &end, 10);
	return stop->line && line == stop->line ? SCORE_PLACE : SCORE_FILE;
}

/*
 * A short expression such as "mm" is in every path, so it must be quoted, as in an
 * assertion.
 */
static bool says(const char *words, const char *message)
{
	enum { SHORT = 4 };
	char quoted[SHORT + 3];

	if (!message || !*message)
		return false;
	if (strlen(message) >= SHORT)
		return find_text(words, message);
	snprintf(quoted, sizeof(quoted), "'%s'", message);
	return !strcmp(words, message) || strstr(words, quoted);
}

static unsigned score_of(const char *words, const struct mmp_stop_info *stop)
{
	unsigned score = score_of_place(words, stop);

	if (find_text(words, stop->id))
		score += SCORE_ID;
	if (says(words, stop->message))
		score += SCORE_TEXT;
	else if (strlen(words) >= PART_MIN && stop->message &&
		 find_text(stop->message, words))
		score += SCORE_PART;
	if (stop->func && *stop->func && find_text(words, stop->func))
		score += SCORE_FUNC;
	/* A panic without a message is printed without one. */
	if (score && stop->kind == MMP_STOP_PANIC && !*stop->message &&
	    strstr(words, "Panic at "))
		score++;
	return score >= SCORE_FUNC ? score : 0; /* a file alone is not enough */
}

static struct mmp_explained *entry_of(struct mmp_explanation *e, const char *id)
{
	struct mmp_explained *more;

	for (size_t i = 0; i < e->count; i++)
		if (!strcmp(e->items[i].id, id))
			return &e->items[i];
	if (e->count == e->capacity) {
		size_t capacity = e->capacity ? 2 * e->capacity : 16;

		more = realloc(e->items, capacity * sizeof(*more));
		if (!more)
			return NULL;
		e->items = more;
		e->capacity = capacity;
	}
	e->items[e->count] = (struct mmp_explained){ .id = id };
	return &e->items[e->count++];
}

static void note_finding(struct mmp_explanation *e, const struct mmp_rules *rules,
			 const struct mmp_finding_kind *kind,
			 const struct mmp_stop_info *stop, unsigned score)
{
	struct mmp_explained *one = score ? entry_of(e, kind->id) : NULL;

	if (!one)
		return;
	if (score > one->score) {
		one->score = score;
		one->kind = *kind;
		one->stop = stop;
		one->rules_count = 0;
	}
	if (score == one->score && one->rules_count < MMP_EXPLAIN_RULES_MAX &&
	    (!one->rules_count || one->rules[one->rules_count - 1] != rules))
		one->rules[one->rules_count++] = rules;
}

static void look_at_stop(struct mmp_explanation *e, const struct mmp_rules *rules,
			 const struct mmp_stop_info *stop, const char *words)
{
	struct mmp_finding_kind kind;

	if (!stop->id)
		return;
	kind = (struct mmp_finding_kind){ stop->id, stop->about, stop->fix, MMP_ERROR,
					  true,     stop,        NULL };
	note_finding(e, rules, &kind, stop, score_of(words, stop));
}

static void look_at_words(struct mmp_explanation *e, const struct mmp_rules *rules,
			  const struct mmp_finding_kind *kinds, size_t count,
			  const char *words)
{
	const struct mmp_word *w = rules->policy ? rules->policy->words : NULL;

	for (; w && w->text; w++)
		for (size_t i = 0; find_text(words, w->text) && i < count; i++)
			if (!strcmp(kinds[i].id, w->id))
				note_finding(e, rules, &kinds[i], kinds[i].stop,
					     SCORE_TEXT);
}

static void look_in(struct mmp_explanation *e, const struct mmp_rules *rules,
		    const char *words)
{
	struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
	size_t count = mmp_policy_kinds(rules, kinds);

	for (unsigned i = 0; i < rules->stop_count; i++)
		look_at_stop(e, rules, &rules->stops[i], words);
	for (unsigned i = 0; i < MMP_TABLE_STOP_COUNT; i++)
		look_at_stop(e, rules, &rules->table_stops[i], words);
	for (size_t i = 0; i < count; i++)
		if (kinds[i].stop)
			look_at_stop(e, rules, kinds[i].stop, words);
		else if (find_text(words, kinds[i].id))
			note_finding(e, rules, &kinds[i], NULL, SCORE_ID);
	look_at_words(e, rules, kinds, count, words);
}

static int by_score(const void *one, const void *other)
{
	const struct mmp_explained *a = one, *b = other;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return strcmp(a->id, b->id);
}

/* A match with less than half the score of the best is likely chance. */
static void keep_best(struct mmp_explanation *e)
{
	size_t kept = 0;

	if (e->count > 1)
		qsort(e->items, e->count, sizeof(*e->items), by_score);
	while (kept < e->count && 2 * e->items[kept].score > e->items[0].score)
		kept++;
	e->count = kept;
}

void mmp_explain(struct mmp_explanation *e, const char *words,
		 const struct mmp_rules *rules)
{
	*e = (struct mmp_explanation){ 0 };
	if (rules)
		look_in(e, rules, words);
	for (size_t n = 0; !rules && mmp_rules_at(n); n++)
		look_in(e, mmp_rules_at(n), words);
	keep_best(e);
}

void mmp_explanation_done(struct mmp_explanation *e)
{
	free(e->items);
	*e = (struct mmp_explanation){ 0 };
}
