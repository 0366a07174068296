package config

import (
	"fmt"
	"slices"
)

// NeedsRestart names the keys in which next differs from c and which a running daemon cannot take over: only log.level, heartbeat, the destinations,
// and of streams the schedule, details and reconcile may change while it runs, and what is in the files that keys name, secrets above all.
// Empty: next may be taken over.
func (c *Config) NeedsRestart(next *Config) []string {
	var keys []string
	differs := func(key string, same bool) {
		if !same {
			keys = append(keys, key)
		}
	}
	differs("database", c.Database == next.Database)
	was, is := c.Seek, next.Seek
	differs("seek.endpoint", was.Endpoint == is.Endpoint)
	differs("seek.token_url", was.TokenURL == is.TokenURL)
	differs("seek.audience", was.Audience == is.Audience)
	differs("seek.client_id", was.ClientID == is.ClientID)
	differs("seek.timeout", was.Timeout == is.Timeout)
	differs("seek.query_interval", was.QueryInterval == is.QueryInterval)
	differs("seek.quiet_period", was.QuietPeriod == is.QuietPeriod)
	differs("seek.ca_file", was.CAFile == is.CAFile)
	differs("seek.proxy", was.Proxy == is.Proxy)
	differs("admin", sameAdmin(c.Admin, next.Admin))
	differs("retention", c.Retention == next.Retention)
	differs("log.format", c.Log.Format == next.Log.Format)
	if len(c.Streams) != len(next.Streams) {
		return append(keys, "streams")
	}
	for i, s := range c.Streams {
		n := next.Streams[i]
		differs(fmt.Sprintf("streams[%d]", i), s.Name == n.Name && s.Scheme == n.Scheme && s.Start == n.Start && slices.Equal(s.EventTypes, n.EventTypes))
	}
	return keys
}

func sameAdmin(a, b Admin) bool {
	a.Token, b.Token = Secret{}, Secret{}
	return a == b
}
