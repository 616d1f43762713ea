package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/asyncio-go/asyncio"
)

// A ballot is what a node must never forget: if it did, it could vote twice in a term.
type ballot struct {
	Term int `json:"term"` // the latest that it knows of
	Vote int `json:"vote"` // for whom it has voted in this term; 0: for no one
}

// A store keeps a ballot where a crash does not reach it. Its calls suspend.
type store interface {
	load(ctx context.Context) (ballot, error)
	save(ctx context.Context, b ballot) error // returns when the ballot is safe
}

// A file is a store of the name of the file.
type file string

func (f file) load(ctx context.Context) (b ballot, err error) {
	text, err := asyncio.ToThread(ctx, func(context.Context) ([]byte, error) { return os.ReadFile(string(f)) })
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil // it is the node's first start
	}
	if err == nil {
		err = json.Unmarshal(text, &b)
	}
	return b, err
}

// save is not canceled: a thread that is left behind could replace a later ballot.
func (f file) save(ctx context.Context, b ballot) error {
	return asyncio.ToThreadFunc(context.WithoutCancel(ctx), func(context.Context) error { return f.replace(b) })
}

// replace writes a new file in the place of the old one, so that there is a whole one at
// any time. (To survive a power failure, it would have to sync the folder as well.)
func (f file) replace(b ballot) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	next, err := os.CreateTemp(filepath.Dir(string(f)), "ballot")
	if err != nil {
		return err
	}
	_, err = next.Write(text)
	if err := errors.Join(err, next.Sync(), next.Close()); err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return os.Rename(next.Name(), string(f))
}
