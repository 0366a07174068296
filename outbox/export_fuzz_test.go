package outbox

import "time"

// Because joins what happened to a program with what it said.
var Because = because

// Grant reads a token answer.
func Grant(body []byte) (token string, life time.Duration, problem string) {
	g, problem := decodeGrant(body)
	return g.token, g.life, problem
}

// LongestTokenLife is that of any token.
const LongestTokenLife = longestTokenLife
