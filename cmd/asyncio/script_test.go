package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"asyncio":    func() { os.Exit(run()) },
		"shop":       shop,
		"laborer":    laborer,
		"calculator": calculator,
	})
}

// The files of testdata/script are sessions with the command: see
// testscript's documentation for their language, and status.txt for the
// commands that are added here.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup:               goCaches,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status,
			"plain":  plain,
			"narrow": narrow,
			"serve":  serve,
		},
	})
}

// condition adds [race]: the tests are built with the race detector.
func condition(name string) (bool, error) {
	if name != "race" {
		return false, fmt.Errorf("there is no condition %q", name)
	}
	return asynctest.Race(), nil
}

// goCaches lets the go command of scripts use its caches, which it finds through HOME
// elsewhere.
func goCaches(env *testscript.Env) error {
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		if dir, err := exec.Command("go", "env", name).Output(); err == nil {
			env.Setenv(name, strings.TrimSpace(string(dir)))
		}
	}
	return nil
}
