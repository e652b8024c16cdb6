/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/sort.h"

enum { INSERTION_BELOW = 7, NINTHER_ABOVE = 40 };

struct sorter {
	struct mmp_region *a;
	mmp_region_order *order;
	const void *context;
};

static int compare_items(const struct sorter *s, size_t i, size_t j)
{
	return s->order(&s->a[i], &s->a[j], s->context);
}

static void exchange(const struct sorter *s, size_t i, size_t j)
{
	struct mmp_region t = s->a[i];

	s->a[i] = s->a[j];
	s->a[j] = t;
}

static void exchange_blocks(const struct sorter *s, size_t i, size_t j, size_t count)
{
	while (count--)
		exchange(s, i++, j++);
}

static void insertion(const struct sorter *s, size_t from, size_t count)
{
	for (size_t i = from + 1; i < from + count; i++)
		for (size_t j = i; j > from && compare_items(s, j - 1, j) > 0; j--)
			exchange(s, j, j - 1);
}

static size_t median(const struct sorter *s, size_t x, size_t y, size_t z)
{
	if (compare_items(s, x, y) < 0)
		return compare_items(s, y, z) < 0   ? y
		       : compare_items(s, x, z) < 0 ? z
						    : x;
	return compare_items(s, y, z) > 0 ? y : compare_items(s, x, z) < 0 ? x : z;
}

static size_t pivot(const struct sorter *s, size_t from, size_t count)
{
	size_t low = from, middle = from + count / 2, high = from + count - 1;

	if (count == INSERTION_BELOW)
		return middle;
	if (count > NINTHER_ABOVE) {
		size_t d = count / 8;

		low = median(s, low, low + d, low + 2 * d);
		middle = median(s, middle - d, middle, middle + d);
		high = median(s, high - 2 * d, high - d, high);
	}
	return median(s, low, middle, high);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void quicksort(const struct sorter *s, size_t from, size_t count)
{
	while (count >= INSERTION_BELOW) {
		size_t pa = from + 1, pb = pa, pc = from + count - 1, pd = pc, n, r;
		bool moved = false;

		exchange(s, from, pivot(s, from, count));
		for (;;) {
			int c;

			while (pb <= pc && (c = compare_items(s, pb, from)) <= 0) {
				if (!c) {
					moved = true;
					exchange(s, pa++, pb);
				}
				pb++;
			}
			while (pb <= pc && (c = compare_items(s, pc, from)) >= 0) {
				if (!c) {
					moved = true;
					exchange(s, pc, pd--);
				}
				pc--;
			}
			if (pb > pc)
				break;
			exchange(s, pb++, pc--);
			moved = true;
		}
		if (!moved)
			break;

		n = from + count;
		r = smaller(pa - from, pb - pa);
		exchange_blocks(s, from, pb - r, r);
		r = smaller(pd - pc, n - pd - 1);
		exchange_blocks(s, pb, n - r, r);
		if (pb - pa > 1)
			quicksort(s, from, pb - pa);
		count = pd - pc;
		if (count <= 1)
			return;
		from = n - count;
	}
	insertion(s, from, count);
}

void mmp_region_sort(struct mmp_region *regions, size_t count, mmp_region_order *order,
		     const void *context)
{
	struct sorter s = { regions, order, context };

	quicksort(&s, 0, count);
}

int mmp_region_by_va(const struct mmp_region *a, const struct mmp_region *b,
		     const void *context)
{
	(void)context;
	return (a->va > b->va) - (a->va < b->va);
}

int mmp_region_by_pa(const struct mmp_region *a, const struct mmp_region *b,
		     const void *context)
{
	(void)context;
	return (a->pa > b->pa) - (a->pa < b->pa);
}
