package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tour"
	"github.com/asyncio-go/asyncio/lessons"
)

const aboutTour = `Run the lessons of the tour, or those that are named.

Each lesson is a real program that uses the library. You see its idea, its
code in Go and in Python, its output with the time of each line, and a
timeline: a row for every task and thread, where runs and waits are told
apart. Names may be written as in Python or as in Go: create_task, CreateTask.`

const tourExamples = `  asyncio tour
  asyncio tour concurrency parallelism
  asyncio tour 7
  asyncio tour TaskGroup --speed 2`

// minSpeed and maxSpeed bound the speed: a lesson takes almost an hour at the one, and
// almost no time at the other.
const (
	minSpeed = 0.001
	maxSpeed = 1000
)

// pace holds the flags of the tour.
type pace struct {
	speed        float64
	pause, ascii bool
}

func newTour(a *app) *cobra.Command {
	var p pace
	cmd := &cobra.Command{
		Use:               "tour [lesson ...]",
		Short:             "Run the lessons, and watch their tasks on a timeline",
		Long:              aboutTour,
		Example:           tourExamples,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeLessons,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTour(cmd, a.screen(cmd), p, args)
		},
	}
	flags := cmd.Flags()
	flags.Float64Var(&p.speed, "speed", 1, "how fast: 2 halves all delays, 0.5 doubles them")
	flags.BoolVar(&p.pause, "pause", false, "wait for Enter after each lesson")
	flags.BoolVar(&p.ascii, "ascii", false, "draw with ASCII characters only")
	cmd.RegisterFlagCompletionFunc("speed", cobra.FixedCompletions(
		[]string{"0.5", "1", "2", "5", "10"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.AddCommand(newList(a))
	addWeb(cmd)
	return cmd
}

func runTour(cmd *cobra.Command, scr *screen.Screen, p pace, args []string) error {
	if !(p.speed >= minSpeed && p.speed <= maxSpeed) { // written so that it is true of NaN
		return usageError(fmt.Sprintf("--speed %v: has to be from %v to %v", p.speed, minSpeed, maxSpeed))
	}
	chosen, err := choose(lessons.All(), args)
	if err != nil {
		return err
	}
	t := tour.Tour{Screen: scr, Speed: p.speed, ASCII: p.ascii}
	if p.pause && term.IsTerminal(int(os.Stdin.Fd())) {
		t.Between = enter(os.Stdin, scr)
	}
	return t.Play(cmd.Context(), chosen)
}

// enter returns a function that waits until a line has been read, or until
// its context is done. Lines are read on one goroutine, because a read cannot
// be given up.
func enter(in io.Reader, scr *screen.Screen) func(ctx context.Context) error {
	lines := make(chan struct{})
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			lines <- struct{}{}
		}
	}()
	return func(ctx context.Context) error {
		fmt.Fprint(scr, scr.Paint(screen.Faint, "  Enter: the next lesson   Ctrl-C: leave "))
		select {
		case <-lines:
			return nil
		case <-ctx.Done():
			fmt.Fprintln(scr)
			return ctx.Err()
		}
	}
}

// completeLessons offers the names of the lessons that are not on the command
// line yet.
func completeLessons(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	all := lessons.All()
	var names []cobra.Completion
	for _, l := range all {
		given := slices.ContainsFunc(args, func(arg string) bool {
			other, ok := find(all, arg)
			return ok && other.Name == l.Name
		})
		if !given {
			names = append(names, cobra.CompletionWithDesc(l.Name, l.Title))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

func newList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the lessons with their numbers and names",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), list(a.screen(cmd), lessons.All()))
			return err
		},
	}
}

// list lays the lessons out as a table.
func list(scr *screen.Screen, all []lessons.Lesson) string {
	width := 0
	for _, l := range all {
		width = max(width, len(l.Name))
	}
	var b strings.Builder
	for _, l := range all {
		name := scr.Paint(screen.Title, l.Name) + strings.Repeat(" ", width-len(l.Name))
		line := fmt.Sprintf("%3d  %s  %s", l.Number, name, l.Title)
		b.WriteString(ansi.Truncate(line, scr.Width(), "…") + "\n")
	}
	return b.String()
}
