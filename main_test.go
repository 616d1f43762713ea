package asyncio_test

import (
	"os"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestMain(m *testing.M) {
	asynctest.HearInterrupts()
	os.Exit(m.Run())
}
