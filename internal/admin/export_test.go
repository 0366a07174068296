package admin

import (
	"context"
	"net"
	"net/http"
	"time"
)

// ServeBriefly is Serve with other limits: so many connections, and so long for each step.
func ServeBriefly(ctx context.Context, l net.Listener, h http.Handler, connections int, step time.Duration) error {
	return serve(ctx, l, h, limits{connections: connections, arrive: step, answer: step, idle: step})
}

// Handle adds a route, such as one that fails.
func (s *Server) Handle(pattern string, h http.HandlerFunc) { s.routes.HandleFunc(pattern, h) }
