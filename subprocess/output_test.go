package subprocess_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/asyncio-go/asyncio/subprocess"
)

// start starts a process with pipes for its input and output.
func start(ctx context.Context, t *testing.T, cmd *subprocess.Cmd) (stdin, stdout *streams.Pipe) {
	t.Helper()
	stdin = must[*streams.Pipe](t)(cmd.StdinPipe(ctx))
	stdout = must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))
	mustStart(ctx, t, cmd)
	return stdin, stdout
}

func closeAll(t *testing.T, all ...io.Closer) {
	t.Helper()
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

func TestPipes(t *testing.T) {
	t.Run("feed a process and read from it", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			stdin, stdout := start(ctx, t, cmd)
			must[int](t)(io.WriteString(stdin, "some data"))
			expectText(t, "the answer", []byte(readSome(t, stdout)), "some data")
			closeAll(t, stdin)
			rest, err := io.ReadAll(stdout)
			expectIs(t, "reading the rest", err, nil)
			expectText(t, "the rest", rest, "")
			expectExit(t, cmd, cmd.Wait(ctx), 0)
		})
	})
	t.Run("hold a conversation", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("interpret")
			stdin, stdout := start(ctx, t, cmd)
			answers := bufio.NewReader(stdout)
			for _, word := range []string{"one", "two", "three"} {
				must[int](t)(io.WriteString(stdin, word+"\n"))
				answer, err := answers.ReadString('\n')
				expectIs(t, "reading", err, nil)
				expectText(t, "the answer", []byte(answer), "<"+word+">")
			}
			must[int](t)(io.WriteString(stdin, "end\n"))
			expectExit(t, cmd, cmd.Wait(ctx), 0)
			closeAll(t, stdin, stdout)
		})
	})
	t.Run("can be read when the process has ended", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("echo", "last words")
			stdout := must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))
			mustStart(ctx, t, cmd)
			expectExit(t, cmd, cmd.Wait(ctx), 0)
			out, err := io.ReadAll(stdout)
			expectIs(t, "reading", err, nil)
			expectText(t, "the output", out, "last words")
		})
	})
	t.Run("hold back a process whose output no one reads", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("flood", "1048576")
			stdout := must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))
			mustStart(ctx, t, cmd)
			expectText(t, "the first", []byte(readSome(t, stdout)), strings.Repeat("x", 100))
			if _, ended := cmd.ReturnCode(); ended {
				t.Error("it has ended, and no one has read its output")
			}
			n, err := io.Copy(io.Discard, stdout)
			expectIs(t, "reading", err, nil)
			if n != 1<<20-100 {
				t.Errorf("%d bytes came, want %d", n, 1<<20-100)
			}
			expectExit(t, cmd, cmd.Wait(ctx), 0)
		})
	})
	t.Run("break when the process has closed its input", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("deaf")
			stdin, stdout := start(ctx, t, cmd)
			_ = readSome(t, stdout)
			expectIs(t, "Write", second(stdin.Write(make([]byte, 1<<20))), syscall.EPIPE)
			expectIs(t, "Kill", cmd.Kill(), nil)
			_ = cmd.Wait(ctx)
			closeAll(t, stdin, stdout)
		})
	})
	t.Run("break when the process has ended", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "0")
			stdin := must[*streams.Pipe](t)(cmd.StdinPipe(ctx))
			mustStart(ctx, t, cmd)
			_, err := stdin.Write(make([]byte, 1<<20)) // it waits, and then there is no one
			expectIs(t, "Write", err, syscall.EPIPE)
			expectIs(t, "Write again", second(stdin.Write([]byte("x"))), syscall.EPIPE)
			expectExit(t, cmd, cmd.Wait(ctx), 0)
			closeAll(t, stdin)
		})
	})
	t.Run("are not inherited by other processes", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			first, second := program("cat"), program("cat")
			stdin, stdout := start(ctx, t, first)
			theirs, _ := start(ctx, t, second)
			closeAll(t, stdin)
			_, err := io.ReadAll(stdout) // ends, though the second process lives
			expectIs(t, "reading", err, nil)
			expectExit(t, first, first.Wait(ctx), 0)
			closeAll(t, theirs)
			expectExit(t, second, second.Wait(ctx), 0)
		})
	})
	t.Run("have deadlines", func(t *testing.T) {
		inTimelyWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			stdin, stdout := start(ctx, t, cmd)
			expectIs(t, "SetReadDeadline", stdout.SetReadDeadline(asyncio.RunningLoop(ctx).Now().Add(time.Millisecond)), nil)
			expectIs(t, "Read", second(stdout.Read(make([]byte, 1))), os.ErrDeadlineExceeded)
			closeAll(t, stdin, stdout)
			expectExit(t, cmd, cmd.Wait(ctx), 0)
		})
	})
	t.Run("are not for what is set already", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
			for name, pipe := range map[string]func(context.Context) (*streams.Pipe, error){
				"Stdin": cmd.StdinPipe, "Stdout": cmd.StdoutPipe, "Stderr": cmd.StderrPipe,
			} {
				if _, err := pipe(ctx); err == nil || !strings.Contains(err.Error(), name+" is set already") {
					t.Errorf("%sPipe returned %v", name, err)
				}
			}
		})
	})
	t.Run("are closed with the loop", func(t *testing.T) {
		run(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			_, _ = start(ctx, t, cmd)
			_ = must[*streams.Pipe](t)(program("cat").StdoutPipe(ctx)) // it will not be started
		})
		runtime.GC() // the child's end of that
	})
}

