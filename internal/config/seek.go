package config

import (
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// SEEK permits one events query a minute over a partner's whole integration, and
// none for a quarter of an hour after a last page
// (https://developer.seek.com/events/polling, "Limits").
const (
	leastInterval = Duration(time.Minute)
	leastQuiet    = Duration(15 * time.Minute)
)

// Seek is where and as whom SEEK is asked
// (https://developer.seek.com/auth/partner-tokens).
type Seek struct {
	Endpoint         string   `yaml:"endpoint"`
	TokenURL         string   `yaml:"token_url"`
	Audience         string   `yaml:"audience"` // production or Playground
	ClientID         string   `yaml:"client_id"`
	ClientSecretFile string   `yaml:"client_secret_file"`
	ClientSecret     Secret   `yaml:"-"`              // what ClientSecretFile holds
	Timeout          Duration `yaml:"timeout"`        // of one exchange, to its last byte
	QueryInterval    Duration `yaml:"query_interval"` // from the end of one query to the start of the next
	QuietPeriod      Duration `yaml:"quiet_period"`   // of one stream after its last page
	CAFile           string   `yaml:"ca_file"`        // PEM, trusted instead of the system's; empty: the system's
	Proxy            string   `yaml:"proxy"`          // http, https or socks5 URL; empty: none, whatever HTTPS_PROXY says
}

func (s *Seek) preset() {
	s.Endpoint = "https://graphql.seek.com/graphql"
	s.TokenURL = "https://auth.seek.com/oauth/token"
	s.Audience = "https://graphql.seek.com"
	s.Timeout = Duration(30 * time.Second)
	s.QueryInterval, s.QuietPeriod = leastInterval, leastQuiet
}

// Loopback says whether everything that is asked is on this machine, which is
// the only case where SEEK's limits may be loosened. A proxy would resolve the
// host on its own machine, so with one nothing counts as loopback.
func (s Seek) Loopback() bool {
	return s.Proxy == "" && loopbackURL(s.Endpoint) && loopbackURL(s.TokenURL)
}

func loopbackURL(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && loopbackHost(u.Hostname())
}

// loopbackHost knows 127.0.0.0/8, ::1 and localhost. Other spellings of the same
// addresses are refused rather than interpreted.
func loopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && (a.Is4() && a.IsLoopback() || a == netip.IPv6Loopback())
}
