#include "textflag.h"

// func now() int64
TEXT ·now(SB), NOSPLIT, $0-8
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+0(FP)
	RET

// func callers(skip int, pcs *[6]uintptr) int
TEXT ·callers(SB), NOSPLIT, $0-24
	MOVQ skip+0(FP), CX
	MOVQ pcs+8(FP), DI
	MOVQ BP, BX          // the frame of the caller: its caller's frame pointer, and above it the return address
	XORQ AX, AX
next:
	TESTQ BX, BX
	JEQ  done
	MOVQ 8(BX), DX
	MOVQ (BX), BX
	TESTQ DX, DX
	JEQ  done
	DECQ CX
	JGE  next            // one of those to be skipped
	MOVQ DX, (DI)(AX*8)
	INCQ AX
	CMPQ AX, $6
	JLT  next
done:
	MOVQ AX, ret+16(FP)
	RET
