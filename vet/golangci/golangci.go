// Package golangci makes the rules of package vet a module plugin of golangci-lint. The
// file .custom-gcl.yml beside this one builds a golangci-lint that has it, with
//
//	golangci-lint custom
//
// and .golangci.yml switches it on. Its settings are the rules that are looked for only on
// request, and the rules that are not wanted:
//
//	linters:
//	  default: none
//	  enable: [asyncio]
//	  settings:
//	    custom:
//	      asyncio:
//	        type: module
//	        settings:
//	          enable: [busy-wait]
//	          disable: [channel]
package golangci

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/asyncio-go/asyncio/vet"
)

func init() { register.Plugin("asyncio", New) }

// Settings are what .golangci.yml says below settings.
type Settings struct {
	Enable  []string `json:"enable"`  // rules that are looked for only on request
	Disable []string `json:"disable"` // rules that are not wanted
}

// New makes the plugin from what .golangci.yml says below settings.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, err
	}
	return plugin{s}, nil
}

type plugin struct{ Settings }

// BuildAnalyzers returns the analyzers of the rules that are wanted.
func (p plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	for _, name := range p.Enable {
		r, err := vet.Find(name)
		if err != nil {
			return nil, fmt.Errorf("enable: %w", err)
		}
		if flag := r.Flag(); flag != "" {
			if err := r.Analyzer.Flags.Set(flag, "true"); err != nil {
				return nil, err
			}
		}
	}
	var wanted []*analysis.Analyzer
	for _, r := range vet.Rules() {
		if !slices.Contains(p.Disable, r.Name) {
			wanted = append(wanted, r.Analyzer)
		}
	}
	for _, name := range p.Disable {
		if _, err := vet.Find(name); err != nil {
			return nil, fmt.Errorf("disable: %w", err)
		}
	}
	return wanted, nil
}

// GetLoadMode asks for the types of the packages.
func (plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
