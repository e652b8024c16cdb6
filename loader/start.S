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
/* ESR_EL3 of SMC #1 from AArch64. */
#define ESR_SMC_1	0x5e000001
/* PAR_EL1 of a failed translation: F, and bit 11, which is RES1. */
#define PAR_FAULT	0x801

	.section .text.start, "ax"
	.global _start
_start:
	mrs	x0, mpidr_el1
	ldr	x1, =MPIDR_AFFINITY
	tst	x0, x1
	b.ne	halt

	/* Cortex-A53, A57 and A72: caches work once CPUECTLR_EL1.SMPEN is set. */
	mrs	x0, midr_el1
	ubfx	x0, x0, #4, #12
	mov	x1, #0xd03
	cmp	x0, x1
	mov	x1, #0xd07
	ccmp	x0, x1, #4, ne
	mov	x1, #0xd08
	ccmp	x0, x1, #4, ne
	b.ne	1f
	mrs	x0, s3_1_c15_c2_1
	orr	x0, x0, #(1 << 6)
	msr	s3_1_c15_c2_1, x0
	isb
1:
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

/*
 * uint64_t loader_enter(uint64_t va, uint64_t spsr): one instruction at an address of EL1
 * or EL0. Whatever becomes of it comes to EL1's vectors (below), and by their SMC back
 * here: ESR_EL1 says what it was. FIQ, the watchdog, ends it otherwise.
 */
	.global loader_enter
loader_enter:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	msr	elr_el3, x0
	msr	spsr_el3, x1
	isb
	eret

on_lower:
	mrs	x0, esr_el3
	ldr	w1, =ESR_SMC_1
	cmp	w0, w1
	b.ne	on_other
	mrs	x0, esr_el1
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret

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

/*
 * EL1's vectors while an instruction is tried: each entry leads back to EL3. They are
 * mapped by TTBR1 alone, see execute.c; a page of their own.
 */
	.section .text.probe, "ax"
	.balign 0x1000
	.global probe_vectors
probe_vectors:
	.rept	16
	.balign 0x80
	smc	#1
	.endr
	.balign 0x1000

	.text
/* "From the current EL with its own stack", and what a tried instruction causes. */
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
	.balign 0x80
	b	on_other
	.balign 0x80
	b	on_lower
	.balign 0x80
	b	on_other
	.balign 0x80
	b	on_fiq
	.rept	5
	.balign 0x80
	b	on_other
	.endr
