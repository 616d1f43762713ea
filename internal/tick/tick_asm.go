//go:build amd64 || arm64

package tick

//go:noescape
func callers(skip int, pcs *[Depth]uintptr) (same bool)

func now() int64

// InlinedCounted says that Callers counts calls that were inlined, too.
const InlinedCounted = false
