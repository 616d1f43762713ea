// Package backend is what the two services have in common: where sites are kept, and how
// an instance of the service tells others of a change. Its functions block, as those of
// most libraries do.
package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	bolt "go.etcd.io/bbolt"
)

// A Site is a URL that is watched, and how it went the last time.
type Site struct {
	URL     string    `json:"url"`
	Up      bool      `json:"up"`
	Detail  string    `json:"detail,omitempty"`
	Checked time.Time `json:"checked,omitzero"`
}

// Check asks a site.
func Check(ctx context.Context, url string) Site {
	s := Site{URL: url, Checked: time.Now().UTC()}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		s.Detail = err.Error()
		return s
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Detail = err.Error()
		return s
	}
	_ = response.Body.Close()
	s.Up, s.Detail = response.StatusCode < 400, response.Status
	return s
}

// A Store keeps sites over restarts.
type Store interface {
	All(ctx context.Context) ([]Site, error)
	Save(ctx context.Context, s Site) error
	Delete(ctx context.Context, url string) error
	Close() error
}

// OpenStore opens the PostgreSQL database at url, or, if that is empty, the file.
func OpenStore(ctx context.Context, url, file string) (Store, error) {
	if url != "" {
		return openPostgres(ctx, url)
	}
	db, err := bolt.Open(file, 0o600, &bolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", file, err)
	}
	return &fileStore{db}, db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(sites)
		return err
	})
}

var sites = []byte("sites")

type fileStore struct{ *bolt.DB }

func (f *fileStore) All(context.Context) (all []Site, err error) {
	err = f.View(func(tx *bolt.Tx) error {
		return tx.Bucket(sites).ForEach(func(_, value []byte) error {
			var s Site
			err := json.Unmarshal(value, &s)
			all = append(all, s)
			return err
		})
	})
	return all, err
}

func (f *fileStore) Save(_ context.Context, s Site) error {
	value, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return f.Update(func(tx *bolt.Tx) error { return tx.Bucket(sites).Put([]byte(s.URL), value) })
}

func (f *fileStore) Delete(_ context.Context, url string) error {
	return f.Update(func(tx *bolt.Tx) error { return tx.Bucket(sites).Delete([]byte(url)) })
}

type postgres struct{ *pgxpool.Pool }

func openPostgres(ctx context.Context, url string) (Store, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	_, err = pool.Exec(ctx, `create table if not exists sites (url text primary key, site jsonb not null)`)
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	return postgres{pool}, nil
}

func (p postgres) All(ctx context.Context) (all []Site, err error) {
	rows, err := p.Query(ctx, `select site from sites order by url`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s Site
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

func (p postgres) Save(ctx context.Context, s Site) error {
	_, err := p.Exec(ctx, `insert into sites values ($1, $2) on conflict (url) do update set site = $2`, s.URL, s)
	return err
}

func (p postgres) Delete(ctx context.Context, url string) error {
	_, err := p.Exec(ctx, `delete from sites where url = $1`, url)
	return err
}

func (p postgres) Close() error {
	p.Pool.Close()
	return nil
}

// A Bus brings changes to all instances of the service, this one included: through Redis,
// or, without one, within the process.
type Bus struct {
	redis *redis.Client // nil: there is none
	local chan Site
}

const channel = "sites"

// OpenBus connects to the Redis at url, or to nothing if that is empty.
func OpenBus(ctx context.Context, url string) (*Bus, error) {
	b := &Bus{local: make(chan Site, 100)}
	if url == "" {
		return b, nil
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	options.ContextTimeoutEnabled = true
	b.redis = redis.NewClient(options)
	if err := b.redis.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to Redis: %w", err), b.redis.Close())
	}
	return b, nil
}

// Publish tells all instances of a change.
func (b *Bus) Publish(ctx context.Context, s Site) error {
	if b.redis == nil {
		select {
		case b.local <- s:
		default: // as with Redis, what nobody takes is gone
		}
		return nil
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return b.redis.Publish(ctx, channel, text).Err()
}

// Changes returns a channel of what is published, which is closed when ctx is done.
func (b *Bus) Changes(ctx context.Context) <-chan Site {
	changes := make(chan Site)
	go func() {
		defer close(changes)
		messages := (<-chan *redis.Message)(nil)
		if b.redis != nil {
			subscription := b.redis.Subscribe(ctx, channel)
			defer subscription.Close()
			messages = subscription.Channel()
		}
		for {
			var s Site
			select {
			case <-ctx.Done():
				return
			case s = <-b.local:
			case m, ok := <-messages:
				if !ok {
					return
				}
				if json.Unmarshal([]byte(m.Payload), &s) != nil {
					continue // not one of ours
				}
			}
			select {
			case changes <- s:
			case <-ctx.Done():
				return
			}
		}
	}()
	return changes
}

// Close closes the connection to Redis.
func (b *Bus) Close() error {
	if b.redis == nil {
		return nil
	}
	return b.redis.Close()
}
