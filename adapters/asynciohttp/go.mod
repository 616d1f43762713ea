module github.com/asyncio-go/asyncio/adapters/asynciohttp

go 1.26.0

require github.com/asyncio-go/asyncio v0.0.0

require (
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect
	golang.org/x/sys v0.38.0 // indirect
)

replace github.com/asyncio-go/asyncio => ../..
