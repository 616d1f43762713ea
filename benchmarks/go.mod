module github.com/asyncio-go/asyncio/benchmarks

go 1.26

require (
	github.com/asyncio-go/asyncio v0.0.0
	github.com/sourcegraph/conc v0.3.0
	golang.org/x/sync v0.22.0
)

require (
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	go.uber.org/atomic v1.7.0 // indirect
	go.uber.org/multierr v1.9.0 // indirect
	golang.org/x/sys v0.38.0 // indirect
)

replace github.com/asyncio-go/asyncio => ../
