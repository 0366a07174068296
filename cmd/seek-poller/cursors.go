package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

func newCursors(g *global) *cobra.Command {
	return group("cursors", "The place reached in each stream", newCursorsList(g))
}

type cursorJSON struct {
	ID          int64      `json:"id"`
	Stream      string     `json:"stream"`
	Kind        string     `json:"kind"`
	State       string     `json:"state"`
	LastEventAt admin.Time `json:"last_event_at"`
	CaughtUpAt  admin.Time `json:"caught_up_at"`
	LastQueryAt admin.Time `json:"last_query_at"`
	NextQueryAt admin.Time `json:"next_query_at"`
	Since       admin.Time `json:"since"`
	Until       admin.Time `json:"until"`
	Events      int64      `json:"events"`
	Pages       int64      `json:"pages"`
	Failures    int        `json:"failures"`
	ErrorKind   string     `json:"error_kind,omitempty"`
	Error       string     `json:"error,omitempty"`
	ErrorAt     admin.Time `json:"error_at"`
	RequestID   string     `json:"last_request_id,omitempty"` // of the last query: what SEEK's support asks for
	Position    string     `json:"position"`
}

func newCursorsList(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Where each cursor stands, and the request id of its last query",
		Example: "  seek-poller cursors list\n  seek-poller cursors list -o json",
		Args:    noArgs,
	}
	output := outputFlag(cmd)
	cmd.RunE = g.reading(func(cmd *cobra.Command, _ []string, s *store.Store) error {
		cursors, err := s.Cursors(cmd.Context())
		if err != nil {
			return failed(err, "")
		}
		list := []cursorJSON{}
		var rows [][]string
		for _, c := range cursors {
			last, err := s.Queries(cmd.Context(), store.QueryFilter{CursorID: c.ID, Limit: 1})
			if err != nil {
				return failed(err, "")
			}
			requestID := ""
			if len(last) > 0 {
				requestID = last[0].RequestID
			}
			list = append(list, cursorJSON{
				ID: c.ID, Stream: c.Stream, Kind: c.Kind, State: string(c.State), LastEventAt: admin.Time{Time: c.LastEventAt}, CaughtUpAt: admin.Time{Time: c.CaughtUpAt},
				LastQueryAt: admin.Time{Time: c.LastQueryAt}, NextQueryAt: admin.Time{Time: c.NextQueryAt}, Since: admin.Time{Time: c.Since}, Until: admin.Time{Time: c.Until}, Events: c.Events, Pages: c.Pages,
				Failures: c.Failures, ErrorKind: c.LastErrorKind, Error: c.LastError, ErrorAt: admin.Time{Time: c.LastErrorAt}, RequestID: requestID, Position: c.Position,
			})
			rows = append(rows, []string{fmt.Sprint(c.ID), c.Stream, c.Kind, string(c.State), utc(c.LastEventAt), utc(c.CaughtUpAt), utc(c.NextQueryAt), fmt.Sprint(c.Events), dash(requestID), dash(c.LastErrorKind)})
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), list)
		}
		return printTable(cmd.OutOrStdout(), []string{"ID", "STREAM", "KIND", "STATE", "NEWEST EVENT", "COMPLETE AT", "NEXT QUERY", "EVENTS", "LAST REQUEST", "ERROR"}, rows)
	})
	return cmd
}
