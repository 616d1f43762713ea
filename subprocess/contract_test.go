package subprocess_test

import (
	"context"

	"github.com/asyncio-go/asyncio/subprocess"
)

// The names and signatures that programs elsewhere are compiled against. This
// file need not run: it must compile.
var (
	_ func(name string, args ...string) *subprocess.Cmd = subprocess.Command
	_ interface {
		Start(context.Context) error
		Wait(context.Context) error
		Run(context.Context) error
		Output(context.Context) ([]byte, error)
		Communicate(ctx context.Context, input []byte) (stdout, stderr []byte, err error)
	} = (*subprocess.Cmd)(nil)
)
