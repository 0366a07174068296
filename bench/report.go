package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
)

// report prints the table, and writes the same as JSON if a file is named.
func report(out io.Writer, f figures, file string) error {
	fmt.Fprintf(out, "%s: medians of %d rounds (least to most), %d CPUs, databases in %s; ratios are to %q, pair by pair\n\n",
		f.Verb, f.Rounds, f.CPUs, f.Dir, f.Base)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "contestant\tevents\tevents/s\tratio\tCPU µs/event\tratio\tpeak MiB\tnote")
	for _, l := range f.Lines {
		if l.Missing != "" {
			fmt.Fprintf(table, "%s\t\t%s\n", l.Name, l.Missing)
			continue
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\t%.0f\t%s\n", l.Name, l.Events,
			words(l.Rate, "%.0f"), words(l.RateRatio, "%.2f"), words(l.CPU, "%.1f"), words(l.CPURatio, "%.2f"), l.Peak.Median, l.Note)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, g := range f.Goals {
		got := "not measured"
		if g.Got != (spread{}) {
			got = words(g.Got, "%.2f")
		}
		fmt.Fprintf(out, "%s: %s (wanted: %s)\n", g.Name, got, g.Want)
	}
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

func words(s spread, format string) string {
	return fmt.Sprintf(format+" ("+format+"–"+format+")", s.Median, s.Least, s.Most)
}
