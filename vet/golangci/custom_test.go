package golangci

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// linter is the module of golangci-lint. Its version is that of .custom-gcl.yml.
const linter = "github.com/golangci/golangci-lint/v2"

// TestCustom builds golangci-lint with the plugin, as golangci-lint custom does it, and lets
// it look at a module with mistakes.
func TestCustom(t *testing.T) {
	if os.Getenv("ASYNCIO_GOLANGCI") == "" {
		t.Skip("skipped without ASYNCIO_GOLANGCI=1: it compiles golangci-lint, which takes minutes, and needs the module proxy; it is done each night")
	}
	if runtime.GOOS == "windows" {
		t.Skip("skipped: on Windows, the name of a folder is no URL for git")
	}
	dir := t.TempDir()
	custom := build(t, dir)
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	module := strings.ReplaceAll(read(t, "../testdata/go.mod"), "=> ../..", "=> "+filepath.ToSlash(here))
	write(t, dir, "user/go.mod", module)
	write(t, dir, "user/go.sum", read(t, "../testdata/go.sum"))
	write(t, dir, "user/slow/slow.go", "package slow\n\nimport \"time\"\n\n// Wait blocks.\nfunc Wait() { time.Sleep(time.Second) }\n")
	write(t, dir, "user/user.go", mistakes)
	write(t, dir, "user/.golangci.yml", settings)
	text := run(t, filepath.Join(dir, "user"), nil, false, custom, "run", "--show-stats=false", "--output.text.print-issued-lines=false", "--output.text.colors=false", "./...")
	for _, want := range []string{
		`(?m)^user.go:15:2: dropped: work makes a coroutine, which is dropped.* \(asyncio-dropped\) \(asyncio\)$`,
		`(?m)^user.go:16:2: blocks: slow.Wait blocks the event loop in serve: slow.Wait → time.Sleep; .* \(asyncio-blocks\) \(asyncio\)$`,
	} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("nothing is like %q in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "(asyncio)"); n != 2 {
		t.Errorf("it finds %d mistakes; want 2:\n%s", n, text)
	}
}

const settings = `version: "2"
linters:
  default: none
  enable: [asyncio]
  settings:
    custom:
      asyncio:
        type: module
        description: mistakes that compile
        settings:
          disable: [channel]
`

const mistakes = `package user

import (
	"context"
	"time"

	"example.com/corpus/slow"
	"github.com/asyncio-go/asyncio"
)

func work() asyncio.Coro[int] { return nil }

func serve(ctx context.Context) error {
	<-make(chan int)
	work()
	slow.Wait()
	return asyncio.Sleep(ctx, time.Second)
}

var _ = serve
`

// build builds golangci-lint with the plugin of this folder. golangci-lint custom clones a
// repository of GitHub; here it gets one that is made of the module, so that the module
// proxy is all that is needed.
func build(t *testing.T, dir string) (binary string) {
	t.Helper()
	config := read(t, ".custom-gcl.yml")
	version := regexp.MustCompile(`(?m)^version: (\S+)$`).FindStringSubmatch(config)[1]
	var module struct{ Dir string }
	download := have(t, dir, linter+"@"+version)
	if err := json.Unmarshal([]byte(download), &module); err != nil {
		t.Fatal(err)
	}
	repository := filepath.Join(dir, "repository")
	if err := os.CopyFS(repository, os.DirFS(module.Dir)); err != nil {
		t.Fatal(err)
	}
	run(t, repository, nil, true, "chmod", "-R", "u+w", ".")
	for _, args := range []string{"init -q", "add -A", "-c user.name=test -c user.email=test@localhost commit -qm release", "tag " + version} {
		run(t, repository, nil, true, "git", strings.Fields(args)...)
	}
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	released := regexp.MustCompile(`(?m)^    version: .*$`)
	if !released.MatchString(config) {
		t.Fatal("the example has no version of the plugin")
	}
	write(t, dir, ".custom-gcl.yml", released.ReplaceAllLiteralString(config, "    path: "+here))
	env := []string{"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.file://" + repository + ".insteadOf", "GIT_CONFIG_VALUE_0=https://github.com/golangci/golangci-lint.git"}
	run(t, dir, env, true, "go", "run", linter+"/cmd/golangci-lint@"+version, "custom", "-v")
	return filepath.Join(dir, "custom-gcl")
}

// have downloads a module, and returns what go mod download says of it. Where it cannot be
// had, the test is skipped.
func have(t *testing.T, dir, module string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("skipped: %s cannot be downloaded: %v\n%s", module, err, out)
	}
	return string(out)
}

// run runs a program, without our workspace, and returns its standard output.
func run(t *testing.T, dir string, env []string, succeeds bool, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false", "GOLANGCI_LINT_CACHE="+filepath.Join(t.TempDir(), "cache")), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if (err == nil) != succeeds {
		t.Fatalf("%s %q: %v\n%s%s", name, args, err, out, stderr.String())
	}
	return string(out)
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
