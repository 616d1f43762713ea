package ecosystem

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/conformance/ecosystem/internal/servers"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	pgxConn     = "pgx.Conn"
	pgxPool     = "pgxpool"
	databaseSQL = "database/sql, pgx"
)

func TestPostgres(t *testing.T) {
	testWith(t, servers.Postgres, func(url string) []Case {
		return []Case{{
			Library: pgxConn, Way: direct,
			Note: "`DialFunc: streams.DialShared(ctx)`; one task at a time",
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				return pgxConns(newPostgres(t, s, url, streams.DialShared(ctx)))
			},
		}, {
			Library: pgxPool, Way: direct, Pool: 5,
			Note: "`DialFunc: streams.DialShared(ctx)`, and the semaphore",
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				return gated(s, pgxPoolClient(ctx, t, s, newPostgres(t, s, url, streams.DialShared(ctx))))
			},
		}, {
			Library: pgxPool, Way: toThread, Pool: 5,
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				return inThread(pgxPoolClient(ctx, t, s, newPostgres(t, s, url, nil)))
			},
		}, {
			Library: databaseSQL, Way: direct, Pool: 5,
			Note: "`DialFunc: streams.DialShared(ctx)`, and the semaphore",
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				return gated(s, sqlClient(newSQL(t, s, url, streams.DialShared(ctx))))
			},
		}, {
			Library: databaseSQL, Way: toThread, Pool: 5,
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				return inThread(sqlClient(newSQL(t, s, url, nil)))
			},
		}, {
			Library: databaseSQL + ", transactions", Way: direct, Pool: 5,
			Note: "as without; a `Tx` is for one task, which calls `Rollback`",
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				return gated(s, txClient(newSQL(t, s, url, streams.DialShared(ctx))))
			},
		}, {
			Library: databaseSQL + ", transactions", Way: toThread, Pool: 5,
			Note: "a whole `Tx` in one call of ToThread",
			Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
				return inThread(txClient(newSQL(t, s, url, nil)))
			},
		}}
	})
}

// A postgresTest is how to connect, and a lock that the test holds until the gate is open.
type postgresTest struct {
	config *pgx.ConnConfig
	lock   int64
}

// newPostgres returns how to connect, with a dial function or with package net.
func newPostgres(t *testing.T, s *Scene, url string, dial func(ctx context.Context, network, address string) (net.Conn, error)) postgresTest {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	p := postgresTest{config: config, lock: randomLock()}
	p.hold(t, s)
	name := "ecosystem-" + rand.Text()
	s.Kill = func() { killBackends(t, config.Copy(), name) }
	p.config = config.Copy()
	p.config.RuntimeParams["application_name"] = name
	if dial != nil {
		p.config.DialFunc = dial
	}
	return p
}

func randomLock() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return int64(binary.LittleEndian.Uint64(b[:]) >> 33) // pg_locks has the rest elsewhere
}

// hold takes the lock, tells the gate who waits for it, and releases it when the gate is
// open.
func (p postgresTest) hold(t *testing.T, s *Scene) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.ConnectConfig(ctx, p.config.Copy())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", p.lock); err != nil {
		t.Fatal(err)
	}
	ended, stop := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer conn.Close(ctx)
		seen := map[int32]bool{}
		for {
			for _, pid := range p.waiting(t, conn) {
				if !seen[pid] {
					seen[pid] = true
					s.Arrived <- struct{}{}
				}
			}
			select {
			case <-s.open: // and the end of the connection releases the lock
				return
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-ended })
}

// waiting returns the processes of the server that wait for the lock.
func (p postgresTest) waiting(t *testing.T, conn *pgx.Conn) []int32 {
	rows, err := conn.Query(context.Background(),
		"select pid from pg_locks where locktype = 'advisory' and objid = $1 and not granted", p.lock)
	if err == nil {
		var pids []int32
		if pids, err = pgx.CollectRows(rows, pgx.RowTo[int32]); err == nil {
			return pids
		}
	}
	t.Errorf("looking at the locks: %v", err)
	return nil
}

// killBackends ends the processes of the server that serve connections of this name.
func killBackends(t *testing.T, config *pgx.ConnConfig, name string) {
	ctx := context.Background()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", name); err != nil {
		t.Error(err)
	}
}

const (
	echoQuery = "select $1::text"
	holdQuery = "select pg_advisory_xact_lock_shared($1)" // until the statement ends
)

// pgxConns has a connection for each task that calls, and keeps it for another one.
func pgxConns(p postgresTest) *Client {
	var idle []*pgx.Conn
	with := func(ctx context.Context, use func(*pgx.Conn) error) error {
		conn, err := takeOrConnect(ctx, &idle, p.config)
		if err != nil {
			return err
		}
		if err = use(conn); err != nil {
			_ = conn.Close(context.WithoutCancel(ctx))
			return err
		}
		idle = append(idle, conn)
		return nil
	}
	return &Client{
		Echo: func(ctx context.Context, text string) (answer string, err error) {
			err = with(ctx, func(c *pgx.Conn) error { return c.QueryRow(ctx, echoQuery, text).Scan(&answer) })
			return answer, err
		},
		Hold: func(ctx context.Context) error {
			return with(ctx, func(c *pgx.Conn) error { _, err := c.Exec(ctx, holdQuery, p.lock); return err })
		},
		Close: func(ctx context.Context) (err error) {
			for _, c := range idle {
				err = cmp.Or(err, c.Close(ctx))
			}
			return err
		},
	}
}

