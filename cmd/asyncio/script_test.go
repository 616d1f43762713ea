package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"asyncio": func() { os.Exit(run()) },
		"shop":    shop,
	})
}

// The files of testdata/script are sessions with the command: see
// testscript's documentation for their language, and status.txt for the
// commands that are added here.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status,
			"plain":  plain,
			"narrow": narrow,
			"serve":  serve,
		},
	})
}
