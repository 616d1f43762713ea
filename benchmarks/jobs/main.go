package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"text/tabwriter"

	"github.com/asyncio-go/asyncio/benchmarks/internal/command"
)

// A plan is how much is measured.
type plan struct {
	Jobs    int
	Workers int
}

func main() {
	if obeyed, err := obey(); obeyed {
		command.Exit("jobs", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	command.Exit("jobs", run(ctx, os.Args[1:], os.Stdout))
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var p plan
	flags := flag.NewFlagSet("jobs", flag.ContinueOnError)
	flags.IntVar(&p.Jobs, "jobs", 100_000, "how many `jobs` each side does")
	flags.IntVar(&p.Workers, "workers", 4, "how many worker `processes`, and workers of the pool")
	rounds := flags.Int("rounds", 2, "how often all sides take their turn")
	only := flags.String("only", "", "only sides whose names contain this `text`")
	asJSON := flags.Bool("json", false, "print JSON")
	if err := flags.Parse(args); err != nil {
		return command.ErrUsage
	}
	results, notes, err := measureAll(ctx, p, *rounds, *only)
	if err != nil {
		return err
	}
	if *asJSON {
		return command.WriteJSON(out, map[string]any{"plan": p, "results": results, "notes": notes})
	}
	printTable(out, results)
	for _, n := range notes {
		fmt.Fprintln(out, n)
	}
	return nil
}

func measureAll(ctx context.Context, p plan, rounds int, only string) (results []result, notes []string, err error) {
	for range rounds {
		for _, s := range sides {
			if !strings.Contains(s.name, only) {
				continue
			}
			if why := s.lacks(); why != "" {
				if note := s.name + " is left out: " + why; len(notes) == 0 || notes[len(notes)-1] != note {
					notes = append(notes, note)
				}
				continue
			}
			r, err := s.measure(ctx, p)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", s.name, err)
			}
			results = append(results, r)
		}
	}
	return results, notes, nil
}

func printTable(out io.Writer, results []result) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "side\tjobs/s\tserver µs\tworkers µs\tclient µs\tclient MB\t")
	for _, r := range results {
		each := func(seconds float64) float64 { return seconds / float64(r.Jobs) * 1e6 }
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t\n", r.Side, float64(r.Jobs)/r.Seconds,
			each(r.ServerCPU), each(r.WorkersCPU), each(r.ClientCPU), r.ClientMB)
	}
	w.Flush()
	fmt.Fprintln(out, "Processor time in microseconds a job; the most memory that the client had.")
}
