package admin

import (
	"context"
	"net/http"
)

func (s *Server) status(r *http.Request) (any, error) {
	if err := readParams(r).end(); err != nil {
		return nil, err
	}
	return s.Report(r.Context())
}

// Report is how things stand, under the configuration in force.
func (s *Server) Report(ctx context.Context) (Report, error) {
	return Gather(ctx, *s.config.Load())
}
