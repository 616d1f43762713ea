// Package goroutines holds the mistakes of package bugs once more, with
// goroutines: to see how often plain go test -race -count comes upon them. A
// suspension there is a runtime.Gosched here, and what a task owns between two
// suspensions there needs a mutex here, or it would be a data race as well.
package goroutines

import (
	"runtime"
	"sync"
)

// remote stands for round trips to another machine, during each of which
// others have their turn.
func remote(trips int) {
	for range trips {
		runtime.Gosched()
	}
}

// An Account holds money.
type Account struct {
	mu      sync.Mutex
	balance int
}

// Balance returns how much there is.
func (a *Account) Balance() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.balance
}

// Deposit looks the customer up and adds to the balance.
func (a *Account) Deposit(amount int) {
	remote(2)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance += amount
}

// AddInterest reads the balance, waits for the rate, and writes back what it
// has computed from a balance that may be an old one.
func (a *Account) AddInterest() {
	balance := a.Balance()
	rate := interestRate()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance = balance + balance*rate/100
}

func interestRate() (percent int) {
	remote(1)
	return 10
}

// A Vault is an account that has to be locked for a transfer.
type Vault struct {
	mu   sync.Mutex
	Gold int
}

// Transfer locks the vault from which it takes, and then the other: two
// transfers in opposite directions may each hold what the other wants.
func Transfer(from, to *Vault, gold int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	remote(1) // writes to the journal
	to.mu.Lock()
	defer to.mu.Unlock()
	from.Gold -= gold
	to.Gold += gold
}

// Work handles jobs until there are no more. It looks whether there is one,
// tells about its progress, and takes a job that another worker may have taken
// meanwhile: then it waits for ever.
func Work(jobs <-chan int, handle func(job int)) {
	for len(jobs) > 0 {
		remote(1) // tells about its progress
		handle(<-jobs)
	}
}
