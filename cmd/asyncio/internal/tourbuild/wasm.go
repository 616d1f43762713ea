package tourbuild

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Wasm is the lessons for a browser.
type Wasm struct {
	Program []byte // tour.wasm
	Support []byte // wasm_exec.js, of the toolchain that has built it
}

// Wasm builds the lessons for a browser, the same bytes each time. The first time may take
// a minute.
func (s *Source) Wasm(ctx context.Context) (Wasm, error) {
	support, err := s.wasmSupport(ctx)
	if err != nil {
		return Wasm{}, err
	}
	folder, err := os.MkdirTemp("", "asyncio-tour-")
	if err != nil {
		return Wasm{}, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "tour.wasm")
	web := *s
	web.env = append(s.env[:len(s.env):len(s.env)], "GOOS=js", "GOARCH=wasm", "GOWASM=", "GOEXPERIMENT=")
	if err := web.build(ctx, "build", "-trimpath", "-tags=asyncio_notls", "-gcflags=all=-l", "-ldflags=-s -w", "-o", file, command+"/tourwasm"); err != nil {
		return Wasm{}, err
	}
	program, err := os.ReadFile(file)
	return Wasm{program, support}, err
}

// wasmSupport returns what programs of this toolchain need in JavaScript. Its file has no
// version in it, so what counts is that it lies beside the toolchain that builds.
func (s *Source) wasmSupport(ctx context.Context) ([]byte, error) {
	r, err := s.run(ctx, "env", "GOROOT", "GOVERSION")
	if err != nil {
		return nil, err
	}
	root, version, ok := strings.Cut(strings.TrimSpace(r.Output), "\n")
	if !ok || r.Status != 0 {
		return nil, fmt.Errorf("go env: %s", strings.TrimSpace(r.Output))
	}
	root = strings.TrimSpace(root)
	// Go before 1.21 has only its version in that file, and later ones the time as well.
	own, err := os.ReadFile(filepath.Join(root, "VERSION"))
	first, _, _ := strings.Cut(string(own), "\n")
	if err != nil || strings.TrimSpace(first) != strings.TrimSpace(version) {
		return nil, fmt.Errorf("%s is of %q, and go is %s: install Go anew", root, strings.TrimSpace(first), version)
	}
	text, err := os.ReadFile(filepath.Join(root, "lib", "wasm", "wasm_exec.js"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s has no lib/wasm/wasm_exec.js: install Go as it comes from go.dev/dl, or all packages of it that your system has", root)
	}
	return text, err
}
