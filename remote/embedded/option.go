package embedded

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// An Option changes a server: Port, InProcess, SyncInterval, SyncAlways, Log, ConfigFile and
// Config.
type Option interface{ apply(*config) }

type config struct {
	file   string
	log    *slog.Logger
	change []func(*server.Options)
}

type option func(*config)

func (o option) apply(c *config) { o(c) }

// set is an option that sets one of the server's own.
func set(change func(*server.Options)) Option {
	return option(func(c *config) { c.change = append(c.change, change) })
}

// Port sets the port on which the server listens, so that workers find it again after a
// restart. Without it, or with 0, the server takes a free one: see URL.
func Port(n int) Option {
	if n < 0 || n > 65535 {
		panic(fmt.Sprintf("embedded: Port(%d): 1 to 65535, or 0 for a free one", n))
	}
	return set(func(o *server.Options) {
		if o.Port = n; n == 0 {
			o.Port = server.RANDOM_PORT
		}
	})
}

// InProcess makes the server listen nowhere: only Conn reaches it, and URL is empty.
func InProcess() Option { return set(func(o *server.Options) { o.DontListen = true }) }

// SyncInterval sets how often the files are synced, and so how much a power cut may lose:
// see the package's documentation. The default is two minutes.
func SyncInterval(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("embedded: SyncInterval(%v): use a duration above zero, or SyncAlways", d))
	}
	return set(func(o *server.Options) { o.SyncInterval, o.SyncAlways = d, false })
}

// SyncAlways makes each write wait until it is on the disk, so that a power cut loses
// nothing that was confirmed. It is slow: a job takes several writes.
func SyncAlways() Option { return set(func(o *server.Options) { o.SyncAlways = true }) }

// Log tells log what the server has to say. Without it, the server says nothing; what
// keeps it from starting is in the error of Start.
func Log(log *slog.Logger) Option {
	if log == nil {
		panic("embedded: Log(nil): leave it out for silence")
	}
	return option(func(c *config) { c.log = log })
}

// ConfigFile reads a configuration file of nats-server: accounts, permissions, TLS, a
// cluster. The other options count for more than the file, wherever they stand, and the
// directory is that of Start in any case. A file that names no address gets 127.0.0.1 and
// a free port.
func ConfigFile(path string) Option { return option(func(c *config) { c.file = path }) }

// Config changes the server's own options, after all that come before it and before the
// server starts. What it must not change is the directory, and that JetStream is on.
func Config(change func(*server.Options)) Option {
	if change == nil {
		panic("embedded: Config(nil): leave it out")
	}
	return set(change)
}

// newConfig applies options.
func newConfig(opts []Option) *config {
	c := new(config)
	for _, o := range opts {
		if o == nil {
			panic("embedded: nil option: leave it out, or pass one that the documentation of Option lists")
		}
		o.apply(c)
	}
	return c
}

// options are those with which the server starts: first the file, then what Start wants,
// then the options of the caller.
func (c *config) options(dir string) (*server.Options, error) {
	o := new(server.Options)
	if c.file != "" {
		var err error
		if o, err = server.ProcessConfigFile(c.file); err != nil {
			return nil, err
		}
	}
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	o.JetStream, o.StoreDir = true, dir
	o.NoSigs = true // signals are the program's
	o.NoLog = true  // and so is standard error: see Log
	for _, change := range c.change {
		change(o)
	}
	switch {
	case !o.JetStream:
		return nil, fmt.Errorf("Config has turned JetStream off, which package remote needs")
	case o.StoreDir != dir:
		return nil, fmt.Errorf("Config has changed the directory to %s: give it to Start", o.StoreDir)
	}
	return o, nil
}
