/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/tfa_model.h"

#include <string.h>

#include "rules/tfa/attr.h"

#define WIDTH(m) ((m)->config->arch == TFA_ARM32 ? UINT32_MAX : UINT64_MAX)

enum { PERM = -1, NO_MEM = -12, INVAL = -22, RANGE = -34 };

static uint64_t last_pa(const struct tfa_region *r)
{
	return r->pa + r->size - 1;
}

static uint64_t last_va(const struct tfa_region *r)
{
	return r->va + r->size - 1;
}

void tfa_model_start(struct tfa_model *m, const struct tfa_config *config)
{
	uint64_t v = config->va_space;

	memset(m, 0, sizeof(*m));
	m->config = config;
	if (config->arch == TFA_ARM32)
		m->base_level = v > UINT64_C(1) << 30 ? 1 : 2;
	else if (v > UINT64_C(1) << 39)
		m->base_level = 0;
	else if (v > UINT64_C(1) << 30)
		m->base_level = 1;
	else
		m->base_level = v > UINT64_C(1) << 21 ? 2 : 3;
	m->base_entries = (unsigned)(v >> tfa_shift(m->base_level));
}

static bool clashes(const struct tfa_model *m, const struct tfa_region *r,
		    const struct tfa_region *o)
{
	bool inside = r->va >= o->va && last_va(r) <= last_va(o);
	bool around = r->va <= o->va && last_va(r) >= last_va(o);

	if (inside || around)
		return (m->config->dynamic && ((r->attr | o->attr) & TFA_DYNAMIC)) ||
		       r->va - r->pa != o->va - o->pa ||
		       (r->va == o->va && r->size == o->size);
	return !(last_va(r) < o->va || r->va > last_va(o)) ||
	       !(last_pa(r) < o->pa || r->pa > last_pa(o));
}

static int check(const struct tfa_model *m, const struct tfa_region *r)
{
	if (r->pa % 4096 || r->va % 4096 || r->size % 4096)
		return INVAL;
	if (r->granularity != 0x1000 && r->granularity != 0x200000 &&
	    r->granularity != 0x40000000)
		return INVAL;
	if (last_pa(r) < r->pa || last_va(r) < r->va || last_va(r) > WIDTH(m))
		return RANGE;
	if (last_va(r) > m->config->va_space - 1 || last_pa(r) > m->config->pa_space - 1)
		return RANGE;
	if (m->count >= m->config->max_mmap_regions)
		return NO_MEM;
	for (unsigned i = 0; i < m->count; i++)
		if (clashes(m, r, &m->list[i]))
			return PERM;
	return 0;
}

static void insert(struct tfa_model *m, const struct tfa_region *r)
{
	unsigned i = 0;

	while (i < m->count &&
	       (last_va(&m->list[i]) < last_va(r) ||
		(last_va(&m->list[i]) == last_va(r) && m->list[i].size < r->size)))
		i++;
	memmove(&m->list[i + 1], &m->list[i], (m->count - i) * sizeof(*r));
	m->list[i] = *r;
	m->count++;
}

static void take_out(struct tfa_model *m, unsigned i)
{
	memmove(&m->list[i], &m->list[i + 1], (m->count - i - 1) * sizeof(m->list[0]));
	m->count--;
}

static void raise_max(struct tfa_model *m, const struct tfa_region *r)
{
	if (last_pa(r) > m->max_pa)
		m->max_pa = last_pa(r);
	if (last_va(r) > m->max_va)
		m->max_va = last_va(r);
}

static int empty_table(struct tfa_model *m)
{
	if (!m->config->dynamic) {
		if (m->next_table < m->config->max_xlat_tables)
			return (int)m->next_table++;
		m->stopped = true;
		return -1;
	}
	for (unsigned i = 0; i < m->config->max_xlat_tables; i++)
		if (!m->counts[i])
			return (int)i;
	return -1;
}

static unsigned index_of(const struct tfa_model *m, uint64_t word)
{
	return (unsigned)(((word & 0xfffffffff000) - m->config->xlat_tables) / 4096);
}

static bool is_table(const struct tfa_model *m, int level, uint64_t word)
{
	return level < 3 && (word & 3) == 3 &&
	       index_of(m, word) < m->config->max_xlat_tables;
}

/* Returns the VA where it ended, as the firmware's function does; `mine`: table or -1. */
static uint64_t map(struct tfa_model *m, const struct tfa_region *r, uint64_t *table,
		    int mine, uint64_t table_va, unsigned entries, int level)
{
	uint64_t block = UINT64_C(1) << tfa_shift(level), at = table_va, end;
	unsigned n = 0;

	if (r->va > table_va) {
		at = r->va & ~(block - 1);
		n = (unsigned)((at - table_va) / block);
	}
	if (m->config->dynamic && mine >= 0)
		m->counts[mine]++;
	for (; n < entries; n++) {
		bool whole = r->va <= at && last_va(r) >= at + block - 1;
		uint64_t pa = r->pa + at - r->va, word;
		int next = -1;

		if (is_table(m, level, table[n])) {
			next = (int)index_of(m, table[n]);
		} else if (!table[n] && whole &&
			   (level == 3 ||
			    (level > 0 && pa % block == 0 && r->granularity >= block))) {
			if (tfa_descriptor(m->config, r->attr, level, &word) !=
			    TFA_NO_STOP)
				m->stopped = true;
			if (m->stopped)
				return 0;
			table[n] = word | pa;
		} else if (!table[n]) {
			next = empty_table(m);
			if (next < 0)
				return at;
			table[n] = (m->config->xlat_tables + (unsigned)next * 4096) | 3;
		}
		if (next >= 0) {
			end = map(m, r, m->tables[next], next, at, 512, level + 1);
			if (end != at + block - 1)
				return end;
		}
		at += block;
		if (last_va(r) <= at)
			break;
	}
	return at - 1;
}

