#include "textflag.h"

// func now() int64
TEXT ·now(SB), NOSPLIT, $0-8
	MRS  CNTVCT_EL0, R0
	MOVD R0, ret+0(FP)
	RET

// func callers(skip int, pcs *[6]uintptr) int
TEXT ·callers(SB), NOSPLIT, $0-24
	MOVD skip+0(FP), R1
	MOVD pcs+8(FP), R2
	MOVD R29, R3         // the frame of the caller: its caller's frame pointer, and above it the return address
	MOVD $0, R0
next:
	CBZ  R3, done
	MOVD 8(R3), R4
	MOVD (R3), R3
	CBZ  R4, done
	SUBS $1, R1, R1
	BGE  next            // one of those to be skipped
	MOVD R4, (R2)(R0<<3)
	ADD  $1, R0, R0
	CMP  $6, R0
	BLT  next
done:
	MOVD R0, ret+16(FP)
	RET
