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
