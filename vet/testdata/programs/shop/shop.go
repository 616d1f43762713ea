// Command shop asks a database in its tasks.
package main

import (
	"context"
	"database/sql"
	"log"
	"time"

	"github.com/asyncio-go/asyncio"
)

type shop struct {
	db   *sql.DB
	gate *asyncio.Semaphore
}

func (s *shop) price(ctx context.Context, article string) (cents int, err error) {
	if err := s.gate.Acquire(ctx); err != nil { // want `asyncio-lock-leak`
		return 0, err
	}
	err = s.db.QueryRowContext(ctx, "select cents from prices where article = $1", article).Scan(&cents) // want `sql.DB.QueryRowContext blocks the event loop in shop.price: use ToThread \(asyncio-blocks\)`
	if err != nil {
		return 0, err
	}
	s.gate.Release()
	return cents, nil
}

func (s *shop) prices(ctx context.Context, articles []string) (all []int, err error) {
	err = asyncio.WithTimeout(ctx, time.Second, func(inner context.Context) error {
		for _, article := range articles {
			cents, err := s.price(ctx, article) // want `ctx is the context that was given to asyncio.WithTimeout.*asyncio-outer-context`
			if err != nil {
				return err
			}
			all = append(all, cents)
		}
		return nil
	})
	return all, err
}

func main() {
	db, err := sql.Open("postgres", "postgres://localhost/shop")
	if err != nil {
		log.Fatal(err)
	}
	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		s := &shop{db, asyncio.NewSemaphore(10)}
		all, err := s.prices(ctx, []string{"apple", "pear"})
		log.Print(all)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}
