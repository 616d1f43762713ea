package backend

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Options are what a user of the services can set.
type Options struct {
	Address, File, Postgres, Redis string
	Interval, Patience, Grace      time.Duration
	Workers                        int
}

// Main reads the options from the command line and the environment and calls serve, which
// serves until quit is done: that is at SIGTERM and Ctrl-C. If serve fails, so does the
// program.
func Main(serve func(quit context.Context, p *Parts, o Options) error) {
	var o Options
	flag.StringVar(&o.Address, "addr", "localhost:8080", "where to listen")
	flag.StringVar(&o.File, "file", "sites.db", "where sites are kept, unless DATABASE_URL names a PostgreSQL")
	flag.DurationVar(&o.Interval, "interval", time.Minute, "how often each site is checked")
	flag.DurationVar(&o.Patience, "patience", 10*time.Second, "how long a site may take to answer")
	flag.DurationVar(&o.Grace, "grace", 20*time.Second, "how long checks and requests may take when the service ends")
	flag.IntVar(&o.Workers, "workers", 10, "how many sites are checked at a time")
	flag.Parse()
	o.Postgres, o.Redis = os.Getenv("DATABASE_URL"), os.Getenv("REDIS_URL")
	quit, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(quit, stop) // the second signal ends the program at once
	if err := run(quit, o, serve); err != nil {
		slog.Error("the service has ended", "err", err)
		os.Exit(1)
	}
}

func run(quit context.Context, o Options, serve func(context.Context, *Parts, Options) error) error {
	p, err := open(quit, o)
	if err == nil {
		fmt.Printf("listening on http://%s\n", p.Listener.Addr())
		err = serve(quit, p, o)
	}
	return errors.Join(err, p.close())
}

// Parts are what a service stands on.
type Parts struct {
	Store    Store
	Bus      *Bus
	Listener net.Listener // whoever serves on it closes it
}

// open returns the parts that it has opened, also with an error.
func open(ctx context.Context, o Options) (p *Parts, err error) {
	p = new(Parts)
	if p.Store, err = OpenStore(ctx, o.Postgres, o.File); err != nil {
		return p, err
	}
	if p.Bus, err = OpenBus(ctx, o.Redis); err != nil {
		return p, err
	}
	p.Listener, err = net.Listen("tcp", o.Address)
	return p, err
}

func (p *Parts) close() (err error) {
	if p.Bus != nil {
		err = p.Bus.Close()
	}
	if p.Store != nil {
		err = errors.Join(err, p.Store.Close())
	}
	return err
}
