// Package guide holds the code of the pages in docs/guide, so that all of it is compiled
// and run: a folder for each page. A piece that a page shows stands between two comments,
//
//	// ANCHOR: name
//	// ANCHOR_END: name
//
// and the page names file and piece in a comment above its block of code; without a piece,
// it shows the whole file:
//
//	<!-- examples/guide/testing/testing_test.go: name -->
//
// With the word to and a second file, it shows what is different in that one:
//
//	<!-- examples/guide/remote/pool/main.go to examples/guide/remote/workers/main.go -->
//
// The test of this package compares the two;
//
//	go test ./examples/guide -update
//
// writes the pieces into the pages.
package guide
