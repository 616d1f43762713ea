package remote_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const accountsFile = "../docs/guide/remote-accounts.conf"

// startWithAccounts starts a server with the template of the guide, in which everyone's
// password is his name and -secret.
func startWithAccounts(t *testing.T) *embedded.Server {
	t.Helper()
	for _, user := range []string{"operator", "worker", "alice", "bob"} {
		t.Setenv(strings.ToUpper(user)+"_PASSWORD", user+"-secret")
	}
	return startServer(t, t.TempDir(), embedded.ConfigFile(accountsFile), embedded.Port(0))
}

// as are the options of a user, who must not meet a missing permission.
func as(t *testing.T, user string) []nats.Option {
	return []nats.Option{
		nats.UserInfo(user, user+"-secret"), nats.CustomInboxPrefix("_INBOX_" + user), nats.Name(user),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { t.Errorf("%s: %v", user, err) }),
	}
}

func connectAs(t *testing.T, s *embedded.Server, user string, opts ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(s.URL(), append(as(t, user), opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// steps says again and again that it has begun, until its context ends, if it is to wait.
var steps = remote.Define("steps", func(ctx context.Context, wait bool) (string, error) {
	for wait && ctx.Err() == nil {
		if err := remote.Progress(ctx, "begun"); err != nil {
			return "", err
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
	return "done", context.Cause(ctx)
})

// withAccounts runs a test with a worker, which serves double and steps.
func withAccounts(t *testing.T, test func(ctx context.Context, s *embedded.Server)) {
	t.Helper()
	s := startWithAccounts(t)
	nc := connectAs(t, s, "worker")
	run(t, func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			w := tg.Go(func(ctx context.Context) error {
				return remote.Serve(ctx, nc, []remote.Registered{double, steps}, remote.Parallel(4))
			})
			defer w.Cancel()
			if err := untilStreams(ctx, connectAs(t, s, "operator")); err != nil {
				return err
			}
			test(ctx, s)
			return nil
		})
	})
}

// untilStreams waits until the worker has made the streams, which clients must not.
func untilStreams(ctx context.Context, operator *nats.Conn) error {
	return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
		js, err := jetstream.New(operator)
		for err == nil {
			if _, missing := js.Consumer(ctx, "asyncio_JOBS", "steps=1"); missing == nil {
				return nil
			}
			err = ctx.Err()
			time.Sleep(10 * time.Millisecond)
		}
		return err
	})
}

func TestAccountsClientWorks(t *testing.T) {
	withAccounts(t, func(ctx context.Context, s *embedded.Server) {
		for _, name := range []string{"ALICE", "BOB"} {
			x := must[*remote.Executor](t)(remote.Connect(ctx, s.URL(), remote.Client(name), remote.NATS(as(t, strings.ToLower(name))...)))
			defer x.Close()
			i := 0
			for v, err := range double.Map(ctx, x, func(yield func(int) bool) {
				for n := 0; n < 500 && yield(n); n++ {
				}
			}) {
				if err != nil || v != 2*i {
					t.Fatalf("%s: double(%d) = %d, %v", name, i, v, err)
				}
				i++
			}
			waits := must[*remote.Job[string]](t)(steps.Submit(ctx, x, true, remote.ID("waits")))
			for p, err := range waits.Progress(ctx) {
				if err != nil || string(p) != `"begun"` {
					t.Errorf("%s: progress %s, %v", name, p, err)
				}
				break
			}
			waits.Cancel()
			if _, err := waits.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) || !waits.Canceled() {
				t.Errorf("%s: a job that was canceled ended with %v", name, err)
			}
			first := must[*remote.Job[string]](t)(steps.Submit(ctx, x, false, remote.ID("first")))
			must[string](t)(first.Await(ctx))
			if v := must[string](t)(must[*remote.Job[string]](t)(steps.Attach(ctx, x, "first")).Await(ctx)); v != "done" {
				t.Errorf("%s: attached to a job with the result %q", name, v)
			}
		}
	})
}

// A request is what Alice tries.
type attempt struct{ subject, body string }

