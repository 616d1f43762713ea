package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nats-io/nats-server/v2/server"
)

// unread returns an error if there is a stream in the directory that the server has passed
// over. It does so with a mere warning if the files that describe the stream are damaged,
// as a power cut while the stream is made can leave them; whoever makes the stream next
// would get an empty one of the same name, and the jobs in it would be lost in silence.
func unread(ns *server.Server, dir string, warnings func() string) error {
	if ns.JetStreamIsClustered() {
		return nil // its streams come from the other servers
	}
	info, err := ns.Jsz(&server.JSzOptions{Accounts: true, Streams: true, Limit: 1 << 30})
	if err != nil {
		return err
	}
	for _, account := range info.AccountDetails {
		known := map[string]bool{}
		for _, stream := range account.Streams {
			known[stream.Name] = true
		}
		streams := filepath.Join(dir, server.JetStreamStoreDir, account.Id, "streams")
		entries, err := os.ReadDir(streams)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if known[e.Name()] || strings.HasPrefix(e.Name(), ".") { // being deleted
				continue
			}
			full, err := hasMessages(filepath.Join(streams, e.Name()))
			if err != nil {
				return err
			}
			if full {
				return fmt.Errorf("the server cannot read the stream %s, which has messages: mend %s from a backup, or move it away to begin without them (%s)",
					e.Name(), filepath.Join(streams, e.Name()), warnings())
			}
		}
	}
	return nil
}

func hasMessages(stream string) (bool, error) {
	blocks, err := filepath.Glob(filepath.Join(stream, "msgs", "*.blk"))
	if err != nil {
		return false, err
	}
	for _, b := range blocks {
		if info, err := os.Stat(b); err != nil || info.Size() > 0 {
			return true, err
		}
	}
	return false, nil
}
