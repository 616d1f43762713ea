package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// errLocked says that another process, or this one, has locked the file.
var errLocked = errors.New("locked")

// lockDir takes the directory for this server. nats-server itself does not look whether
// another one writes the same files, and both would spoil them. The system gives the lock
// back when the process ends, however it does. The file stays: to remove it would take
// it from under a server that has just opened it.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "embedded.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		holder, _ := os.ReadFile(f.Name()) // only to say more
		_ = f.Close()                      // nothing was written
		if errors.Is(err, errLocked) {
			return nil, fmt.Errorf("another server%s uses the directory: close it first, or take another directory", byProcess(holder))
		}
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	if err := writeHolder(f); err != nil {
		_ = f.Close() // the write's error tells more
		return nil, err
	}
	return f, nil
}

func writeHolder(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := fmt.Fprintf(f, "%d\n", os.Getpid())
	return err
}

func byProcess(holder []byte) string {
	if pid := strings.TrimSpace(string(holder)); pid != "" {
		return " (in process " + pid + ")"
	}
	return ""
}
