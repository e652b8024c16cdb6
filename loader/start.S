/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From reset at EL3 to loader_main, and the exception vectors. Nothing here knows the
 * board but through the linker script.
 */

/*
 * NS = 0: the secure world; FIQ: the watchdog comes to EL3; RW: EL1 is AArch64; bits 4
 * and 5 are RES1; SMC does not trap.
 */
#define SCR_EL3_SECURE	0x434
/* The RES1 bits: MMU, caches and alignment checks off. */
#define SCTLR_EL3_RESET	0x30c50830
/* Aff3 and Aff2..Aff0: zero only on the first core. */
#define MPIDR_AFFINITY	0xff00ffffff
/* PAR_EL1 of a failed translation: F, and bit 11, which is RES1. */
#define PAR_FAULT	0x801

	.section .text.start, "ax"
	.global _start
_start:
	mrs	x0, mpidr_el1
	ldr	x1, =MPIDR_AFFINITY
	tst	x0, x1
	b.ne	halt

	adr	x0, vectors
	msr	vbar_el3, x0
	mov	x0, #SCR_EL3_SECURE
	msr	scr_el3, x0
	msr	cptr_el3, xzr		/* the digest uses SIMD registers */
	ldr	x0, =SCTLR_EL3_RESET
	msr	sctlr_el3, x0
	isb

	ldr	x0, =stack_top
	mov	sp, x0
	ldr	x0, =bss_start
	ldr	x1, =bss_end
1:	cmp	x0, x1
	b.hs	2f
	str	xzr, [x0], #8
	b	1b
2:	bl	loader_main

halt:	wfe
	b	halt

/*
 * void loader_restart(void): to the main loop, from wherever we are. Whatever the stack
 * was, it may be the reason.
 */
	.global loader_restart
loader_restart:
	ldr	x0, =stack_top
	mov	sp, x0
	bl	loader_resume
	b	halt

/*
 * uint64_t loader_at(uint64_t va, uint64_t access): what the walker of the secure EL1 says.
 * A table that cannot be read is not a fault in PAR_EL1 but an abort taken to EL3, from
 * the AT itself; the vector makes a PAR_EL1 of it and lets us return.
 */
	.text
	.global loader_at
loader_at:
at_first:
	adr	x2, 1f
	add	x2, x2, x1, lsl #3	/* two instructions for each access */
	br	x2
1:	at	s1e1r, x0
	b	2f
	at	s1e1w, x0
	b	2f
	at	s1e0r, x0
	b	2f
	at	s1e0w, x0
2:	isb
	mrs	x0, par_el1
at_return:
	ret

on_sync:
	mrs	x1, elr_el3
	adr	x2, at_first
	adr	x3, at_return
	cmp	x1, x2
	b.lo	on_other
	cmp	x1, x3
	b.hs	on_other
	mrs	x0, esr_el3
	and	x0, x0, #0x3f		/* the fault status code, as PAR_EL1.FST has it */
	lsl	x0, x0, #1
	mov	x1, #PAR_FAULT
	orr	x0, x0, x1
	msr	elr_el3, x3
	eret

on_other:
	ldr	x0, =stack_top
	mov	sp, x0
	mrs	x0, esr_el3
	mrs	x1, elr_el3
	mrs	x2, far_el3
	bl	loader_exception
	b	loader_restart

on_fiq:
	ldr	x0, =stack_top
	mov	sp, x0
	mrs	x0, elr_el3
	bl	loader_bark
	b	loader_restart

/* Only "from the current EL with its own stack" can happen: nothing runs below EL3. */
	.balign 0x800
vectors:
	.rept	4
	.balign 0x80
	b	on_other
	.endr
	.balign 0x80
	b	on_sync
	.balign 0x80
	b	on_other
	.balign 0x80
	b	on_fiq
	.rept	9
	.balign 0x80
	b	on_other
	.endr
