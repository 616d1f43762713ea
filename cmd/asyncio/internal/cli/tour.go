package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/pages"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tour"
	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

const aboutTour = `Play the lessons of the tour, or those that are named.

On a terminal, a lesson is a few pages that stay for as long as you like: its idea, the
lines of code that matter, and a question; then a recording of the program, made on the
real loop with its virtual clock, which you play, stop, and step through in both
directions; then what it has shown. The keys are named at the foot; ? names all of them.

In a pipe or a file, and with --plain, the programs run in real time: their code in Go and
in Python, their output with the time of each line, and a timeline. In a pipe, delays are
shortened so that the whole tour takes less than 40 seconds, unless --speed is given.

Names may be written as in Python or as in Go: create_task, CreateTask. 3-5 is a range.`

const tourExamples = `  asyncio tour
  asyncio tour concurrency parallelism
  asyncio tour 1-3 7
  asyncio tour gather --set A=3s
  asyncio tour --auto
  asyncio tour TaskGroup --plain --speed 2`

// minSpeed and maxSpeed bound the speed: a lesson takes almost an hour at the one, and
// almost no time at the other.
const (
	minSpeed = 0.001
	maxSpeed = 1000
)

// pipeTime is how long the lessons take in a pipe at most, if the machine is not busy. It
// is half of the 40 seconds that the help promises, so that the promise also holds on a
// busy machine.
const pipeTime = 20 * time.Second

// tourFlags are the flags of the tour.
type tourFlags struct {
	speed              float64
	set                []string
	plain, auto, ascii bool
}

func newTour(a *app) *cobra.Command {
	var f tourFlags
	cmd := &cobra.Command{
		Use:               "tour [lesson ...]",
		Short:             "Play the lessons, and step through what their tasks do",
		Long:              aboutTour,
		Example:           a.named(tourExamples),
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeLessons,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.tour(cmd, f, args) },
	}
	flags := cmd.Flags()
	flags.Float64Var(&f.speed, "speed", 1, "how fast: 2 halves all delays, 0.5 doubles them")
	flags.BoolVar(&f.auto, "auto", false, "go on without keys, at the pace of reading, as for a talk")
	flags.BoolVar(&f.plain, "plain", false, "print text, and run the programs in real time, as in a pipe")
	flags.StringArrayVar(&f.set, "set", nil, "`NAME=VALUE` of a parameter, as in --set A=3s; may be repeated")
	flags.BoolVar(&f.ascii, "ascii", false, "draw with ASCII characters only")
	cmd.RegisterFlagCompletionFunc("speed", cobra.FixedCompletions(
		[]string{"0.5", "1", "2", "5", "10"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.RegisterFlagCompletionFunc("set", completeSet)
	cmd.AddCommand(newList(a))
	addWeb(cmd, a)
	return cmd
}

func (a *app) tour(cmd *cobra.Command, f tourFlags, args []string) error {
	if !(f.speed >= minSpeed && f.speed <= maxSpeed) { // written so that it is true of NaN
		return usageError(fmt.Sprintf("--speed %v: has to be from %v to %v", f.speed, minSpeed, maxSpeed))
	}
	chosen, err := choose(lessons.All(), args, a.command)
	if err != nil {
		return err
	}
	values, err := settings(chosen, f.set)
	if err != nil {
		return err
	}
	scr := a.screen(cmd)
	if f.plain || !scr.Live() {
		if f.auto && !f.plain {
			return usageError("--auto draws on a terminal, and standard output is none")
		}
		t := tour.Tour{Screen: scr, Speed: f.speed, ASCII: f.ascii, Values: values, Command: a.command}
		if !scr.Live() && !cmd.Flags().Changed("speed") {
			t.Within = pipeTime
		}
		return t.Play(cmd.Context(), chosen)
	}
	return showPages(cmd.Context(), pages.Config{
		Lessons: chosen, All: lessons.All(), Values: values,
		Speed: f.speed, Auto: f.auto, ASCII: f.ascii,
		Color: scr.Color(), Paint: scr.Paint, Command: a.command,
		Record: record,
	})
}

// showPages shows the tour on a terminal.
func showPages(ctx context.Context, c pages.Config) error {
	_, err := tea.NewProgram(pages.New(ctx, c), tea.WithContext(ctx)).Run()
	if errors.Is(err, tea.ErrInterrupted) {
		return errInterrupted
	}
	return err
}

// settings reads NAME=VALUE pairs. Each has to be a parameter of one of the lessons, and
// right for all that have it.
func settings(chosen []lessons.Lesson, pairs []string) (map[string]string, error) {
	values := map[string]string{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, usageError(fmt.Sprintf("--set %s: has to be NAME=VALUE, as in --set A=3s", pair))
		}
		values[name] = value
		if err := checkSetting(chosen, name, value); err != nil {
			return nil, usageError("--set " + err.Error())
		}
	}
	return values, nil
}

func checkSetting(chosen []lessons.Lesson, name, value string) error {
	var all []lesson.Param
	known := false
	for _, l := range chosen {
		all = append(all, l.Params...)
		for _, p := range l.Params {
			if p.Name == name {
				known = true
				if err := p.Check(value); err != nil {
					return fmt.Errorf("%w (lesson %s)", err, l.Name)
				}
			}
		}
	}
	switch {
	case known:
		return nil
	case len(chosen) == 1 && len(all) == 0:
		return fmt.Errorf("%s: lesson %s has no parameters", name, chosen[0].Name)
	case len(chosen) == 1:
		return lesson.Check(all, map[string]string{name: value})
	}
	return fmt.Errorf("%s: none of these lessons has such a parameter; name a lesson, and P shows what it has", name)
}

// completeSet offers the parameters of the lessons that are named.
func completeSet(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	chosen, err := choose(lessons.All(), args, "")
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, l := range chosen {
		for _, p := range l.Params {
			names = append(names, cobra.CompletionWithDesc(p.Name+"="+p.Default, l.Name+": "+p.Label))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
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
	var b strings.Builder
	for _, line := range table(all, func(name string) string { return scr.Paint(screen.Title, name) }) {
		b.WriteString(ansi.Truncate(line, scr.Width(), "…") + "\n")
	}
	return b.String()
}

// listed is list for messages.
func listed(all []lessons.Lesson) string {
	return strings.Join(table(all, func(name string) string { return name }), "\n")
}

func table(all []lessons.Lesson, paint func(string) string) []string {
	width := 0
	for _, l := range all {
		width = max(width, len(l.Name))
	}
	lines := make([]string, len(all))
	for i, l := range all {
		lines[i] = fmt.Sprintf("%3d  %s%s  %s", l.Number, paint(l.Name), strings.Repeat(" ", width-len(l.Name)), l.Title)
	}
	return lines
}

// record records a lesson.
func record(ctx context.Context, l lessons.Lesson, values map[string]string) (*recording.Recording, error) {
	return l.Record(ctx, values)
}