func TestInputAndOutput(t *testing.T) {
	t.Run("are files that the process inherits", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			name := filepath.Join(t.TempDir(), "file")
			f := must[*os.File](t)(os.Create(name))
			cmd := program("echo", "to a file")
			cmd.Stdout = f
			expectExit(t, cmd, cmd.Run(ctx), 0)
			must[int64](t)(f.Seek(0, io.SeekStart))
			cmd = program("cat")
			cmd.Stdin = f
			out, err := cmd.Output(ctx)
			expectIs(t, "Output", err, nil)
			expectText(t, "the file", out, "to a file")
			closeAll(t, f)
		})
	})
	t.Run("are copied by tasks", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			text := strings.Repeat("0123456789abcdef", 1<<16)
			var out bytes.Buffer
			cmd := program("cat")
			cmd.Stdin, cmd.Stdout = strings.NewReader(text), &out
			expectExit(t, cmd, cmd.Run(ctx), 0)
			if out.String() != text {
				t.Errorf("%d bytes came, want the %d that were sent", out.Len(), len(text))
			}
		})
	})
	t.Run("may be a pipe from process to process", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			first, second := program("echo", "through two"), program("cat")
			second.Stdin = must[*streams.Pipe](t)(first.StdoutPipe(ctx))
			mustStart(ctx, t, first)
			out, err := second.Output(ctx)
			expectIs(t, "Output", err, nil)
			expectText(t, "the output", out, "through two")
			expectExit(t, first, first.Wait(ctx), 0)
		})
	})
	t.Run("are nothing by default", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			expectIs(t, "a process that reads to the end", program("cat").Run(ctx), nil)
			expectIs(t, "one that writes much", program("flood", "1048576").Run(ctx), nil)
		})
	})
	t.Run("of one writer keep their order", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			out, err := program("complain", "both").CombinedOutput(ctx)
			expectText(t, "the output", out, "both")
			var exit *subprocess.ExitError
			if !errors.As(err, &exit) {
				t.Errorf("the error is %v", err)
			}
			cmd := program("flood", "65536")
			out, err = cmd.CombinedOutput(ctx)
			expectIs(t, "CombinedOutput", err, nil)
			if len(out) != 2*65536 {
				t.Errorf("%d bytes came", len(out))
			}
		})
	})
	t.Run("that go to one pipe keep their order", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("complain", "to stderr")
			_ = must[*streams.Pipe](t)(cmd.StdoutPipe(ctx))
			cmd.Stderr = cmd.Stdout
			stdout, stderr, err := cmd.Communicate(ctx, nil)
			expectExit(t, cmd, err, 3)
			expectText(t, "the standard output", stdout, "to stderr")
			expectText(t, "the standard error output", stderr, "")
		})
	})
	t.Run("that fail are an error of Wait", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("echo", "text")
			cmd.Stdout = brokenWriter{}
			expectIs(t, "Run", cmd.Run(ctx), errBroken)
			cmd = program("cat")
			cmd.Stdin = brokenReader{}
			expectIs(t, "Run", cmd.Run(ctx), errBroken)
		})
	})
	t.Run("that panic end the process, and are a panic of who waits", func(t *testing.T) {
		needSignals(t) // it is a signal that ends it
		nothingIsLeft(t)
		var err error
		panicked := recovered(func() {
			err = asyncio.Run(t.Context(), func(ctx context.Context) error {
				cmd := program("flood", "10000000")
				cmd.Stdout = panickingWriter{}
				return cmd.Run(ctx)
			}, asyncio.OnException(func(asyncio.ExceptionContext) {}))
		})
		if !strings.Contains(fmt.Sprint(panicked), "oops") {
			t.Errorf("Run panicked with %v and returned %v", panicked, err)
		}
	})
	t.Run("that no one reads do not keep Wait waiting", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			r, w, err := streams.NewPipe(ctx) // nothing will come
			expectIs(t, "NewPipe", err, nil)
			cmd := program("exit", "0")
			cmd.Stdin = r
			expectExit(t, cmd, cmd.Run(ctx), 0)
			closeAll(t, r, w)
		})
	})
}

