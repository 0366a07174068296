package poller

import (
	"context"

	"seekpoller/graphql"
	"seekpoller/store"
)

// Translate makes of SEEK's page the one that is saved.
func (p *Poller) Translate(ctx context.Context, q store.Query, page *graphql.Page, ended store.Instant) (store.Page, error) {
	return p.translate(ctx, q, page, ended)
}
