package remote

import (
	"context"
	"runtime"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// A Goexit on the loop ends the loop, as that of any task does, but not before the job has
// its result.
func TestGoexitOnTheLoopIsAFailure(t *testing.T) {
	w := newWire(t)
	exits := Define("exits", func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil }, Retries(3))
	r := w.serve([]Registered{exits}, OnLoop())
	w.submit(exits, "j", 1)
	mustContain(t, w.fails("j").Message, "Goexit")
	take(t, r.ended)
	w.empty()
}

func TestWorkerHandsTheTraceContextOn(t *testing.T) {
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		before := otel.GetTextMapPropagator()
		otel.SetTextMapPropagator(propagation.TraceContext{})
		t.Cleanup(func() { otel.SetTextMapPropagator(before) })
		w := newWire(t)
		traced := Define("traced", func(ctx context.Context, _ int) (string, error) {
			return trace.SpanContextFromContext(ctx).TraceID().String(), nil
		})
		w.serve([]Registered{traced}, opts...)
		w.submit(traced, "j", 1, "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		if m := w.ends("j", outcomeOK); string(m.Data) != `"0af7651916cd43dd8448eb211c80319c"` {
			t.Errorf("trace %s", m.Data)
		}
	})
}