var errBroken = errors.New("broken")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

type panickingWriter struct{}

func (panickingWriter) Write([]byte) (int, error) { panic("oops") }

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

func TestOutput(t *testing.T) {
	t.Run("has the standard error output in its error", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("complain", "it hurts")
			_, err := cmd.Output(ctx)
			expectExit(t, cmd, err, 3)
			if exit, ok := errors.AsType[*subprocess.ExitError](err); ok {
				expectText(t, "Stderr", exit.Stderr, "it hurts")
			}
		})
	})
	t.Run("keeps the ends of what is long", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("lament", "100000")
			_, err := cmd.Output(ctx)
			exit, ok := errors.AsType[*subprocess.ExitError](err)
			if !ok {
				t.Fatal(err)
			}
			kept := strings.TrimSpace(string(exit.Stderr))
			if !strings.HasPrefix(kept, "begin") || !strings.HasSuffix(kept, "end") || !strings.Contains(kept, "omitting") {
				t.Errorf("it keeps %.20q ... %q", kept, kept[max(len(kept)-20, 0):])
			}
			if len(kept) > 70_000 {
				t.Errorf("it keeps %d bytes", len(kept))
			}
		})
	})
	t.Run("does not take what is set", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("echo")
			cmd.Stdout = io.Discard
			if _, err := cmd.Output(ctx); err == nil || !strings.Contains(err.Error(), "set already") {
				t.Errorf("Output returned %v", err)
			}
			if _, err := cmd.CombinedOutput(ctx); err == nil || !strings.Contains(err.Error(), "set already") {
				t.Errorf("CombinedOutput returned %v", err)
			}
		})
	})
}

