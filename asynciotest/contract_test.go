package asynciotest_test

import (
	"context"
	"math/rand/v2"
	"net"
	"testing"

	"github.com/asyncio-go/asyncio/asynciotest"
)

// The names and signatures that programs elsewhere are compiled against. This
// file need not run: it must compile.
var (
	_ func(testing.TB, func(context.Context), ...asynciotest.Option) = asynciotest.Run
	_ func(*testing.T, func(context.Context), ...asynciotest.Option) = asynciotest.Explore
	_ func(context.Context) *rand.Rand                               = asynciotest.Rand
	_ func(context.Context) (net.Conn, net.Conn)                     = asynciotest.Pipe

	_ = []asynciotest.Option{
		asynciotest.Runs(1), asynciotest.Seed(1),
		asynciotest.Strategy(asynciotest.FIFO), asynciotest.Strategy(asynciotest.Random),
		asynciotest.Strategy(asynciotest.PCT(3)), asynciotest.Strategy(asynciotest.Exhaustive(10)),
	}
)
