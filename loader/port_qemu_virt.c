/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/flash_cfi.h"
#include "loader/gic_v2.h"
#include "loader/port.h"

/*
 * qemu-system-aarch64 -M virt,secure=on: code in the first flash at 0, where reset
 * begins; 16 MiB of secure RAM at 0xe000000, of which the first MiB is ours
 * (loader.ld).
 */

#define MIB UINT64_C(0x100000)

#define KEPT_BASE  UINT64_C(0x04000000)  /* the second flash: keys and the counter */
#define KEPT_BLOCK (UINT64_C(256) << 10) /* size of an erase block */

#define GICD UINT64_C(0x08000000)
#define GICC UINT64_C(0x08010000)
enum { UART_INTERRUPT = 40 }; /* SPI 8: the second UART */

/* clang-format off */
const struct port_facts port_facts = {
	.id = "qemu-virt",
	.uart_base = 0x09040000, /* the second PL011, for the secure world only */
	.uart_clock_hz = 24000000,
	.uart_baud = 115200,
	.ranges = {
		{ 0x00000000, 64 * MIB, MMU_CODE },   /* the first flash */
		{ KEPT_BASE,   2 * MIB, MMU_DEVICE }, /* of the second flash */
		{ GICD,       32 * MIB, MMU_DEVICE }, /* GIC, UARTs */
		{ 0x0e000000,  1 * MIB, MMU_OWN },
		{ 0x0e100000, 15 * MIB, MMU_WINDOW }, /* the rest of the secure RAM */
	},
};
/* clang-format on */

const struct port_gic port_gic = { GICD, GICC, UART_INTERRUPT };

/* The first block of the second flash is for keys, the second block for the counter. */
static const struct flash keys = { KEPT_BASE, KEPT_BASE, KEPT_BLOCK };
static const struct flash counter = { KEPT_BASE, KEPT_BASE + KEPT_BLOCK, KEPT_BLOCK };

/* The watchdog may have ended a program command: then no key could be read. */
void port_init(void)
{
	flash_init(&keys);
	gic_init();
}

const uint8_t *port_kept(size_t *ret_bytes)
{
	*ret_bytes = KEPT_BLOCK - 4;
	return flash_is_there(&keys) ? (const uint8_t *)KEPT_BASE : NULL;
}

bool port_keep(size_t at, const uint8_t *bytes, size_t length)
{
	return flash_write(&keys, at, bytes, length);
}

bool port_counts(void)
{
	return flash_is_there(&counter);
}

uint64_t port_count(void)
{
	return flash_count(&counter);
}

bool port_count_to(uint64_t value)
{
	return flash_count_to(&counter, value);
}
