module github.com/asyncio-go/asyncio/trace/internal/formattest

go 1.26.0

require (
	github.com/asyncio-go/asyncio v0.0.0
	github.com/bufbuild/protocompile v0.14.1
	github.com/google/pprof v0.0.0-20261105003125-4bf881d7fb0b
	golang.org/x/exp v0.0.0-20261113113407-e3970619a1a4
	google.golang.org/protobuf v1.36.12
)

require (
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.38.0 // indirect
)

replace github.com/asyncio-go/asyncio => ../../../
