package tourweb

import (
	"embed"
	"io/fs"
	"sync"

	"github.com/asyncio-go/asyncio/internal/serve"
)

// built is the page as console/page builds it. It is in git and in the binary, so that
// users of Go do not need node.
//
//go:embed dist
var built embed.FS

// Page returns the files of the page. Its index.html asks a server for the lessons, and
// export.html has them beside it.
func Page() fs.FS {
	files, err := fs.Sub(built, "dist")
	if err != nil {
		panic(err) // the folder is there, or this package cannot be built
	}
	return files
}

// pageFiles returns what the server gives of them, by path.
var pageFiles = sync.OnceValue(func() map[string]*serve.File {
	files, err := serve.Files(built, "dist")
	if err != nil {
		panic(err) // an embedded file can be read
	}
	delete(files, "/export.html")
	files["/"] = files["/index.html"]
	return files
})
