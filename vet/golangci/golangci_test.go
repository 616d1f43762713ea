package golangci

import (
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"

	"github.com/asyncio-go/asyncio/vet"
)

func TestPlugin(t *testing.T) {
	make, err := register.GetPlugin("asyncio")
	if err != nil {
		t.Fatal(err)
	}
	plugin, err := make(map[string]any{"disable": []string{"channel", "blocks"}})
	if err != nil {
		t.Fatal(err)
	}
	analyzers, err := plugin.BuildAnalyzers()
	if err != nil || len(analyzers) != len(vet.Analyzers())-2 || plugin.GetLoadMode() != register.LoadModeTypesInfo {
		t.Errorf("it has %d analyzers of %d (%v), and wants %s", len(analyzers), len(vet.Analyzers()), err, plugin.GetLoadMode())
	}
	for _, a := range analyzers {
		if a.Name == "channel" || a.Name == "blocks" {
			t.Errorf("%s was not wanted", a.Name)
		}
	}
}

func TestEnable(t *testing.T) {
	r, err := vet.Find("busy-wait")
	if err != nil {
		t.Fatal(err)
	}
	flag := r.Analyzer.Flags.Lookup(r.Flag())
	defer flag.Value.Set(flag.DefValue)
	plugin, err := New(map[string]any{"enable": []string{"busy-wait", "dropped"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plugin.BuildAnalyzers(); err != nil || flag.Value.String() != "true" {
		t.Errorf("the flag is %s, %v", flag.Value, err)
	}
}

func TestWrongSettings(t *testing.T) {
	if _, err := New(map[string]any{"rules": []string{"dropped"}}); err == nil {
		t.Error("a setting that does not exist is no error")
	}
	for _, setting := range []string{"enable", "disable"} {
		plugin, err := New(map[string]any{setting: []string{"sleeps"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plugin.BuildAnalyzers(); err == nil || !strings.Contains(err.Error(), setting+`: there is no rule "sleeps"`) {
			t.Errorf("of a rule that does not exist it says: %v", err)
		}
	}
}
