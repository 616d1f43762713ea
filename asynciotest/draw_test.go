package asynciotest_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/asyncio-go/asyncio/trace"
)

// drawn returns the log that draws hosts, without its first line; "": there is none.
func drawn(f *fakeTB) string {
	for _, log := range f.logs {
		if text, ok := strings.CutPrefix(log, "the hosts in the last "); ok {
			_, drawing, _ := strings.Cut(text, "\n")
			return drawing
		}
	}
	return ""
}

var update = flag.Bool("update", false, "write what is drawn into testdata")

// expectDrawing compares the drawing with a file of testdata.
func expectDrawing(t *testing.T, f *fakeTB, name string) {
	t.Helper()
	file, got := filepath.Join("testdata", name), drawn(f)+"\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the drawing is\n%s\nwant\n%s\nin\n%s", got, want, f.output())
	}
}

// cutOff is a client that asks a server, which crashes and starts again. The test expects
// more answers than there are.
func cutOff(f *fakeTB) func(ctx context.Context) {
	return func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		server := n.Host("server", echo)
		answers := 0
		client := n.Host("client", func(ctx context.Context) error {
			for asyncio.Sleep(ctx, 100*time.Millisecond) == nil {
				if c, err := streams.Dial(ctx, "tcp", "server:7"); err == nil {
					_, err = ask(c, "ping")
					_ = c.Close()
					if err == nil {
						answers++
					}
				}
			}
			return nil
		})
		n.Link(client, server).Latency(2*time.Millisecond, 2*time.Millisecond)
		n.Link(server, client).Latency(30*time.Millisecond, 30*time.Millisecond)
		_ = asyncio.Sleep(ctx, 400*time.Millisecond)
		server.Crash()
		_ = asyncio.Sleep(ctx, 300*time.Millisecond)
		server.Restart()
		heal := n.Link(client, server).PartitionOneWay()
		_ = asyncio.Sleep(ctx, 200*time.Millisecond)
		heal()
		client.Stop(ctx)
		if answers != 3 {
			f.Errorf("there were %d answers, want 3", answers)
		}
	}
}

func TestFailureDrawsHosts(t *testing.T) {
	var outputs []string
	for range 2 {
		f := mustFail(t, func(f *fakeTB) { asynciotest.ExploreTB(f, cutOff(f), nil) },
			"time   pass  host       task",
			"client             sends connect to server, which arrives at 102ms",
			"sends data (4 bytes) to client, which arrives at",
			"sends connect to server, which is lost",
		)
		expectDrawing(t, f, "cutoff.txt")
		outputs = append(outputs, f.output())
	}
	if outputs[0] != outputs[1] {
		t.Errorf("the same run prints\n%s\nand then\n%s", outputs[0], outputs[1])
	}
	expectDrawing(t, mustFail(t, func(f *fakeTB) { asynciotest.Run(f, cutOff(f)) }), "cutoff.txt")
}

// What was recorded is an artifact of the test.
func TestFailureKeepsTheRecording(t *testing.T) {
	mustFail(t, func(f *fakeTB) { asynciotest.Run(f, cutOff(f)) })
	file, err := os.Open(filepath.Join(t.ArtifactDir(), "recording.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := trace.ReadJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[trace.Kind]int{}
	for e := range r.Events() {
		kinds[e.Kind]++
	}
	for _, k := range []trace.Kind{trace.Present, trace.Hosted, trace.HostUp, trace.HostDown, trace.Sent, trace.Lost} {
		if kinds[k] == 0 {
			t.Errorf("the recording has no event of the kind %v", k)
		}
	}
}

// If nearly nothing takes time, the drawing shows the order.
func TestDrawingOfWhatTakesNoTime(t *testing.T) {
	f := mustFail(t, func(f *fakeTB) {
		asynciotest.Run(f, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			n.Host("server", echo)
			for _, name := range []string{"a", "b"} {
				n.Host(name, func(ctx context.Context) error {
					if err := asyncio.Sleep(ctx, time.Hour); err != nil {
						return err
					}
					c, err := streams.Dial(ctx, "tcp", "server:7")
					if err != nil {
						return err
					}
					_, err = ask(c, "ping")
					return errors.Join(err, c.Close())
				})
			}
			_ = asyncio.Sleep(ctx, 3*time.Hour)
			f.Errorf("it fails")
		})
	}, "the hosts in the last 16 steps")
	expectDrawing(t, f, "notime.txt")
}

// A deadlock is drawn as it was, without what its end does to the tasks.
func TestDeadlockOfHosts(t *testing.T) {
	f := inRun(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		n.Host("server", echo)
		n.Host("client", func(ctx context.Context) error {
			c, err := streams.Dial(ctx, "tcp", "server:7")
			if err != nil {
				return err
			}
			_, err = c.Read(make([]byte, 1))
			return err
		})
		var never asyncio.Event
		_ = never.Wait(ctx)
	}, "Task-1: waits for event", "server on host server: waits for accept", "client on host client: waits for read")
	expectDrawing(t, f, "deadlock.txt")
}

// A panic and FailNow are drawn as well; a test that has failed before is not, and neither
// is one without hosts.
func TestWhatIsDrawn(t *testing.T) {
	oneHost := func(ctx context.Context) {
		asynciotest.Net(ctx).Host("server", echo)
	}
	for _, c := range []struct {
		name  string
		drawn bool
		test  func(f *fakeTB)
	}{
		{"panic", true, func(f *fakeTB) {
			asynciotest.Run(f, func(ctx context.Context) { oneHost(ctx); panic("broken") })
		}},
		{"FailNow", true, func(f *fakeTB) {
			asynciotest.Run(f, func(ctx context.Context) { oneHost(ctx); f.FailNow() })
		}},
		{"AssertCancelable", true, func(f *fakeTB) {
			asynciotest.AssertCancelable(f, func(ctx context.Context) error {
				oneHost(ctx)
				_ = asyncio.Sleep(ctx, time.Second) // even if it is canceled
				return nil
			})
		}},
		{"failed before", false, func(f *fakeTB) {
			f.Errorf("before")
			asynciotest.Run(f, oneHost)
		}},
		{"no host", false, func(f *fakeTB) {
			asynciotest.Run(f, func(ctx context.Context) { asynciotest.Net(ctx); f.Errorf("broken") })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := mustFail(t, c.test)
			if (drawn(f) != "") != c.drawn {
				t.Errorf("the test says:\n%s", f.output())
			}
			_, err := os.Stat(filepath.Join(t.ArtifactDir(), "recording.json"))
			if (err == nil) != c.drawn {
				t.Errorf("there is an artifact: %v", err)
			}
		})
	}
}

// Of what is sent in one step, the table does not show everything.
func TestManyMessagesInOneStep(t *testing.T) {
	mustFail(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			n.Host("receiver", func(ctx context.Context) error {
				_, err := streams.ListenPacket(ctx, "udp", ":9")
				return errors.Join(err, asyncio.Sleep(ctx, time.Second))
			})
			_ = asyncio.Sleep(ctx, time.Second/2)
			c, err := streams.DialPacket(ctx, "udp", "receiver:9")
			if err != nil {
				f.Fatal(err)
			}
			for i := range 20 {
				for range 3 {
					_, _ = c.Write(make([]byte, 10+i))
				}
			}
			_ = c.Close()
			f.Errorf("it fails")
		}, nil)
	}, "localhost            sends datagram (25 bytes) to receiver, which arrives at once; 3 times", "(12 more were sent)")
}
