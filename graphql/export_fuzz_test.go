package graphql

import "time"

// Grant reads a token answer.
func Grant(body []byte) (token string, life time.Duration, err error) {
	g, err := decodeGrant(body)
	return g.token, g.life, err
}

// LongestLife is that of any token.
const LongestLife = longestLife
