package graphql

import (
	"context"
	"fmt"
	"time"

	genqlient "github.com/Khan/genqlient/graphql"
)

// ask sends the one generated operation that declares exactly what q sends.
func ask(ctx context.Context, x *exchange, q Query) (connection, error) {
	switch q.Selection {
	case IDs, "":
		return send(ctx, x, q, operations[*idsAnswer]{idsFirst, idsFilter, idsAfter, idsAfterFilter})
	case Details:
		return send(ctx, x, q, operations[*detailsAnswer]{detailsFirst, detailsFilter, detailsAfter, detailsAfterFilter})
	case Interface:
		return send(ctx, x, q, operations[*interfaceAnswer]{interfaceFirst, interfaceFilter, interfaceAfter, interfaceAfterFilter})
	case Places:
		c, err := send(ctx, x, q, operations[*placesAnswer]{placesFirst, placesFilter, placesAfter, placesAfterFilter})
		c.nodeless = 0 // none was asked for
		return c, err
	}
	return connection{}, &Error{Kind: Rejected, Err: fmt.Errorf("no operation selects %q", string(q.Selection))}
}

// operations are the four shapes of one selection.
type operations[A interface{ GetEvents() connection }] struct {
	first       func(ctx context.Context, c genqlient.Client, scheme string, first int) (A, error)
	filter      func(ctx context.Context, c genqlient.Client, scheme string, filter eventsFilter, first int) (A, error)
	after       func(ctx context.Context, c genqlient.Client, scheme, after string, first int) (A, error)
	afterFilter func(ctx context.Context, c genqlient.Client, scheme, after string, filter eventsFilter, first int) (A, error)
}

func send[A interface{ GetEvents() connection }](ctx context.Context, x *exchange, q Query, o operations[A]) (connection, error) {
	var (
		answer A
		err    error
	)
	switch filter, narrow := q.filter(); {
	case q.After == "" && !narrow:
		answer, err = o.first(ctx, x, q.Scheme, q.First)
	case q.After == "":
		answer, err = o.filter(ctx, x, q.Scheme, filter, q.First)
	case !narrow:
		answer, err = o.after(ctx, x, q.Scheme, q.After, q.First)
	default:
		answer, err = o.afterFilter(ctx, x, q.Scheme, q.After, filter, q.First)
	}
	return answer.GetEvents(), err
}

// filter is what narrows q, and whether anything does.
func (q Query) filter() (f eventsFilter, narrow bool) {
	f.EventTypeCodes = q.Types
	f.AfterDateTime = dateTime(q.Since)
	f.BeforeDateTime = dateTime(q.Until)
	return f, len(q.Types) > 0 || f.AfterDateTime != "" || f.BeforeDateTime != ""
}

// dateTime writes t as SEEK's DateTime, cut to the millisecond; "" for the zero time.
func dateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
