package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/spf13/cobra"
)

// outputFlag adds -o to a verb that prints data.
func outputFlag(cmd *cobra.Command) *string {
	format := cmd.Flags().StringP("output", "o", "table", "table, or json for programs")
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if *format != "table" && *format != "json" {
			return usageError(fmt.Errorf("--output is %q; it may be table or json", *format), cmd.CommandPath())
		}
		return nil
	}
	return format
}

// printJSON writes v for programs, and inert for those who look at it in a terminal: JSON itself escapes only some control characters.
func printJSON(w io.Writer, v any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, inertLines(text.String()))
	return err
}

// printTable writes a header and rows. Every cell is made inert: no event may move the cursor or colour of somebody's terminal.
func printTable(w io.Writer, header []string, rows [][]string) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, strings.Join(header, "\t"))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = inert(cell)
		}
		fmt.Fprintln(tw, strings.Join(cells, "\t"))
	}
	return tw.Flush()
}

// inert shows control and format characters as escapes, in JSON's form, instead of sending them to the terminal.
func inert(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar {
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "\\u%04x", unit)
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// inertLines is inert for a text of several lines.
func inertLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = inert(line)
	}
	return strings.Join(lines, "\n")
}

// utc is how a time looks in a table; "-" for none. The Z says that it is UTC.
func utc(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
