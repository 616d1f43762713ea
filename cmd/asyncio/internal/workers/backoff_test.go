package workers

import (
	"slices"
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	var b backoff
	var waits []time.Duration
	for range 7 {
		waits = append(waits, b.next(time.Second))
	}
	waits = append(waits, b.next(time.Minute-1), b.next(time.Minute), b.next(0))
	for i := range waits {
		waits[i] /= time.Second
	}
	if want := []time.Duration{1, 2, 4, 8, 16, 30, 30, 30, 1, 2}; !slices.Equal(waits, want) {
		t.Errorf("waits %v seconds, want %v", waits, want)
	}
}
