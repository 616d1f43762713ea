//go:build !amd64 && !arm64

package tick

import (
	"runtime"
	"time"
)

// InlinedCounted says that Callers counts calls that were inlined, too.
const InlinedCounted = true

var start = time.Now()

func now() int64 { return int64(time.Since(start)) }

func callers(skip int, pcs *[Depth]uintptr) (same bool) {
	before := *pcs
	clear(pcs[runtime.Callers(skip+4, pcs[:]):])
	return *pcs == before
}
