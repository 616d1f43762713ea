#include "textflag.h"

// func now() int64
TEXT ·now(SB), NOSPLIT, $0-8
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+0(FP)
	RET

// func callers(skip int, pcs *[6]uintptr) (same bool)
TEXT ·callers(SB), NOSPLIT, $0-17
	MOVQ skip+0(FP), CX
	MOVQ pcs+8(FP), DI
	MOVQ BP, BX          // the frame of the caller: its caller's frame pointer, and above it the return address

	// What is there already is only compared, as long as it is the same: it mostly is.
	CMPQ 40(DI), $0
	JEQ  slow            // the stack was shorter than that
skip:
	TESTQ BX, BX
	JEQ  slow
	DECQ CX
	JLT  compare
	CMPQ 8(BX), $0
	JEQ  slow
	MOVQ (BX), BX
	JMP  skip
compare:
	MOVQ 8(BX), DX
	CMPQ DX, (DI)
	JNE  slow
	MOVQ (BX), BX
	TESTQ BX, BX
	JEQ  slow
	MOVQ 8(BX), DX
	CMPQ DX, 8(DI)
	JNE  slow
	MOVQ (BX), BX
	TESTQ BX, BX
	JEQ  slow
	MOVQ 8(BX), DX
	CMPQ DX, 16(DI)
	JNE  slow
	MOVQ (BX), BX
	TESTQ BX, BX
	JEQ  slow
	MOVQ 8(BX), DX
	CMPQ DX, 24(DI)
	JNE  slow
	MOVQ (BX), BX
	TESTQ BX, BX
	JEQ  slow
	MOVQ 8(BX), DX
	CMPQ DX, 32(DI)
	JNE  slow
	MOVQ (BX), BX
	TESTQ BX, BX
	JEQ  slow
	MOVQ 8(BX), DX
	CMPQ DX, 40(DI)
	JNE  slow
	MOVB $1, same+16(FP)
	RET

slow:
	MOVQ skip+0(FP), CX
	MOVQ BP, BX
	LEAQ 48(DI), R8
	XORL SI, SI          // what is different
next:
	TESTQ BX, BX
	JEQ  rest
	MOVQ 8(BX), DX
	MOVQ (BX), BX
	TESTQ DX, DX
	JEQ  rest
	DECQ CX
	JGE  next            // one of those to be skipped
	MOVQ (DI), AX
	MOVQ DX, (DI)
	XORQ DX, AX
	ORQ  AX, SI
	ADDQ $8, DI
	CMPQ DI, R8
	JLT  next
	JMP  done
rest:
	ORQ  (DI), SI
	MOVQ $0, (DI)
	ADDQ $8, DI
	CMPQ DI, R8
	JLT  rest
done:
	TESTQ SI, SI
	SETEQ same+16(FP)
	RET
