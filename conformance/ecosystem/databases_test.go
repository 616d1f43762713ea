package ecosystem

// The code of docs/guide/databases.md, run against real servers.

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/conformance/ecosystem/internal/servers"
	"github.com/asyncio-go/asyncio/streams"
)

// ANCHOR: thread
// A users is a table, asked through database/sql in threads.
type users struct {
	db   *sql.DB
	gate *asyncio.Semaphore // as many permits as db has connections
}

func openUsers(url string) (*users, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(10)
	return &users{db, asyncio.NewSemaphore(10)}, nil
}

// rename does several statements in one visit to a thread.
func (u *users) rename(ctx context.Context, id int, name string) error {
	return u.gate.With(ctx, func() error {
		return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
			tx, err := u.db.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer tx.Rollback()
			if _, err := tx.ExecContext(ctx, "update asyncio_users set name = $1 where id = $2", name, id); err != nil {
				return err
			}
			return tx.Commit()
		})
	})
}

// ANCHOR_END: thread

// ANCHOR: loop
// A store is the same table, asked by the tasks themselves.
type store struct {
	pool *pgxpool.Pool
	gate *asyncio.Semaphore
}

func openStore(ctx context.Context, url string) (*store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.DialFunc = streams.DialShared(ctx)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &store{pool, asyncio.NewSemaphore(int(config.MaxConns))}, nil
}

func (s *store) name(ctx context.Context, id int) (name string, err error) {
	err = s.gate.With(ctx, func() error {
		return s.pool.QueryRow(ctx, "select name from asyncio_users where id = $1", id).Scan(&name)
	})
	return name, err
}

// ANCHOR_END: loop

// ANCHOR: redis
func openRedis(ctx context.Context, url string) (*redis.Client, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	options.Dialer = streams.DialShared(ctx)
	options.MaxRetries = -1 // between two attempts it sleeps
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return redis.NewClient(options), nil
}

// ANCHOR_END: redis

// ANCHOR: subscribe
// follow hands what is published in a channel of Redis to take.
func follow(ctx context.Context, client *redis.Client, channel string, take func(text string)) error {
	news := client.Subscribe(ctx, channel)
	defer news.Close()
	for {
		message, open, err := asyncio.Receive(ctx, news.Channel()) // a channel of Go
		if err != nil || !open {
			return err
		}
		take(message.Payload)
	}
}

// ANCHOR_END: subscribe

// ANCHOR: listen
// notified hands what is notified in a channel of PostgreSQL to take. The connection is its
// own, for it reads all the time.
func notified(ctx context.Context, url, channel string, take func(text string)) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	config.DialFunc = streams.DialShared(ctx)
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "listen "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		take(n.Payload)
	}
}

// ANCHOR_END: listen

// urlOf returns the URL of a server, or skips the test.
func urlOf(t *testing.T, server func() (string, error)) string {
	t.Helper()
	url, err := server()
	if errors.Is(err, servers.ErrNotInstalled) {
		t.Skip("skipped: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func TestDatabasesOfTheGuide(t *testing.T) {
	url := urlOf(t, servers.Postgres)
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		conn, err := asyncio.ToThread(ctx, func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, url) })
		if err != nil {
			return err
		}
		exec := func(query string) error {
			return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error { _, err := conn.Exec(ctx, query); return err }) //asyncio:ok cleanup-canceled nothing cancels main
		}
		defer asyncio.ToThreadFunc(ctx, conn.Close) //asyncio:ok cleanup-canceled nothing cancels main
		if err := errors.Join(exec("drop table if exists asyncio_users"), exec("create table asyncio_users (id int primary key, name text)"),
			exec("insert into asyncio_users select n, 'nobody' from generate_series(1, 40) n")); err != nil {
			return err
		}
		defer exec("drop table asyncio_users")
		u, err := openUsers(url)
		if err != nil {
			return err
		}
		defer asyncio.ToThreadFunc(ctx, func(context.Context) error { return u.db.Close() }) //asyncio:ok cleanup-canceled nothing cancels main
		s, err := openStore(ctx, url)
		if err != nil {
			return err
		}
		defer s.pool.Close() //asyncio:ok blocks all connections of the pool are idle by now
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for id := 1; id <= 40; id++ {
				tg.Go(func(ctx context.Context) error {
					if err := u.rename(ctx, id, "Ann"); err != nil {
						return err
					}
					if name, err := s.name(ctx, id); err != nil || name != "Ann" {
						t.Error(name, err)
					}
					return nil
				})
			}
			return nil
		})
	})
	if err != nil {
		t.Errorf("%+v", err)
	}
}

