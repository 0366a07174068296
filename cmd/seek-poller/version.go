package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	sqlite3 "github.com/mattn/go-sqlite3"
	"github.com/spf13/cobra"
)

// version is set by the linker for releases: -X main.version=1.2.3
var version string

// buildVersion is the release's version, else what the build knows of the revision it was made from.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}

func userAgent() string { return "seek-poller/" + buildVersion() }

type versionInfo struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Go      string `json:"go"`
	SQLite  string `json:"sqlite"`
	System  string `json:"system"`
}

func newVersion() *cobra.Command {
	cmd := &cobra.Command{Use: "version", Short: "Print the version of the program and of what it is built with", Args: noArgs}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		library, _, _ := sqlite3.Version()
		v := versionInfo{"seek-poller", buildVersion(), runtime.Version(), library, runtime.GOOS + "/" + runtime.GOARCH}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), v)
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s %s (%s, SQLite %s, %s)\n", v.Name, v.Version, v.Go, v.SQLite, v.System)
		return err
	}
	return cmd
}
