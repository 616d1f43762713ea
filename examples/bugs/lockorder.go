package bugs

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

// A Vault is an account that has to be locked for a transfer. Its number is
// its own.
type Vault struct {
	Number, Gold int
	lock         asyncio.Lock
}

// TransferCarelessly locks the vault from which it takes, and then the other:
// two transfers in opposite directions may each hold what the other wants.
func TransferCarelessly(ctx context.Context, from, to *Vault, gold int) error {
	return locked(ctx, from, to, func() { move(from, to, gold) })
}

// Transfer locks the vault with the lower number first, whatever the
// direction.
func Transfer(ctx context.Context, from, to *Vault, gold int) error {
	first, second := from, to
	if second.Number < first.Number {
		first, second = second, first
	}
	return locked(ctx, first, second, func() { move(from, to, gold) })
}

func locked(ctx context.Context, first, second *Vault, fn func()) error {
	return first.lock.With(ctx, func() error {
		if err := remote(ctx, 1); err != nil { // writes to the journal
			return err
		}
		return second.lock.With(ctx, func() error {
			fn()
			return nil
		})
	})
}

func move(from, to *Vault, gold int) {
	from.Gold -= gold
	to.Gold += gold
}
