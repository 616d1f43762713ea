//go:build unix

package servers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

func startRedis() (url string, err error) {
	path, err := program("redis-server", "/usr/local/bin", "/opt/homebrew/bin")
	if err != nil {
		return "", err
	}
	port, password, err := onFreePort(func(port int, password string) error {
		return startRedisOn(path, port, password)
	})
	return fmt.Sprintf("redis://:%s@127.0.0.1:%d/0", password, port), err
}

func startRedisOn(path string, port int, password string) error {
	dir, err := newDir(asOurselves())
	if err != nil {
		return err
	}
	// In a file, which no one else may read, and not in the arguments, which all see.
	config := filepath.Join(dir, "redis.conf")
	text := fmt.Sprintf("bind 127.0.0.1\nport %d\nrequirepass %s\ndir %q\nsave \"\"\nappendonly no\n", port, password, dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	g, err := startGuarded(dir, "TERM", asOurselves(), path, config)
	if err != nil {
		return err
	}
	client := redis.NewClient(&redis.Options{
		Addr: fmt.Sprintf("127.0.0.1:%d", port), Password: password, MaxRetries: -1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	defer client.Close()
	return g.untilReady(func(ctx context.Context) error { return client.Ping(ctx).Err() })
}
