package config

import (
	"net/url"
	"slices"
)

// environments pair an audience with the scheme of its events
// (https://developer.seek.com/auth/partner-tokens,
// https://developer.seek.com/graphql/playground).
var environments = [...]struct{ audience, scheme, name string }{
	{"https://graphql.seek.com", "seekAnz", "production"},
	{"https://test.graphql.seek.com", "seekAnzPublicTest", "the Playground"},
}

func (l *loader) checkSeek() {
	s := &l.cfg.Seek
	l.url("seek.endpoint", s.Endpoint, false)
	l.url("seek.token_url", s.TokenURL, false)
	if s.Proxy != "" {
		l.proxy("seek.proxy", s.Proxy)
	}
	if s.CAFile != "" {
		l.certificates("seek.ca_file", &s.CAFile)
	}
	if l.required("seek.client_id", s.ClientID, "write the client id from SEEK's Developer Dashboard") && s.ClientID == "abc" && !s.Loopback() {
		l.warn("seek.client_id", "is the placeholder of config.example.yaml; write the client id from SEEK's Developer Dashboard")
	}
	s.ClientSecret = l.secret("seek.client_secret_file", s.ClientSecretFile, lineOfText)
	l.timeout("seek.timeout", s.Timeout)
	l.checkLimits()
	l.checkAudience()
}

// checkLimits holds SEEK's limits against everything but this machine.
func (l *loader) checkLimits() {
	s := l.cfg.Seek
	l.limit("seek.query_interval", s.QueryInterval, leastInterval, "one events query a minute")
	l.limit("seek.quiet_period", s.QuietPeriod, leastQuiet, "no query for 15 minutes after a last page")
}

func (l *loader) limit(path string, d, least Duration, rule string) {
	switch {
	case d <= 0:
		l.problem(path, "is %s; write a duration above 0, and at least %s against SEEK", d, least)
	case d > day:
		l.problem(path, "is %s; write at most 1d, or events will wait for nothing", d)
	case d < least && l.limited():
		l.problem(path, "is %s, but SEEK permits %s; write %s or more "+
			"(less only if endpoint and token_url are both on this machine, without a proxy)", d, rule, least)
	}
}

// limited says whether SEEK's limits hold. An address that cannot be read may have
// been meant for this machine, so it decides nothing.
func (l *loader) limited() bool {
	s := l.cfg.Seek
	if elsewhere(s.Endpoint) || elsewhere(s.TokenURL) {
		return true
	}
	unclear := l.bad["seek.endpoint"] || l.bad["seek.token_url"] || l.bad["seek.proxy"]
	return !unclear && !s.Loopback()
}

func elsewhere(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Hostname() != "" && !loopbackHost(u.Hostname())
}

func (l *loader) checkAudience() {
	s := l.cfg.Seek
	known := slices.ContainsFunc(environments[:], func(e struct{ audience, scheme, name string }) bool {
		return e.audience == s.Audience
	})
	if !l.required("seek.audience", s.Audience, "write https://graphql.seek.com") || known || s.Loopback() {
		return
	}
	l.problem("seek.audience", "is not one that SEEK has; write https://graphql.seek.com for production, "+
		"or https://test.graphql.seek.com for the Playground")
}

// checkScheme says at the stream what does not go with the audience. Against
// this machine anything goes.
func (l *loader) checkScheme(path, scheme string) {
	if !l.required(path, scheme, "write seekAnz for production, or seekAnzPublicTest for the Playground") {
		return
	}
	if l.cfg.Seek.Loopback() {
		return
	}
	if scheme != environments[0].scheme && scheme != environments[1].scheme {
		l.problem(path, "is %s, which is no scheme with events; write seekAnz (all of Asia Pacific), "+
			"or seekAnzPublicTest for the Playground", quote(scheme))
	}
	for _, e := range environments { // of an audience that is none, all was said
		if e.audience == l.cfg.Seek.Audience && e.scheme != scheme {
			l.problem(path, "is %s, but seek.audience is that of %s; write %s, or change the audience", quote(scheme), e.name, e.scheme)
		}
	}
}
