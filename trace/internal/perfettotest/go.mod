module github.com/asyncio-go/asyncio/trace/internal/perfettotest

go 1.26

require (
	github.com/asyncio-go/asyncio v0.0.0
	github.com/bufbuild/protocompile v0.14.1
	google.golang.org/protobuf v1.36.12
)

require (
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	golang.org/x/sync v0.8.0 // indirect
	golang.org/x/sys v0.38.0 // indirect
)

replace github.com/asyncio-go/asyncio => ../../../