func takeOrConnect(ctx context.Context, idle *[]*pgx.Conn, config *pgx.ConnConfig) (*pgx.Conn, error) {
	if n := len(*idle); n > 0 {
		conn := (*idle)[n-1]
		*idle = (*idle)[:n-1]
		return conn, nil
	}
	return pgx.ConnectConfig(ctx, config)
}

func pgxPoolClient(ctx context.Context, t *testing.T, s *Scene, p postgresTest) *Client {
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig = p.config
	config.MaxConns = int32(cmp.Or(s.Pool, manyConns))
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{
		Echo: func(ctx context.Context, text string) (answer string, err error) {
			err = pool.QueryRow(ctx, echoQuery, text).Scan(&answer)
			return answer, err
		},
		Hold:  func(ctx context.Context) error { _, err := pool.Exec(ctx, holdQuery, p.lock); return err },
		Close: func(context.Context) error { pool.Close(); return nil },
	}
}

// A sqlTest is a pool of package database/sql.
type sqlTest struct {
	*sql.DB
	postgresTest
}

func newSQL(t *testing.T, s *Scene, url string, dial func(ctx context.Context, network, address string) (net.Conn, error)) sqlTest {
	t.Helper()
	p := newPostgres(t, s, url, dial)
	db := stdlib.OpenDB(*p.config)
	db.SetMaxOpenConns(cmp.Or(s.Pool, manyConns))
	db.SetMaxIdleConns(manyConns)
	return sqlTest{db, p}
}

func sqlClient(db sqlTest) *Client {
	return &Client{
		Echo: func(ctx context.Context, text string) (answer string, err error) {
			err = db.QueryRowContext(ctx, echoQuery, text).Scan(&answer)
			return answer, err
		},
		Hold:  func(ctx context.Context) error { _, err := db.ExecContext(ctx, holdQuery, db.lock); return err },
		Close: func(context.Context) error { return db.Close() },
	}
}

// txClient makes its calls in a transaction each.
func txClient(db sqlTest) *Client {
	within := func(ctx context.Context, do func(*sql.Tx) error) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		if err := do(tx); err != nil {
			return err
		}
		return tx.Commit()
	}
	return &Client{
		Echo: func(ctx context.Context, text string) (answer string, err error) {
			err = within(ctx, func(tx *sql.Tx) error { return tx.QueryRowContext(ctx, echoQuery, text).Scan(&answer) })
			return answer, err
		},
		Hold: func(ctx context.Context) error {
			return within(ctx, func(tx *sql.Tx) error { _, err := tx.ExecContext(ctx, holdQuery, db.lock); return err })
		},
		Close: func(context.Context) error { return db.Close() },
	}
}

// A transaction whose task is canceled in mid-call leaves nothing in the database.
func TestCanceledTransactionIsRolledBack(t *testing.T) {
	url := servers.OrSkip(t, servers.Postgres)
	for _, way := range []string{direct, toThread} {
		t.Run(way, func(t *testing.T) { testCanceledTransaction(t, url, way) })
	}
}

func testCanceledTransaction(t *testing.T, url, way string) {
	c := Case{Library: databaseSQL, Way: way}
	var db sqlTest
	c.Open = func(ctx context.Context, t *testing.T, s *Scene) *Client {
		if way == direct {
			db = newSQL(t, s, url, streams.DialShared(ctx))
			return sqlClient(db)
		}
		db = newSQL(t, s, url, nil)
		return inThread(sqlClient(db))
	}
	c.onLoop(t, 2, func(ctx context.Context, s *Scene, _ *Client) {
		table := pgx.Identifier{"t" + rand.Text()}.Sanitize()
		exec := func(query string) {
			err := asyncio.ToThreadFunc(ctx, func(ctx context.Context) error { _, err := db.ExecContext(ctx, query); return err }) //asyncio:ok cleanup-canceled nothing cancels the test, only the call
			if err != nil {
				t.Error(err)
			}
		}
		exec("create table " + table + " (n int)")
		defer exec("drop table " + table)
		insert := &Client{Hold: func(ctx context.Context) error { return insertAndWait(ctx, db, table) }}
		if way == toThread {
			insert.Close = func(context.Context) error { return nil }
			insert = inThread(insert)
		}
		call := hold(ctx, t, s, insert)
		call.Cancel()
		_, err := call.Await(ctx)
		c.expectCause(t, "the transaction", err, asyncio.ErrCanceled)
		s.Open()
		rows, err := asyncio.ToThread(ctx, func(ctx context.Context) (n int, err error) {
			err = db.QueryRowContext(ctx, "select count(*) from "+table).Scan(&n)
			return n, err
		})
		if err != nil || rows != 0 {
			t.Errorf("%d rows are left, %v", rows, err)
		}
	})
}

// insertAndWait inserts a row, and commits when the gate is open.
func insertAndWait(ctx context.Context, db sqlTest, table string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "insert into "+table+" values (1)"); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, holdQuery, db.lock); err != nil {
		return err
	}
	return tx.Commit()
}
