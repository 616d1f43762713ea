package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
)

func noRedis() string {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return "there is no redis-server (Debian: apt-get install redis-server)"
	}
	return ""
}

// serveRedis runs a Redis that writes each command to its file, and syncs that every
// second.
func serveRedis(o order) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := l.Addr().(*net.TCPAddr)
	if err := l.Close(); err != nil {
		return err
	}
	config := filepath.Join(o.Dir, "redis.conf")
	text := fmt.Sprintf("bind 127.0.0.1\nport %d\ndir %q\nsave \"\"\nappendonly yes\nappendfsync everysec\n", address.Port, o.Dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	server := exec.Command("redis-server", config)
	if err := server.Start(); err != nil {
		return err
	}
	if err := untilReady(address.String()); err != nil {
		return err
	}
	ready(address.String())
	return waitAfter(server, server.Process.Signal(os.Interrupt))
}

func untilReady(address string) error {
	c := redis.NewClient(&redis.Options{Addr: address})
	defer c.Close()
	for limit := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := c.Ping(context.Background()).Err()
		if err == nil || time.Now().After(limit) {
			return err
		}
	}
}
