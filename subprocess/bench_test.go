package subprocess_test

import (
	"context"
	"os/exec"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/subprocess"
)

// BenchmarkRun runs a process that does nothing, beside os/exec; "os/exec,
// Start" is how long a loop would stand still if it started one itself.
func BenchmarkRun(b *testing.B) {
	path, err := exec.LookPath("true")
	if err != nil {
		b.Skip(err)
	}
	b.Run("subprocess", func(b *testing.B) {
		err := asyncio.Run(b.Context(), func(ctx context.Context) error {
			for b.Loop() {
				if err := subprocess.Command(path).Run(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
	b.Run("os/exec", func(b *testing.B) {
		for b.Loop() {
			if err := exec.Command(path).Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("os/exec, Start", func(b *testing.B) {
		for b.Loop() {
			cmd := exec.Command(path)
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			_ = cmd.Wait()
			b.StartTimer()
		}
	})
}
