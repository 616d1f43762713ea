package files_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/files"
)

// inTempDir runs main in a loop, with a directory of its own.
func inTempDir(main func(ctx context.Context, dir string) error) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := asyncio.Run(context.Background(), func(ctx context.Context) error { return main(ctx, dir) }); err != nil {
		fmt.Println(err)
	}
}

// A file is written and read through package bufio, so that not every line is a
// way to another goroutine and back.
func ExampleFile() {
	inTempDir(func(ctx context.Context, dir string) error {
		f, err := files.Create(ctx, filepath.Join(dir, "words"))
		if err != nil {
			return err
		}
		defer f.Close()
		out := bufio.NewWriter(f)
		fmt.Fprintln(out, "one")
		fmt.Fprintln(out, "two")
		if err := out.Flush(); err != nil {
			return err
		}
		if _, err := f.Seek(0, 0); err != nil {
			return err
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			fmt.Println(lines.Text())
		}
		return lines.Err()
	})
	// Output:
	// one
	// two
}

// Many files at once, each in a task of its own.
func ExampleReadFile() {
	inTempDir(func(ctx context.Context, dir string) error {
		size := func(name string) asyncio.Coro[int] {
			return func(ctx context.Context) (int, error) {
				if err := files.WriteFile(ctx, filepath.Join(dir, name), []byte(name), 0o600); err != nil {
					return 0, err
				}
				text, err := files.ReadFile(ctx, filepath.Join(dir, name))
				return len(text), err
			}
		}
		sizes, err := asyncio.Gather(ctx, size("one"), size("two"), size("three"))
		fmt.Println(sizes)
		return err
	})
	// Output: [3 3 5]
}