// aboutBob are requests that would read, change or list what is Bob's.
func aboutBob() (all []attempt) {
	consumer := func(subject string, config map[string]any) {
		config["ack_policy"], config["deliver_policy"], config["replay_policy"] = "none", "all", "instant"
		body, _ := json.Marshal(map[string]any{"stream_name": "asyncio_RESULTS", "config": config, "action": "create"}) // of strings
		all = append(all, attempt{"$JS.API.CONSUMER." + subject, string(body)})
	}
	const bob, alice = "asyncio.result.BOB.>", "asyncio.result.ALICE.>"
	consumer("CREATE.asyncio_RESULTS.c."+bob, map[string]any{"name": "c", "filter_subject": bob})
	consumer("CREATE.asyncio_RESULTS.c."+alice, map[string]any{"name": "c", "filter_subject": bob})
	consumer("CREATE.asyncio_RESULTS.c."+alice, map[string]any{"name": "c", "filter_subjects": []string{bob}})
	consumer("CREATE.asyncio_RESULTS.c."+alice, map[string]any{"name": "c"})
	consumer("CREATE.asyncio_RESULTS.c", map[string]any{"name": "c", "filter_subject": bob})
	consumer("CREATE.asyncio_RESULTS", map[string]any{"filter_subject": bob})
	consumer("DURABLE.CREATE.asyncio_RESULTS.c", map[string]any{"durable_name": "c", "filter_subject": bob})
	for _, stream := range []string{"asyncio_JOBS", "asyncio_RESULTS", "asyncio_CANCELS", "asyncio_NOTES", "asyncio_FAILURES"} {
		all = append(all,
			attempt{"$JS.API.DIRECT.GET." + stream, `{"last_by_subj":"asyncio.result.BOB.j"}`},
			attempt{"$JS.API.DIRECT.GET." + stream, `{"seq":1}`},
			attempt{"$JS.API.STREAM.MSG.GET." + stream, `{"seq":1}`},
			attempt{"$JS.API.STREAM.MSG.DELETE." + stream, `{"seq":1}`},
			attempt{"$JS.API.STREAM.PURGE." + stream, ``},
			attempt{"$JS.API.STREAM.DELETE." + stream, ``},
			attempt{"$JS.API.STREAM.SNAPSHOT." + stream, `{"deliver_subject":"x"}`},
		)
	}
	all = append(all,
		attempt{"$JS.API.CONSUMER.NAMES.asyncio_RESULTS", ``}, attempt{"$JS.API.CONSUMER.LIST.asyncio_RESULTS", ``},
		attempt{"$JS.API.CONSUMER.MSG.NEXT.asyncio_JOBS.steps=1", `{"batch":1,"no_wait":true}`},
		attempt{"$JS.API.CONSUMER.DELETE.asyncio_JOBS.steps=1", ``},
		attempt{"$JS.API.STREAM.CREATE.EVIL", `{"name":"EVIL","subjects":["asyncio.event.>"]}`},
		attempt{"$JS.API.DIRECT.GET.asyncio_RESULTS.asyncio.result.BOB.j", ``},
		attempt{"$JS.API.DIRECT.GET.asyncio_JOBS.asyncio.job.steps.1.BOB.j", ``},
		attempt{"asyncio.job.steps.1.BOB.other", `true`}, attempt{"asyncio.result.BOB.j", `"forged"`},
		attempt{"asyncio.cancel.BOB.j", ``}, attempt{"asyncio.note.BOB.j", `{}`}, attempt{"asyncio.event.BOB.j", `{"claims":true}`},
		attempt{"asyncio.failure.steps.1.BOB.j", ``}, attempt{"asyncio.workers", ``},
	)
	return all
}

// refused reports whether there was nobody to answer, or an answer that is an error.
func refused(m *nats.Msg, err error) bool {
	if errors.Is(err, nats.ErrNoResponders) {
		return true
	}
	var answer struct{ Error *struct{ Code int } }
	return err == nil && json.Unmarshal(m.Data, &answer) == nil && answer.Error != nil
}

func TestAccountsKeepClientsApart(t *testing.T) {
	withAccounts(t, func(ctx context.Context, s *embedded.Server) {
		bob := must[*remote.Executor](t)(remote.Connect(ctx, s.URL(), remote.Client("BOB"), remote.NATS(as(t, "bob")...)))
		defer bob.Close()
		j := must[*remote.Job[string]](t)(steps.Submit(ctx, bob, true, remote.ID("j")))
		done := must[*remote.Job[string]](t)(steps.Submit(ctx, bob, false, remote.ID("done")))
		must[string](t)(done.Await(ctx))
		look := func(ctx context.Context) (string, error) { return contents(ctx, t, s) }
		before := must[string](t)(asyncio.ToThread(ctx, look))
		for strings.Contains(before, "BOB.done: false") && ctx.Err() == nil { // it is not acknowledged yet
			before = must[string](t)(asyncio.ToThread(ctx, look))
		}

		must[int](t)(asyncio.ToThread(ctx, func(context.Context) (int, error) {
			alice := connectAs(t, s, "alice")
			for _, a := range aboutBob() {
				if m, err := alice.Request(a.subject, []byte(a.body), hang); !refused(m, err) {
					t.Errorf("%s %s is answered: %v, %v", a.subject, a.body, m, err)
				}
			}
			return 0, trick(alice)
		}))
		if after := must[string](t)(asyncio.ToThread(ctx, look)); after != before {
			t.Errorf("Alice has changed what there is from\n%s\nto\n%s", before, after)
		}
		if _, err := remote.Connect(ctx, s.URL(), remote.Client("BOB"), remote.NATS(as(t, "alice")...)); err == nil {
			t.Error("Alice has an executor with Bob's name")
		}
		j.Cancel() // it still runs
		if _, err := j.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("Bob's job has ended with %v", err)
		}
		if v := must[string](t)(must[*remote.Job[string]](t)(steps.Attach(ctx, bob, "done")).Await(ctx)); v != "done" {
			t.Errorf("Bob's result is %q", v)
		}
	})
}

