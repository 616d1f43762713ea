package embedded_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

func TestDamagedStream(t *testing.T) {
	metadata := func(t *testing.T, dir string) string {
		found, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "S", "meta.inf"))
		if err != nil || len(found) != 1 {
			t.Fatalf("the description of the stream: %v, %v", found, err)
		}
		return found[0]
	}
	filled := func(t *testing.T, messages int) string {
		dir := t.TempDir()
		s := start(t, dir)
		js := connect(t, s)
		if _, err := js.CreateStream(long(t), stream); err != nil {
			t.Fatal(err)
		}
		for range messages {
			if _, err := js.Publish(long(t), "s.a", nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for name, damage := range map[string]func(path string) error{
		"without its description":    os.Remove,
		"with an empty description":  func(path string) error { return os.Truncate(path, 0) },
		"with a broken description":  func(path string) error { return os.WriteFile(path, []byte("{}"), 0o600) },
		"without its checksum":       func(path string) error { return os.Remove(strings.TrimSuffix(path, "inf") + "sum") },
		"with an empty file of sums": func(path string) error { return os.Truncate(strings.TrimSuffix(path, "inf")+"sum", 0) },
	} {
		t.Run("a stream with messages "+name+" is not passed over", func(t *testing.T) {
			dir := filled(t, 3)
			if err := damage(metadata(t, dir)); err != nil {
				t.Fatal(err)
			}
			s, err := embedded.Start(dir)
			if err == nil {
				t.Fatalf("the server has started without the stream; Close: %v", s.Close())
			}
			if !strings.Contains(err.Error(), "cannot read the stream S") || !strings.Contains(err.Error(), "meta") {
				t.Errorf("the error is %v, want one that names the stream and the file", err)
			}
			if _, err := embedded.Start(dir); strings.Contains(err.Error(), "another server") {
				t.Errorf("the server that has not started holds the directory: %v", err)
			}
		})
	}
	t.Run("a stream without messages was never used", func(t *testing.T) {
		dir := filled(t, 0)
		if err := os.Remove(metadata(t, dir)); err != nil {
			t.Fatal(err)
		}
		if _, err := connect(t, start(t, dir)).CreateStream(long(t), stream); err != nil {
			t.Errorf("the stream cannot be made again: %v", err)
		}
	})
}

func TestNothingIsLeft(t *testing.T) {
	once := func() {
		s, err := embedded.Start(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		js := connect(t, s)
		if _, err := js.CreateStream(long(t), stream); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	once() // what a process makes once stays
	before := runtime.NumGoroutine()
	once()
	for end := time.Now().Add(20 * time.Second); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			var all [1 << 20]byte
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), all[:runtime.Stack(all[:], true)])
		}
	}
}

func TestOptions(t *testing.T) {
	t.Run("Config changes the server's own", func(t *testing.T) {
		s := start(t, t.TempDir(), embedded.Config(func(o *server.Options) { o.Username, o.Password = "u", "secret" }))
		if nc, err := s.Conn(); err == nil {
			nc.Close()
			t.Error("a connection without the password is let in")
		}
		nc, err := s.Conn(nats.UserInfo("u", "secret"))
		if err != nil {
			t.Fatal(err)
		}
		nc.Close()
	})
	t.Run("Config cannot take away what package remote needs", func(t *testing.T) {
		for want, change := range map[string]func(*server.Options){
			"JetStream":        func(o *server.Options) { o.JetStream = false },
			"give it to Start": func(o *server.Options) { o.StoreDir = t.TempDir() },
		} {
			if _, err := embedded.Start(t.TempDir(), embedded.Config(change)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Start: %v, want an error with %q", err, want)
			}
		}
	})
	t.Run("ConfigFile is read, and the directory stays that of Start", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "server.conf")
		if err := os.WriteFile(file, []byte("authorization { user: u, password: secret }\njetstream { store_dir: /nowhere/else }\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		s := start(t, dir, embedded.ConfigFile(file))
		if !strings.HasPrefix(s.URL(), "nats://127.0.0.1:") || strings.HasSuffix(s.URL(), ":4222") {
			t.Errorf("URL %s, want loopback and a free port", s.URL())
		}
		if _, err := nats.Connect(s.URL()); err == nil {
			t.Error("a connection without the password is let in")
		}
		if _, err := os.Stat(filepath.Join(dir, "jetstream")); err != nil {
			t.Error(err)
		}
		if _, err := embedded.Start(t.TempDir(), embedded.ConfigFile(file+".none")); err == nil {
			t.Error("a file that is not there is no error")
		}
	})
	t.Run("Log tells what the server says", func(t *testing.T) {
		var text lockedBuffer
		s := start(t, t.TempDir(), embedded.Log(slog.New(slog.NewTextHandler(&text, nil))))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"level=INFO", "Server is ready", "Server Exiting"} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("the log is without %q:\n%s", want, text.String())
			}
		}
	})
	t.Run("SyncInterval and SyncAlways reach the server", func(t *testing.T) {
		var got server.Options
		look := embedded.Config(func(o *server.Options) { got.SyncInterval, got.SyncAlways = o.SyncInterval, o.SyncAlways })
		start(t, t.TempDir(), embedded.SyncInterval(time.Second), look)
		if got.SyncInterval != time.Second || got.SyncAlways {
			t.Errorf("with SyncInterval(1s): %v, always %v", got.SyncInterval, got.SyncAlways)
		}
		start(t, t.TempDir(), embedded.SyncAlways(), look)
		if !got.SyncAlways {
			t.Error("with SyncAlways: not always")
		}
	})
	for name, bad := range map[string]func() embedded.Option{
		"Port":         func() embedded.Option { return embedded.Port(70_000) },
		"SyncInterval": func() embedded.Option { return embedded.SyncInterval(0) },
		"Config":       func() embedded.Option { return embedded.Config(nil) },
		"Log":          func() embedded.Option { return embedded.Log(nil) },
	} {
		t.Run(name+" panics with advice on what it cannot use", func(t *testing.T) {
			defer func() {
				if p, _ := recover().(string); !strings.HasPrefix(p, "embedded: "+name) {
					t.Errorf("it panicked with %q", p)
				}
			}()
			bad()
		})
	}
}

// lockedBuffer is a buffer that several goroutines write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
