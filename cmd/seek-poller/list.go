package main

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"
)

// filter is the flags of a list that go to the server as they are, under the same names.
type filter struct {
	texts map[string]*string
	limit int
}

// filterFlags adds flags to a list: pairs of a name and what it does.
func filterFlags(cmd *cobra.Command, pairs ...string) *filter {
	f := &filter{texts: map[string]*string{}}
	for i := 0; i < len(pairs); i += 2 {
		f.texts[pairs[i]] = cmd.Flags().String(pairs[i], "", pairs[i+1])
	}
	cmd.Flags().IntVar(&f.limit, "limit", 50, "at most so many, up to 1000")
	return f
}

// query is what the server is asked.
func (f *filter) query() url.Values {
	q := url.Values{"limit": {strconv.Itoa(f.limit)}}
	for name, text := range f.texts {
		if *text != "" {
			q.Set(name, *text)
		}
	}
	return q
}

// sayMore says on stderr how to go on, or that there is nothing.
func sayMore(cmd *cobra.Command, rows int, next string) {
	switch {
	case next != "":
		fmt.Fprintf(cmd.ErrOrStderr(), "there may be more: --before %s\n", inert(next))
	case rows == 0:
		fmt.Fprintln(cmd.ErrOrStderr(), "there is none")
	}
}

func number[N ~int | ~int64](n N) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}
