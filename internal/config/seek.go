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
	// SEEK's GraphQL endpoint, the same for production and Playground.
	Endpoint string `yaml:"endpoint" limits:"https, or http to this machine"`
	// Where tokens are granted.
	TokenURL string `yaml:"token_url" limits:"https, or http to this machine"`
	// What tokens are good for: https://graphql.seek.com for production, or
	// https://test.graphql.seek.com for the Playground, which has credentials of its own.
	Audience string `yaml:"audience" jsonschema:"minLength=1" limits:"one of the two; any, if endpoint and token_url are on this machine"`
	// From SEEK's Developer Dashboard.
	ClientID string `yaml:"client_id" jsonschema:"required,minLength=1"`
	// Names the file of the client secret.
	ClientSecretFile string `yaml:"client_secret_file" jsonschema:"required,pattern=^[^~]" limits:"one line"`
	ClientSecret     Secret `yaml:"-"` // what ClientSecretFile holds
	// The longest that one request may take, to the last byte of its answer.
	Timeout Duration `yaml:"timeout" limits:"above 0, at most 5m"`
	// The least time from the end of one events query to the start of the next. SEEK
	// permits one a minute over a partner's whole integration.
	QueryInterval Duration `yaml:"query_interval" limits:"1m to 1d; less only if endpoint and token_url are on this machine, without a proxy"`
	// How long a stream is left alone after its last page. SEEK wants 15 minutes.
	QuietPeriod Duration `yaml:"quiet_period" limits:"15m to 1d; less only if endpoint and token_url are on this machine, without a proxy"`
	// A PEM file of certificate authorities to trust beside the system's. Empty: none.
	CAFile string `yaml:"ca_file" jsonschema:"pattern=^([^~]|$)"`
	// The only way to use a proxy: HTTPS_PROXY and its like are not looked at. Empty: none.
	Proxy string `yaml:"proxy" limits:"an http, https or socks5 URL without a password"`
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
