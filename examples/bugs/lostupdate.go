package bugs

import "context"

// An Account holds money.
type Account struct{ Balance int }

// Deposit looks the customer up and adds to the balance.
func (a *Account) Deposit(ctx context.Context, amount int) error {
	if err := remote(ctx, 2); err != nil {
		return err
	}
	a.Balance += amount
	return nil
}

// AddInterestCarelessly reads the balance, waits for the rate, and writes back
// what it has computed from a balance that may be an old one.
func (a *Account) AddInterestCarelessly(ctx context.Context) error {
	balance := a.Balance
	rate, err := interestRate(ctx)
	if err != nil {
		return err
	}
	a.Balance = balance + balance*rate/100
	return nil
}

// AddInterest waits first. Between reading and writing it does not suspend, so
// nothing comes in between, and no lock is needed.
func (a *Account) AddInterest(ctx context.Context) error {
	rate, err := interestRate(ctx)
	if err != nil {
		return err
	}
	a.Balance += a.Balance * rate / 100
	return nil
}

func interestRate(ctx context.Context) (percent int, err error) { return 10, remote(ctx, 1) }