static void unmap(struct tfa_model *m, uint64_t va, uint64_t last, uint64_t *table,
		  int mine, uint64_t table_va, unsigned entries, int level)
{
	uint64_t block = UINT64_C(1) << tfa_shift(level), at = table_va;
	unsigned n = 0;

	if (va > table_va) {
		at = va & ~(block - 1);
		n = (unsigned)((at - table_va) / block);
	}
	for (; n < entries; n++) {
		if (is_table(m, level, table[n])) {
			unsigned next = index_of(m, table[n]);

			unmap(m, va, last, m->tables[next], (int)next, at, 512,
			      level + 1);
			if (!m->counts[next])
				table[n] = 0;
		} else if (va <= at && last >= at + block - 1) {
			table[n] = 0;
		}
		at += block;
		if (last <= at)
			break;
	}
	if (mine >= 0)
		m->counts[mine]--;
}

static int add_dynamic(struct tfa_model *m, struct tfa_region r)
{
	uint64_t end;
	int rc;

	if (!r.size)
		return 0;
	r.attr |= TFA_DYNAMIC;
	rc = check(m, &r);
	if (rc)
		return rc;
	insert(m, &r);
	if (m->initialized) {
		end = map(m, &r, m->base, -1, 0, m->base_entries, m->base_level);
		if (m->stopped)
			return 0;
		if (end != last_va(&r)) {
			for (unsigned i = 0; i < m->count; i++)
				if (m->list[i].va == r.va && m->list[i].size == r.size)
					take_out(m, i);
			if (end > r.va)
				unmap(m, r.va, end - 1, m->base, -1, 0, m->base_entries,
				      m->base_level);
			return NO_MEM;
		}
	}
	raise_max(m, &r);
	return 0;
}

static int add_static(struct tfa_model *m, const struct tfa_region *r)
{
	int rc;

	if (!r->size)
		return 0;
	if (m->initialized && m->config->debug)
		m->stopped = true;
	rc = m->stopped ? 0 : check(m, r);
	if (rc && m->config->debug)
		m->stopped = true;
	if (rc || m->stopped)
		return rc;
	insert(m, r);
	raise_max(m, r);
	return 0;
}

static int remove_dynamic(struct tfa_model *m, const struct tfa_op *op)
{
	struct tfa_region r;
	unsigned i = 0;

	while (i < m->count && (m->list[i].va != op->va || m->list[i].size != op->size))
		i++;
	if (i == m->count)
		return INVAL;
	r = m->list[i];
	if (!(r.attr & TFA_DYNAMIC))
		return PERM;
	if (m->initialized)
		unmap(m, r.va, last_va(&r), m->base, -1, 0, m->base_entries,
		      m->base_level);
	take_out(m, i);
	if (last_va(&r) == m->max_va) {
		m->max_va = 0;
		for (i = 0; i < m->count; i++)
			if (last_va(&m->list[i]) > m->max_va)
				m->max_va = last_va(&m->list[i]);
	}
	if (last_pa(&r) == m->max_pa) {
		m->max_pa = 0;
		for (i = 0; i < m->count; i++)
			if (last_pa(&m->list[i]) > m->max_pa)
				m->max_pa = last_pa(&m->list[i]);
	}
	return 0;
}

static int init(struct tfa_model *m)
{
	if (m->initialized && m->config->debug)
		m->stopped = true;
	memset(m->base, 0, sizeof(m->base));
	memset(m->tables, 0, sizeof(m->tables));
	memset(m->counts, 0, sizeof(m->counts));
	for (unsigned i = 0; i < m->count && !m->stopped; i++)
		if (map(m, &m->list[i], m->base, -1, 0, m->base_entries, m->base_level) !=
		    last_va(&m->list[i]))
			m->stopped = true;
	m->initialized = true;
	return 0;
}

static uint64_t choose_va(const struct tfa_model *m, uint64_t pa, uint64_t size)
{
	uint64_t va = m->max_va + 1;

	for (int level = m->base_level; level <= 2; level++) {
		uint64_t block = UINT64_C(1) << tfa_shift(level);

		if (pa % block == 0 && size % block == 0) {
			va = ((va - 1) | (block - 1)) + 1;
			break;
		}
	}
	return va & WIDTH(m);
}

int tfa_model_call(struct tfa_model *m, const struct tfa_op *op)
{
	struct tfa_region r = { op->pa, op->va, op->size, op->granularity, op->attr, 0 };

	switch (op->call) {
	case TFA_ADD:
		return add_static(m, &r);
	case TFA_ADD_ALLOC_VA:
		m->va = r.va = choose_va(m, r.pa, r.size);
		if (m->config->debug && (!r.size || r.va <= m->max_va))
			m->stopped = true;
		return m->stopped ? 0 : add_static(m, &r);
	case TFA_INIT:
		return init(m);
	case TFA_ADD_DYNAMIC:
		return add_dynamic(m, r);
	case TFA_ADD_DYNAMIC_ALLOC_VA:
		m->va = m->max_va + 1;
		if (!r.size)
			return 0;
		m->va = r.va = choose_va(m, r.pa, r.size);
		return r.va < m->max_va ? NO_MEM : add_dynamic(m, r);
	case TFA_REMOVE_DYNAMIC:
		return remove_dynamic(m, op);
	case TFA_CHANGE_ATTRIBUTES:
	case TFA_GET_ATTRIBUTES:
	case TFA_CALL_COUNT:
		break;
	}
	return 0;
}
