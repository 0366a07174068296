package admin

import (
	"context"
	"net/http"
)

func (s *Server) status(r *http.Request) (any, error) {
	if err := readParams(r).end(); err != nil {
		return nil, err
	}
	return s.report(r.Context())
}

func (s *Server) report(ctx context.Context) (Report, error) {
	return Gather(ctx, *s.config.Load())
}
