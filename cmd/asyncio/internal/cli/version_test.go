package cli

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	for _, test := range []struct {
		version  string
		settings []debug.BuildSetting
		want     string
	}{
		{"v1.2.3", nil, "asyncio v1.2.3, go1.26.8 "},
		{"", nil, "asyncio (devel), go1.26.8 "},
		{
			"(devel)",
			[]debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}},
			"asyncio (devel) 0123456789ab, go1.26.8 ",
		},
		{
			"(devel)",
			[]debug.BuildSetting{{Key: "vcs.revision", Value: "0123"}, {Key: "vcs.modified", Value: "true"}},
			"asyncio (devel) 0123 with changes, go1.26.8 ",
		},
	} {
		info := &debug.BuildInfo{GoVersion: "go1.26.8", Settings: test.settings}
		info.Main.Version = test.version
		if got := describe(info); !strings.HasPrefix(got, test.want) {
			t.Errorf("describe(%v) = %q, want it to begin with %q", info, got, test.want)
		}
	}
}