// trick lets the server itself send to Bob's subjects: as answers, and as what a consumer of
// Alice's own results pushes.
func trick(alice *nats.Conn) error {
	targets := []string{"asyncio.cancel.BOB.j", "asyncio.result.BOB.j", "asyncio.result.BOB.new", "asyncio.job.steps.1.BOB.new", "asyncio.note.BOB.j"}
	if _, err := alice.Request("asyncio.result.ALICE.own", []byte(`"forged"`), hang); err != nil {
		return err
	}
	for i, target := range targets {
		for _, subject := range []string{
			"$JS.API.STREAM.INFO.asyncio_JOBS", "$JS.API.DIRECT.GET.asyncio_RESULTS.asyncio.result.ALICE.own",
			"asyncio.cancel.ALICE.own", fmt.Sprint("asyncio.result.ALICE.own", i),
		} {
			if err := alice.PublishRequest(subject, target, nil); err != nil {
				return err
			}
		}
		const own = "asyncio.result.ALICE.>"
		name := fmt.Sprint("push", i)
		body, err := json.Marshal(map[string]any{"stream_name": "asyncio_RESULTS", "action": "create", "config": map[string]any{
			"name": name, "filter_subject": own, "deliver_subject": target,
			"ack_policy": "none", "deliver_policy": "all", "replay_policy": "instant",
		}})
		if err != nil {
			return err
		}
		if _, err := alice.Request("$JS.API.CONSUMER.CREATE.asyncio_RESULTS."+name+"."+own, body, hang); err != nil {
			return err
		}
	}
	_, err := alice.Request("$JS.API.STREAM.INFO.asyncio_RESULTS", nil, hang) // after all that
	return err
}

// contents lists what the streams hold of Bob's.
func contents(ctx context.Context, t *testing.T, s *embedded.Server) (string, error) {
	js, err := jetstream.New(connectAs(t, s, "operator"))
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, name := range []string{"asyncio_JOBS", "asyncio_RESULTS", "asyncio_CANCELS", "asyncio_NOTES", "asyncio_FAILURES"} {
		stream, err := js.Stream(ctx, name)
		if err != nil {
			return "", err
		}
		for seq := uint64(1); seq <= stream.CachedInfo().State.LastSeq; seq++ {
			m, err := stream.GetMsg(ctx, seq)
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				continue
			}
			if err != nil {
				return "", err
			}
			if strings.Contains(m.Subject, ".BOB.") {
				fmt.Fprintf(&all, "%s: %s\n", m.Subject, m.Data)
			}
		}
	}
	return all.String(), nil
}

func TestAccountsWorkerMayNoMoreThanItNeeds(t *testing.T) {
	withAccounts(t, func(ctx context.Context, s *embedded.Server) {
		must[int](t)(asyncio.ToThread(ctx, func(context.Context) (int, error) {
			denied := make(chan error, 1)
			nc := connectAs(t, s, "worker", nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { denied <- err }))
			for _, subject := range []string{
				"asyncio.job.steps.1.BOB.j", "asyncio.cancel.BOB.j", "asyncio.workers",
				"$JS.API.STREAM.DELETE.asyncio_JOBS", "$JS.API.STREAM.PURGE.asyncio_JOBS", "$JS.API.STREAM.UPDATE.asyncio_JOBS",
				"$JS.API.STREAM.MSG.GET.asyncio_RESULTS", "$JS.API.CONSUMER.DELETE.asyncio_JOBS.steps=1",
			} {
				if err := nc.Publish(subject, nil); err != nil {
					return 0, err
				}
				if err := nc.Flush(); err != nil {
					return 0, err
				}
				select {
				case err := <-denied:
					if !errors.Is(err, nats.ErrPermissionViolation) {
						t.Errorf("%s: %v", subject, err)
					}
				case <-time.After(hang):
					t.Errorf("a worker may publish %s", subject)
				}
			}
			return 0, nil
		}))
	})
}

func TestAccountsLetNoStrangersIn(t *testing.T) {
	s := startWithAccounts(t)
	for name, opts := range map[string][]nats.Option{
		"nobody": nil, "a wrong password": {nats.UserInfo("alice", "bob-secret")}, "an unknown user": {nats.UserInfo("eve", "eve-secret")},
	} {
		if nc, err := nats.Connect(s.URL(), opts...); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v, want ErrAuthorization", name, err)
			if err == nil {
				nc.Close()
			}
		}
	}
}
