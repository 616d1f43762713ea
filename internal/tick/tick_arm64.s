#include "textflag.h"

// func now() int64
TEXT ·now(SB), NOSPLIT, $0-8
	MRS  CNTVCT_EL0, R0
	MOVD R0, ret+0(FP)
	RET

// func callers(skip int, pcs *[6]uintptr) (same bool)
TEXT ·callers(SB), NOSPLIT, $0-17
	MOVD skip+0(FP), R1
	MOVD pcs+8(FP), R2
	MOVD R29, R3         // the frame of the caller: its caller's frame pointer, and above it the return address
	ADD  $48, R2, R5
	MOVD $0, R6          // what is different
next:
	CBZ  R3, rest
	MOVD 8(R3), R4
	MOVD (R3), R3
	CBZ  R4, rest
	SUBS $1, R1, R1
	BGE  next            // one of those to be skipped
	MOVD (R2), R7
	MOVD R4, (R2)
	EOR  R4, R7, R7
	ORR  R7, R6, R6
	ADD  $8, R2, R2
	CMP  R5, R2
	BLT  next
	B    done
rest:
	MOVD (R2), R7
	MOVD ZR, (R2)
	ORR  R7, R6, R6
	ADD  $8, R2, R2
	CMP  R5, R2
	BLT  rest
done:
	CMP  $0, R6
	CSET EQ, R0
	MOVB R0, same+16(FP)
	RET
