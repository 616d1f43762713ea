package files

import (
	"context"
	"os"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/files"
)

func save(ctx context.Context, f *os.File, data []byte) error {
	if err := asyncio.Yield(ctx); err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil { // want `os.File.Write blocks the event loop in save: use package files`
		return err
	}
	if err := files.WriteFile(ctx, "b", data, 0o644); err != nil {
		return err
	}
	return os.WriteFile("a", data, 0o644) // want `os.WriteFile blocks the event loop in save: use files.WriteFile`
}
