package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the command, and what it was built with",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version())
			return err
		},
	}
}

// version describes this binary, as far as it knows itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Sprintf("asyncio (unknown version) %s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH)
	}
	return describe(info)
}

// describe names the version of the module, or the revision it was built
// from if it was built from a clone.
func describe(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	name := info.Main.Version
	if name == "" {
		name = "(devel)"
	}
	if revision := settings["vcs.revision"]; revision != "" {
		name += " " + revision[:min(12, len(revision))]
		if settings["vcs.modified"] == "true" {
			name += " with changes"
		}
	}
	return fmt.Sprintf("asyncio %s, %s %s/%s", name, info.GoVersion, runtime.GOOS, runtime.GOARCH)
}
