package config_test

import (
	"slices"
	"testing"
	"time"

	"seekpoller/internal/config"
)

func TestNeedsRestart(t *testing.T) {
	base := func() *config.Config {
		return &config.Config{
			Database: "a.db",
			Seek:     config.Seek{Endpoint: "https://graphql.seek.com/graphql", ClientID: "abc", ClientSecret: config.NewSecret("one")},
			Streams:  []config.Stream{{Name: "applications", Scheme: "seekAnz", EventTypes: []string{"A"}}, {Name: "rest", Scheme: "seekAnz", EventTypes: []string{"B"}}},
			Log:      config.Log{Level: "info", Format: "json"},
		}
	}
	tests := []struct {
		name   string
		change func(*config.Config)
		want   []string
	}{
		{"nothing", func(*config.Config) {}, nil},
		{"log.level", func(c *config.Config) { c.Log.Level = "debug" }, nil},
		{"a secret", func(c *config.Config) { c.Seek.ClientSecret = config.NewSecret("two") }, nil},
		{"destinations", func(c *config.Config) { c.Destinations = []config.Destination{{Name: "new"}} }, nil},
		{"details", func(c *config.Config) { c.Streams[0].Details = true }, nil},
		{"a schedule", func(c *config.Config) { c.Streams[1].Schedule.Text = "@hourly" }, nil},
		{"a reconciliation", func(c *config.Config) { c.Streams[1].Reconcile = &config.Reconcile{Window: 1} }, nil},
		{"the database", func(c *config.Config) { c.Database = "b.db" }, []string{"database"}},
		{"the endpoint and the limits", func(c *config.Config) { c.Seek.Endpoint = "x"; c.Seek.QueryInterval = config.Duration(time.Hour) }, []string{"seek.endpoint", "seek.query_interval"}},
		{"a stream's types", func(c *config.Config) { c.Streams[1].EventTypes = nil }, []string{"streams[1]"}},
		{"a stream's name", func(c *config.Config) { c.Streams[0].Name = "other" }, []string{"streams[0]"}},
		{"one stream less", func(c *config.Config) { c.Streams = c.Streams[:1] }, []string{"streams"}},
		{"the log's form and the page", func(c *config.Config) { c.Log.Format = "console"; c.Admin.Listen = "127.0.0.1:1" }, []string{"admin", "log.format"}},
		{"retention", func(c *config.Config) { c.Retention.Records = 1 }, []string{"retention"}},
	}
	for _, test := range tests {
		next := base()
		test.change(next)
		if got := base().NeedsRestart(next); !slices.Equal(got, test.want) {
			t.Errorf("%s: needs a restart for %q, want %q", test.name, got, test.want)
		}
	}
}
