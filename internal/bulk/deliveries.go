package main

import (
	"context"
	"fmt"
)

// latency is that of a delivery's last attempt in milliseconds: most are quick, a few are not.
const latency = `(12 + o.seq * 2654435761 % 4294967296 % 60 + iif(o.seq % 97 = 0, 2500, 0))`

// later is a time of the ledger and so many milliseconds, of which it has room within its second but for the slow ones. strftime would take
// as long as all the rest.
const later = `iif(o.seq % 97 = 0,
	              strftime('%Y-%m-%dT%H:%M:%fZ', o.received_at, '+' || (` + latency + ` / 1000.0) || ' seconds'),
	              substr(o.received_at, 1, 20) || substr(1000 + substr(o.received_at, 21, 3) + ` + latency + `, 2) || 'Z')`

// insertDeliveries makes one destination's deliveries of a stretch of events: the newest ones are owed, some of them after a try; every so
// many is dead after three refusals; all others were accepted at once.
const insertDeliveries = `
	INSERT INTO outbox (seq, destination, due_at, attempts, refusals, created_at, first_attempt_at, delivered_at, dead_at, last_status, last_detail)
	SELECT o.seq, ?1,
	       iif(o.how IN ('owed', 'tried'), o.received_at, NULL),
	       CASE o.how WHEN 'owed' THEN 0 WHEN 'dead' THEN 3 ELSE 1 END,
	       iif(o.how = 'dead', 3, 0),
	       o.received_at,
	       iif(o.how = 'owed', NULL, o.received_at),
	       iif(o.how = 'delivered', ` + later + `, NULL),
	       iif(o.how = 'dead', strftime('%Y-%m-%dT%H:%M:%fZ', o.received_at, '+60 seconds'), NULL),
	       CASE o.how WHEN 'delivered' THEN 204 WHEN 'dead' THEN 422 WHEN 'tried' THEN 503 END,
	       CASE o.how WHEN 'dead' THEN 'requisition ' || (o.seq % 1000) || ' is not known here' WHEN 'tried' THEN 'try later' END
	FROM (SELECT seq, received_at, CASE WHEN seq > ?4 THEN iif(seq % 5 = 0, 'tried', 'owed') WHEN seq % ?5 = ?6 THEN 'dead' ELSE 'delivered' END AS how
	      FROM events
	      WHERE seq > ?2 AND seq <= ?3) o
	ORDER BY o.seq`

const insertAttempts = `
	INSERT INTO attempts (seq, destination, attempt, started_at, ended_at, latency_ms, outcome, status, detail, request_id, batch)
	SELECT o.seq, o.destination, n.column1,
	       iif(n.column1 = 1, o.first_attempt_at, strftime('%Y-%m-%dT%H:%M:%fZ', o.first_attempt_at, '+' || (20 * (n.column1 - 1)) || ' seconds')),
	       iif(o.delivered_at IS NULL, strftime('%Y-%m-%dT%H:%M:%fZ', o.first_attempt_at, '+' || (20 * (n.column1 - 1) + ` + latency + ` / 1000.0) || ' seconds'), o.delivered_at),
	       ` + latency + `,
	       CASE WHEN o.delivered_at IS NOT NULL THEN 'delivered' WHEN o.dead_at IS NOT NULL AND n.column1 = 3 THEN 'dead' ELSE 'retry' END,
	       o.last_status, o.last_detail, printf('%x-%d', o.seq, n.column1), 1
	FROM outbox o
	JOIN (VALUES (1), (2), (3)) n ON n.column1 <= o.attempts
	WHERE o.destination = ?1 AND o.seq > ?2 AND o.seq <= ?3
	ORDER BY o.seq, n.column1`

// deliveries owes every event to every destination, and settles most.
func (f *filler) deliveries(ctx context.Context, z size) error {
	owed := min(5000, z.Events*z.Destinations/100) / z.Destinations
	every := max(2, z.Events*z.Destinations/200)
	const part = 250_000
	for d := range z.Destinations {
		name := destination(d)
		for after := 0; after < z.Events; after += part {
			to := min(z.Events, after+part)
			if _, err := f.db.ExecContext(ctx, insertDeliveries, name, after, to, z.Events-owed, every, (d*17+3)%every); err != nil {
				return fmt.Errorf("deliveries of %s: %w", name, err)
			}
			if _, err := f.db.ExecContext(ctx, insertAttempts, name, after, to); err != nil {
				return fmt.Errorf("attempts of %s: %w", name, err)
			}
			f.say("%d of %d deliveries to %s", to, z.Events, name)
		}
	}
	return nil
}
