package graphql

import (
	"context"
	"fmt"
	"time"
)

// ask sends the one generated operation that declares exactly what q sends.
func ask(ctx context.Context, x *exchange, q Query) (connection, error) {
	switch q.Selection {
	case IDs, "":
		return askIDs(ctx, x, q)
	case Details:
		return askDetails(ctx, x, q)
	case Interface:
		return askInterface(ctx, x, q)
	}
	return connection{}, &Error{Kind: Rejected, Err: fmt.Errorf("no operation selects %q", string(q.Selection))}
}

func askIDs(ctx context.Context, x *exchange, q Query) (connection, error) {
	var (
		answer *idsAnswer
		err    error
	)
	switch filter, narrow := q.filter(); {
	case q.After == "" && !narrow:
		answer, err = idsFirst(ctx, x, q.Scheme, q.First)
	case q.After == "":
		answer, err = idsFilter(ctx, x, q.Scheme, filter, q.First)
	case !narrow:
		answer, err = idsAfter(ctx, x, q.Scheme, q.After, q.First)
	default:
		answer, err = idsAfterFilter(ctx, x, q.Scheme, q.After, filter, q.First)
	}
	return answer.Events, err
}

func askDetails(ctx context.Context, x *exchange, q Query) (connection, error) {
	var (
		answer *detailsAnswer
		err    error
	)
	switch filter, narrow := q.filter(); {
	case q.After == "" && !narrow:
		answer, err = detailsFirst(ctx, x, q.Scheme, q.First)
	case q.After == "":
		answer, err = detailsFilter(ctx, x, q.Scheme, filter, q.First)
	case !narrow:
		answer, err = detailsAfter(ctx, x, q.Scheme, q.After, q.First)
	default:
		answer, err = detailsAfterFilter(ctx, x, q.Scheme, q.After, filter, q.First)
	}
	return answer.Events, err
}

func askInterface(ctx context.Context, x *exchange, q Query) (connection, error) {
	var (
		answer *interfaceAnswer
		err    error
	)
	switch filter, narrow := q.filter(); {
	case q.After == "" && !narrow:
		answer, err = interfaceFirst(ctx, x, q.Scheme, q.First)
	case q.After == "":
		answer, err = interfaceFilter(ctx, x, q.Scheme, filter, q.First)
	case !narrow:
		answer, err = interfaceAfter(ctx, x, q.Scheme, q.After, q.First)
	default:
		answer, err = interfaceAfterFilter(ctx, x, q.Scheme, q.After, filter, q.First)
	}
	return answer.Events, err
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