func TestCommunicate(t *testing.T) {
	t.Run("feeds and reads", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			stdout, stderr, err := program("cat").Communicate(ctx, []byte("some data"))
			expectIs(t, "Communicate", err, nil)
			expectText(t, "the output", stdout, "some data")
			expectText(t, "the error output", stderr, "")
		})
	})
	t.Run("uses the pipes of a process that runs", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			start(ctx, t, cmd)
			stdout, _, err := cmd.Communicate(ctx, []byte("some data"))
			expectExit(t, cmd, err, 0)
			expectText(t, "the output", stdout, "some data")
		})
	})
	t.Run("without input closes the pipe", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			for _, input := range [][]byte{nil, {}} {
				cmd := program("cat")
				start(ctx, t, cmd)
				stdout, _, err := cmd.Communicate(ctx, input)
				expectExit(t, cmd, err, 0)
				expectText(t, "the output", stdout, "")
			}
			stdout, _, err := program("cat").Communicate(ctx, nil)
			expectIs(t, "Communicate", err, nil)
			expectText(t, "the output", stdout, "")
		})
	})
	t.Run("again has nothing more to say", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			for i, input := range []string{"some data", "", "more"} {
				stdout, _, err := cmd.Communicate(ctx, []byte(input))
				expectExit(t, cmd, err, 0)
				if want := []string{"some data", "", ""}[i]; string(stdout) != want {
					t.Errorf("call %d read %q, want %q", i, stdout, want)
				}
			}
		})
	})
	t.Run("in two tasks at once is refused to the second, and harms no one", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			first := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
				stdout, _, err := cmd.Communicate(ctx, []byte("some data"))
				return string(stdout), err
			})
			_ = asyncio.Yield(ctx)
			if _, _, err := cmd.Communicate(ctx, nil); err == nil || !strings.Contains(err.Error(), "another task") {
				t.Errorf("the second returned %v", err)
			}
			stdout, err := first.Await(ctx)
			expectExit(t, cmd, err, 0)
			expectText(t, "the output", []byte(stdout), "some data")
		})
	})
	t.Run("does not mind a process that does not read", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("exit", "5")
			_, _, err := cmd.Communicate(ctx, make([]byte, 1<<20))
			expectExit(t, cmd, err, 5)
		})
	})
	t.Run("of much in all directions does not get stuck", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			stdout, _, err := program("cat").Communicate(ctx, bytes.Repeat([]byte("x"), 5<<20))
			expectIs(t, "Communicate", err, nil)
			if len(stdout) != 5<<20 {
				t.Errorf("%d bytes came", len(stdout))
			}
			stdout, stderr, err := program("flood", "1048576").Communicate(ctx, nil)
			expectIs(t, "Communicate", err, nil)
			if len(stdout) != 1<<20 || len(stderr) != 1<<20 {
				t.Errorf("%d and %d bytes came", len(stdout), len(stderr))
			}
		})
	})
	t.Run("returns both outputs, and the exit status", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("complain", "it hurts")
			stdout, stderr, err := cmd.Communicate(ctx, nil)
			expectExit(t, cmd, err, 3)
			expectText(t, "the output", stdout, "")
			expectText(t, "the error output", stderr, "it hurts")
		})
	})
	t.Run("leaves alone what is set", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			var out bytes.Buffer
			cmd := program("echo", "elsewhere")
			cmd.Stdout = &out
			stdout, _, err := cmd.Communicate(ctx, nil)
			expectIs(t, "Communicate", err, nil)
			expectText(t, "the output", stdout, "")
			expectText(t, "the writer", out.Bytes(), "elsewhere")
		})
	})
	t.Run("with input needs a pipe", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := program("cat")
			cmd.Stdin = strings.NewReader("other")
			if _, _, err := cmd.Communicate(ctx, []byte("x")); err == nil || !strings.Contains(err.Error(), "StdinPipe before Start") {
				t.Errorf("Communicate returned %v", err)
			}
		})
	})
	t.Run("says that there is no such program", func(t *testing.T) {
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			cmd := subprocess.Command(filepath.Join(t.TempDir(), "none"))
			_, _, err := cmd.Communicate(ctx, []byte("x"))
			if !isNoProgram(err) {
				t.Errorf("Communicate returned %v", err)
			}
		})
	})
	t.Run("may be fed from /dev/stdin", func(t *testing.T) {
		if _, err := os.Stat("/dev/stdin"); err != nil || runtime.GOOS == "windows" {
			t.Skip("there is no /dev/stdin")
		}
		inWorlds(t, func(ctx context.Context, t *testing.T) {
			stdout, _, err := program("size", "/dev/stdin").Communicate(ctx, make([]byte, 1000))
			expectIs(t, "Communicate", err, nil)
			expectText(t, "the size", stdout, "1000")
		})
	})
}
