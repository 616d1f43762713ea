package asyncio_test

import (
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// What the tests of this package run with asynctest's Run and NewRunner, they
// run in all worlds.
func TestInOtherWorlds(t *testing.T) { asynctest.RunInOtherWorlds(t) }
