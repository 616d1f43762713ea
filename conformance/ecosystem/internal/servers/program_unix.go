//go:build unix

package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// guardScript runs a server until the standard input ends, which is a pipe whose other
// end the test binary holds: so the server ends, and its directory goes, also when the
// test binary panics, is killed or is interrupted. It is a process group of its own, which
// Ctrl-C does not reach. (PR_SET_PDEATHSIG would be for Linux only, goes by the thread
// that has started the process, and removes no directory.)
const guardScript = `
dir=$1 signal=$2; shift 2
PATH=$PATH:/usr/bin:/bin
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
{ read -r _ <&3; kill -s "$signal" "$server"; } &
reader=$!
wait "$server"
kill "$reader" 2>/dev/null
wait "$reader"
rm -rf "$dir"
`

// guards holds what has to stay open as long as the test binary runs.
var guards []*guard

type guard struct {
	hold  io.Closer // the end of it ends the server
	ended chan struct{}
	log   *os.File
}

// startGuarded starts a server, which signal ends.
func startGuarded(dir, signal string, who *syscall.SysProcAttr, argv ...string) (*guard, error) {
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", guardScript, "guard", dir, signal}, argv...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = dir, log, log, who
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	g := &guard{hold: hold, ended: make(chan struct{}), log: log}
	go func() {
		_ = cmd.Wait()
		close(g.ended)
	}()
	return g, nil
}

// untilReady waits until the server answers.
func (g *guard) untilReady(ask func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			guards = append(guards, g)
			return nil
		}
		select {
		case <-g.ended:
			return fmt.Errorf("it has ended: %s", g.said())
		case <-ctx.Done():
			_ = g.hold.Close()
			<-g.ended
			return fmt.Errorf("%w; it said: %s", err, g.said())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// said is what the server has written. Its directory may be gone.
func (g *guard) said() string {
	_, _ = g.log.Seek(0, io.SeekStart)
	text, _ := io.ReadAll(g.log)
	return string(text)
}

// newDir returns a directory for a server of this user. That of another user must be able
// to reach it, and to remove it: TMPDIR may be root's own, /tmp is for all.
func newDir(who *syscall.SysProcAttr) (dir string, err error) {
	if who.Credential == nil {
		return os.MkdirTemp("", "ecosystem")
	}
	if dir, err = os.MkdirTemp("/tmp", "ecosystem"); err != nil {
		return "", err
	}
	return dir, os.Chown(dir, int(who.Credential.Uid), int(who.Credential.Gid))
}

// asOurselves starts a process of this user, in a group of its own.
func asOurselves() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// asServant is asOurselves, but not as root, as which PostgreSQL refuses to run.
func asServant() (*syscall.SysProcAttr, error) {
	who := asOurselves()
	if os.Getuid() != 0 {
		return who, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		who.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return who, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}

// program finds a program by its name, in the path or else in the newest of the
// directories that the patterns name.
func program(name string, patterns ...string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, pattern := range patterns {
		found, _ := filepath.Glob(filepath.Join(pattern, name))
		if len(found) > 0 {
			return slices.MaxFunc(found, byVersion), nil
		}
	}
	return "", ErrNotInstalled
}

// byVersion compares paths that have a number in them: 9 is before 15.
func byVersion(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	if a < b {
		return -1
	}
	return 1
}
