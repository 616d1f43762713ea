// Command asyncio-vet runs the rules of package vet below go vet:
//
//	go vet -vettool=$(which asyncio-vet) ./...
package main

import (
	"github.com/asyncio-go/asyncio/vet"
	"github.com/asyncio-go/asyncio/vet/vettool"
)

func main() { vettool.Main(vet.Analyzers()...) }
