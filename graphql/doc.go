// Package graphql asks SEEK: one HTTP request for one page of events, exactly one, and an
// answer that is either a page as SEEK's schema has it or an error that says who acts next.
//
// It owns the words of the wire: operations, token, transport, strict decoding. It does not
// know when to ask, never asks again by itself, keeps nothing but the token, and writes no
// log. Errors carry SEEK's own messages, cut and escaped, but never a body, a token or a secret.
//
// Facts of the upstream: https://developer.seek.com/events/polling,
// https://developer.seek.com/graphql/error-responses, https://developer.seek.com/auth/partner-tokens.
package graphql

//go:generate go tool genqlient ../genqlient.yaml
