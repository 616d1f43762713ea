// Package consolepage has the page of the console as console/page builds it, for the
// console itself and for those who show recordings on it. It is in git and in the binary,
// so that users of Go do not need node.
package consolepage

import (
	"embed"
	"sync"

	"github.com/asyncio-go/asyncio/internal/serve"
)

//go:embed all:dist
var built embed.FS

// Files returns the files of the page by their path. The page itself is /index.html.
var Files = sync.OnceValue(func() map[string]*serve.File {
	files, err := serve.Files(built, "dist")
	if err != nil {
		panic(err) // an embedded file can be read
	}
	return files
})
