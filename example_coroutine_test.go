package asyncio_test

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

// A coroutine that was only called has not done anything yet.
func ExampleCoro() {
	greet := func(name string) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			fmt.Println("greeting", name)
			return "hello, " + name, asyncio.Yield(ctx)
		}
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		c := greet("Ada")
		fmt.Println("nothing has happened")
		text, err := c.Await(ctx)
		fmt.Println(text)
		return err
	})
	// Output:
	// nothing has happened
	// greeting Ada
	// hello, Ada
}
