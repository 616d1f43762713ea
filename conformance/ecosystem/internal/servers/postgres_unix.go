//go:build unix

package servers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// postgresDirs is where the programs are that Debian and others keep out of the path.
var postgresDirs = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql@*/bin"}

func startPostgres() (url string, err error) {
	initdb, err := program("initdb", postgresDirs...)
	if err != nil {
		return "", err
	}
	postgres, err := program("postgres", postgresDirs...)
	if err != nil {
		return "", err
	}
	who, err := asServant()
	if err != nil {
		return "", err
	}
	port, password, err := onFreePort(func(port int, password string) error {
		return startPostgresOn(initdb, postgres, who, port, password)
	})
	return postgresURL(port, password), err
}

func postgresURL(port int, password string) string {
	return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", password, port)
}

func startPostgresOn(initdb, postgres string, who *syscall.SysProcAttr, port int, password string) error {
	dir, err := newDir(who)
	if err != nil {
		return err
	}
	if err := initPostgres(initdb, dir, who, password); err != nil {
		_ = os.RemoveAll(dir)
		return err
	}
	g, err := startGuarded(dir, "QUIT", who, postgres, "-D", filepath.Join(dir, "data"),
		"-c", "listen_addresses=127.0.0.1", "-c", "port="+strconv.Itoa(port),
		"-c", "unix_socket_directories=", // whose paths would be too long in some TMPDIR
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "autovacuum=off",
		"-c", "shared_memory_type=mmap", "-c", "dynamic_shared_memory_type=mmap") // nothing outlives the directory
	if err != nil {
		return err
	}
	return g.untilReady(func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, postgresURL(port, password))
		if err != nil {
			return err
		}
		return conn.Close(ctx)
	})
}

// initPostgres makes the files of a new server. Its password goes over the wire as it is,
// for the tests connect often, and a hash takes milliseconds.
func initPostgres(initdb, dir string, who *syscall.SysProcAttr, password string) error {
	file := filepath.Join(dir, "password")
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if c := who.Credential; c != nil {
		if err := os.Chown(file, int(c.Uid), int(c.Gid)); err != nil {
			return err
		}
	}
	cmd := exec.Command(initdb, "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "password", "--pwfile", file,
		"-E", "UTF8", "--locale=C", "--no-sync")
	cmd.Dir, cmd.SysProcAttr = dir, who
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}