// pgx asks a statement without arguments in another way than the other tests do, in which
// it reads once more after an error.
func TestAStatementWithoutArgumentsIsCanceled(t *testing.T) {
	url := urlOf(t, servers.Postgres)
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		s, err := openStore(ctx, url)
		if err != nil {
			return err
		}
		defer asyncio.ToThreadFunc(ctx, func(context.Context) error { s.pool.Close(); return nil }) //asyncio:ok cleanup-canceled nothing cancels main
		err = asyncio.WithTimeout(ctx, 50*time.Millisecond, func(ctx context.Context) error {
			_, err := s.pool.Exec(ctx, "select pg_sleep(60)")
			return err
		})
		if !errors.Is(err, asyncio.ErrTimeout) {
			t.Errorf("the error after a timeout is %v; want ErrTimeout", err)
		}
		canceled := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := s.pool.Exec(ctx, "select pg_sleep(60)")
			return err
		})
		if err := asyncio.Sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
		canceled.Cancel()
		if _, err := canceled.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("the error of a canceled task is %v; want ErrCanceled", err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("%+v", err)
	}
}

func TestRedisOfTheGuide(t *testing.T) {
	url := urlOf(t, servers.Redis)
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		client, err := openRedis(ctx, url)
		if err != nil {
			return err
		}
		defer client.Close()
		if err := client.Set(ctx, "guide", "hello", time.Minute).Err(); err != nil {
			return err
		}
		if answer, err := client.Get(ctx, "guide").Result(); err != nil || answer != "hello" {
			t.Error(answer, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// testFollowing lets a task follow a channel, publishes until it has heard of it, and
// cancels it.
func testFollowing(t *testing.T, follow func(ctx context.Context, take func(text string)) error, publish func(ctx context.Context) error) {
	t.Helper()
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		heard := asyncio.NewQueue[string](0)
		follower := asyncio.Go(ctx, func(ctx context.Context) error {
			return follow(ctx, func(text string) { _ = heard.TryPut(text) })
		})
		for heard.Len() == 0 && !follower.Done() { // it may not have subscribed yet
			if err := asyncio.ToThreadFunc(ctx, publish); err != nil {
				return err
			}
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
		}
		if text, err := heard.TryGet(); err != nil || text != "hello" {
			t.Error(text, err)
		}
		follower.Cancel()
		if _, err := follower.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("the error of the canceled follower is %v; want ErrCanceled", err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("%+v", err)
	}
}

func TestSubscriptionsOfTheGuide(t *testing.T) {
	t.Run("Redis", func(t *testing.T) {
		url := urlOf(t, servers.Redis)
		options, err := redis.ParseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		publisher := redis.NewClient(options)
		defer publisher.Close()
		testFollowing(t, func(ctx context.Context, take func(text string)) error {
			client, err := openRedis(ctx, url)
			if err != nil {
				return err
			}
			defer client.Close()
			return follow(ctx, client, "guide-news", take)
		}, func(ctx context.Context) error { return publisher.Publish(ctx, "guide-news", "hello").Err() })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		url := urlOf(t, servers.Postgres)
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		testFollowing(t, func(ctx context.Context, take func(text string)) error { return notified(ctx, url, "guide", take) },
			func(ctx context.Context) error { _, err := conn.Exec(ctx, "notify guide, 'hello'"); return err })
	})
}
