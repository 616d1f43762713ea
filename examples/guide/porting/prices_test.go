package porting

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os/exec"
	"testing"

	"github.com/asyncio-go/asyncio/asynciotest"
)

var shops = []shop{{"A", 0.2, 12}, {"B", 5, 7}, {"C", 0.1, 0}, {"D", 0.3, 10}}

const printed = "C: C does not have it\nB: too slow\n"

func TestPrices(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		var out bytes.Buffer
		prices, err := run(ctx, &out, shops)
		if want := map[string]int{"A": 12, "D": 10}; err != nil || !maps.Equal(prices, want) || out.String() != printed {
			t.Errorf("%v, %v, %q", prices, err, out.String())
		}
	})
}

// The program in Python prints the same, where there is a Python that has what it uses.
func TestPricesInPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("skipped: there is no python3")
	}
	if exec.Command(python, "-c", "import asyncio; asyncio.QueueShutDown").Run() != nil {
		t.Skip("skipped: python3 is older than 3.13")
	}
	out, err := exec.Command(python, "prices.py").CombinedOutput()
	if want := printed + "{'A': 12, 'D': 10}\n"; err != nil || string(out) != want {
		t.Errorf("%v, %s", err, fmt.Sprintf("%q, want %q", out, want))
	}
}
