package option_test

import (
	"slices"
	"testing"

	"github.com/asyncio-go/asyncio/internal/option"
)

type taste interface{ addTo(*dish) }

type dish []string

type spice string

func (s spice) addTo(d *dish) { *d = append(*d, string(s)) }

func TestApply(t *testing.T) {
	t.Run("applies all in their order", func(t *testing.T) {
		var d dish
		option.Apply(&d, []taste{spice("salt"), spice("pepper")}, taste.addTo)
		if want := (dish{"salt", "pepper"}); !slices.Equal(d, want) {
			t.Errorf("they have set %q, want %q", d, want)
		}
	})
	t.Run("panics with advice on one that is nil", func(t *testing.T) {
		defer func() {
			const want = "asyncio: nil option: leave it out, or pass one that the documentation of taste lists"
			if got := recover(); got != want {
				t.Errorf("it panicked with %v, want %q", got, want)
			}
		}()
		option.Apply(new(dish), []taste{spice("salt"), nil}, taste.addTo)
	})
}
