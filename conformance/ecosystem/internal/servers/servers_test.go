//go:build unix

package servers_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/asyncio-go/asyncio/conformance/ecosystem/internal/servers"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestRedis(t *testing.T) {
	opts, err := redis.ParseURL(servers.OrSkip(t, servers.Redis))
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(opts)
	defer client.Close()
	asynctest.ExpectNil(t, client.Ping(context.Background()).Err())
}

func TestPostgres(t *testing.T) {
	conn, err := pgx.Connect(context.Background(), servers.OrSkip(t, servers.Postgres))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	asynctest.ExpectNil(t, conn.Ping(context.Background()))
}

// A test binary that is killed leaves no server and no directory.
func TestServersEndWithTheTestBinary(t *testing.T) {
	if asynctest.InChild() {
		reportServers(t)
		select {}
	}
	if servers.OrSkip(t, servers.Redis) == os.Getenv("REDIS_URL") || servers.OrSkip(t, servers.Postgres) == os.Getenv("DATABASE_URL") {
		t.Skip("the servers are not this test's own")
	}
	child := asynctest.Child(t)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	var dirs []string
	for lines := bufio.NewScanner(out); len(dirs) < 2 && lines.Scan(); {
		var pid int
		var dir string
		if n, _ := fmt.Sscanf(lines.Text(), "server %d %s", &pid, &dir); n == 2 {
			pids, dirs = append(pids, pid), append(dirs, dir)
		}
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	asynctest.ExpectEqual(t, "servers of the child", len(pids), 2)
	for i, pid := range pids {
		asynctest.ExpectEnded(t, pid)
		asynctest.Eventually(t, "the directory is gone", func() bool {
			_, err := os.Stat(dirs[i])
			return os.IsNotExist(err)
		})
	}
}

// reportServers starts the servers, and prints the process and the directory of each.
func reportServers(t *testing.T) {
	opts, err := redis.ParseURL(servers.OrSkip(t, servers.Redis))
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(opts)
	ctx := context.Background()
	info, err := client.InfoMap(ctx, "server").Result()
	asynctest.ExpectNil(t, err)
	dir, err := client.ConfigGet(ctx, "dir").Result()
	asynctest.ExpectNil(t, err)
	conn, err := pgx.Connect(ctx, servers.OrSkip(t, servers.Postgres))
	if err != nil {
		t.Fatal(err)
	}
	var data, file string
	asynctest.ExpectNil(t, conn.QueryRow(ctx, "select current_setting('data_directory'), pg_read_file('postmaster.pid')").Scan(&data, &file))
	pid, _, _ := strings.Cut(file, "\n")
	fmt.Printf("\nserver %s %s\nserver %s %s\n", info["Server"]["process_id"], dir["dir"], pid, filepath.Dir(data))
}
