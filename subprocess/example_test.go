package subprocess_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleCmd_Output() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		cmd := program("echo", "hello") // subprocess.Command("echo", "hello")
		out, err := cmd.Output(ctx)
		fmt.Printf("%s", out)
		return err
	})
	// Output: hello
}

// Input and output of any length, and a limit of time: if it is reached, the
// process is ended.
func ExampleCmd_Communicate() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
			cmd := program("cat") // subprocess.Command("cat")
			stdout, stderr, err := cmd.Communicate(ctx, []byte("to and fro"))
			fmt.Printf("%s, %d bytes of errors\n", stdout, len(stderr))
			return err
		})
	})
	// Output: to and fro, 0 bytes of errors
}

// A conversation with a process. When the group is left, it is gone.
func ExampleCmd_StdinPipe() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			cmd := program("interpret") // subprocess.Command("bc")
			stdin, err := cmd.StdinPipe(ctx)
			if err != nil {
				return err
			}
			stdout, err := cmd.StdoutPipe(ctx)
			if err != nil {
				return err
			}
			if err := cmd.Start(ctx); err != nil {
				return err
			}
			answers := bufio.NewReader(stdout)
			for _, word := range []string{"one", "two"} {
				if _, err := io.WriteString(stdin, word+"\n"); err != nil {
					return err
				}
				answer, err := answers.ReadString('\n')
				if err != nil {
					return err
				}
				fmt.Print(answer)
			}
			return nil
		})
	})
	// Output:
	// <one>
	// <two>
}

// Two processes as a pipeline; the loop copies what goes through it. Nothing
// waits for anything but that there is something to read.
func ExampleCmd_StdoutPipe() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		first := program("echo", "through both") // subprocess.Command("echo", "through both")
		second := program("cat")                 // subprocess.Command("cat")
		between, err := first.StdoutPipe(ctx)
		if err != nil {
			return err
		}
		second.Stdin = between
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(first.Run)
			out, err := second.Output(ctx)
			fmt.Printf("%s", out)
			return err
		})
	})
	// Output: through both
}

// A shell and what it has started end together, also what would not end with the shell.
func ExampleCmd_processGroup() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		cmd := program("parent") // subprocess.Shell("server & echo the shell has ended")
		cmd.ProcessGroup = true
		_, err := cmd.Output(ctx) // to the end of the output, which a server would hold open
		fmt.Println("no one is left:", err)
		return nil
	})
	// Output: no one is left: <nil>
}
