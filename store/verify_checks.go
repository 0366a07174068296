package store

// examinations are what Verify looks at, in its order. Each SELECT finds what is off and says it in words; no row is good.
var examinations = []struct {
	name, proves string
	looks        []look
}{
	{"ledger chain", "of each cursor, every answer begins where the one before it ended, and the cursor stands where the last one ended: no page was skipped", []look{
		overQueries(`
			SELECT 'stream ' || stream || ', query ' || query_id || ': its answer begins elsewhere than the one before it ended'
			FROM gaps
			WHERE query_id > ?1 AND query_id <= ?2`),
		once(`
			SELECT 'stream ' || c.stream || ', cursor ' || c.id || ': it stands elsewhere than its last answer ended'
			FROM cursors c
			LEFT JOIN queries l ON l.id = (
			  SELECT id FROM queries WHERE cursor_id = c.id AND outcome = 'answered' ORDER BY id DESC LIMIT 1)
			WHERE c.position IS NOT iif(l.id IS NULL, c.ledger_begins, l.cursor_after)`),
	}},
	{"query spacing", "no query was sent before the slot after the one before it was free: SEEK's limit was kept", []look{
		overQueries(`
			SELECT 'query ' || query_id || ': sent ' || waited_ms || ' ms after query ' || previous_id || ', ' || required_ms || ' were due'
			FROM hurries
			WHERE query_id > ?1 AND query_id <= ?2`),
	}},
	{"pages", "every event that an answer brought is here, under the query that brought it", []look{
		overQueries(`
			SELECT 'query ' || id || ' brought ' || fresh || ' new events, ' || here || ' are here'
			FROM (
			  SELECT id, fresh, ended_at, (SELECT count(*) FROM events WHERE query_id = queries.id) AS here
			  FROM queries
			  WHERE outcome = 'answered'
			    AND id > ?1 AND id <= ?2)
			WHERE here > fresh
			   OR here < fresh AND ended_at >= ?3`, (*verifier).keptSince),
		overQueries(`
			SELECT 'query ' || id || ' was not answered, and yet events are here from it'
			FROM queries
			WHERE outcome IS NOT 'answered'
			  AND id > ?1 AND id <= ?2
			  AND EXISTS (SELECT 1 FROM events WHERE query_id = queries.id)`),
	}},
	{"references", "nothing refers to a row that is not there", []look{
		overEvents(`
			SELECT 'event ' || seq || ': its query ' || query_id || ' is not in the ledger'
			FROM events e
			WHERE seq > ?1 AND seq <= ?2
			  AND NOT EXISTS (SELECT 1 FROM queries WHERE id = e.query_id)`),
		overEvents(`
			SELECT 'event ' || seq || ': the purge that it names, ' || purge || ', is not in the record'
			FROM events e
			WHERE seq > ?1 AND seq <= ?2
			  AND purge IS NOT NULL
			  AND NOT EXISTS (SELECT 1 FROM actions WHERE id = e.purge)`),
		overQueries(`
			SELECT 'query ' || id || ': its cursor ' || cursor_id || ' is not there'
			FROM queries q
			WHERE id > ?1 AND id <= ?2
			  AND NOT EXISTS (SELECT 1 FROM cursors WHERE id = q.cursor_id)`),
		once(`
			SELECT 'cursor ' || id || ': the action that it names is not in the record'
			FROM cursors c
			WHERE made_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM actions WHERE id = c.made_by)
			   OR ended_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM actions WHERE id = c.ended_by)`),
	}},
	{"deliveries", "each delivery is of an event and for a destination that are there, each attempt is of a delivery, and whatever is owed has its event", []look{
		once(`
			WITH RECURSIVE named (name) AS (
			  SELECT min(destination) FROM outbox
			  UNION ALL
			  SELECT (SELECT min(destination) FROM outbox WHERE destination > named.name) FROM named WHERE name IS NOT NULL)
			SELECT 'deliveries to ' || name || ', a destination that is not there'
			FROM named
			WHERE name IS NOT NULL
			  AND name NOT IN (SELECT name FROM destinations)`),
		overEvents(`
			SELECT 'delivery ' || o.seq || '/' || o.destination || ': its event is not there'
			FROM destinations d
			CROSS JOIN outbox o ON o.destination = d.name AND o.seq > ?1 AND o.seq <= ?2
			WHERE NOT EXISTS (SELECT 1 FROM events WHERE seq = o.seq)`),
		overEvents(`
			SELECT 'attempt ' || a.attempt || ' at ' || a.seq || '/' || a.destination || ': there is no such delivery, or it was not tried so often'
			FROM destinations d
			CROSS JOIN attempts a ON a.destination = d.name AND a.seq > ?1 AND a.seq <= ?2
			WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE destination = a.destination AND seq = a.seq AND attempts >= a.attempt)`),
	}},
	{"purged events", "of what was purged and settled nothing is left but that it was there", []look{
		overEvents(`
			SELECT 'event ' || e.seq || ': purged, and not empty'
			FROM events e
			WHERE e.seq > ?1 AND e.seq <= ?2
			  AND e.purged_at IS NOT NULL
			  AND (e.purge IS NULL OR coalesce(e.node, e.identifiers, e.hirer_id, e.refused, e.unreadable) IS NOT NULL)`),
		overEvents(`
			SELECT 'event ' || e.seq || ': purged, and what a receiver said of it is still here'
			FROM events e
			CROSS JOIN destinations d
			CROSS JOIN outbox o ON o.destination = d.name AND o.seq = e.seq
			WHERE e.seq > ?1 AND e.seq <= ?2
			  AND e.purged_at IS NOT NULL
			  AND (o.last_detail IS NOT NULL OR EXISTS (SELECT 1 FROM attempts WHERE destination = o.destination AND seq = o.seq AND detail IS NOT NULL))`),
		overEvents(`
			SELECT 'event ' || e.seq || ': purged, and still owed to ' || o.destination
			FROM events e
			CROSS JOIN destinations d
			CROSS JOIN outbox o ON o.destination = d.name AND o.seq = e.seq
			WHERE e.seq > ?1 AND e.seq <= ?2
			  AND e.purged_at IS NOT NULL
			  AND (o.due_at IS NOT NULL OR o.dead_at IS NOT NULL)`),
		once(`
			SELECT 'purged since ' || since || ', and what was left between other rows is not wiped yet; the daemon does it'
			FROM chores
			WHERE name = 'wipe'`),
	}},
	{"figures of destinations", "what status says is owed and dead is what is owed and dead", []look{
		once(`
			SELECT 'destination ' || name || ': ' || owed_now || ' owed and ' || dead_now || ' dead by the figures, ' || owed || ' and ' || dead || ' by a count'
			FROM (
			  SELECT name, owed_now, dead_now,
			         (SELECT count(*) FROM outbox WHERE destination = name AND due_at IS NOT NULL) AS owed,
			         (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL) AS dead
			  FROM destinations)
			WHERE owed_now <> owed OR dead_now <> dead`),
	}},
	{"figures of hours", "the events that the page shows an hour are those that are here", []look{compareTallies}},
	{"deeds", "every deed that was begun was finished", []look{
		once(`
			SELECT 'action ' || id || ', ' || verb || ', begun at ' || at || ' and not finished: look what it did, and do it again'
			FROM actions
			WHERE ended_at IS NULL
			  AND at < ?1`, (*verifier).hourAgo),
	}},
	{"database file", "the file is sound: every page, row and index holds together", []look{(*verifier).checkFile}},
}
