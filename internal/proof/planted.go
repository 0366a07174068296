package main

// asks is what a checker says when SEEK, by its own clock, saw a rule broken, or was asked at other times than it should have been.
const asks = `SEEK saw a broken rule|SEEK was asked`

// plantedBugs are the bugs that somebody could write tomorrow without noticing.
var plantedBugs = []planted{
	{"a query's minute is counted from its start", []edit{
		{"store/slot.go", "SELECT boot_id, coalesce(ended_boot_ms, sent_boot_ms + timeout_ms),", "SELECT boot_id, sent_boot_ms,"},
		{"poller/step.go", "\tp.alive(0)\n\tp.closeGate(p.interval())\n", "\tp.alive(0)\n"},
	}, "poller", "TestSlowAnswersKeepTheirDistance", asks},
	{"a query is sent before its slot is written down, and so while the disk is full", []edit{
		{"poller/step.go", "\tq, wait, err := p.takeSlot(ctx)\n", "\tcursors, _ := p.Store.OpenCursors(ctx)\n\tc, _ := p.choose(cursors, p.Now())\n\tstream, _ := p.streamOf(c)\n\tselection, first := p.shape(stream, c.Suspect)\n\tpage, ended, sent := p.ask(ctx, token, store.Query{Cursor: c, RequestID: uuid.NewString(), Selection: string(selection), First: first, SentAt: p.Now()})\n\tq, wait, err := p.takeSlot(ctx)\n"},
		{"poller/step.go", "\tpage, ended, err := p.ask(ctx, token, q)\n", "\terr = sent\n"},
	}, "poller", "TestNoQueryWhileNothingCanBeWritten", asks},
	{"the last query is remembered by the process alone", []edit{
		{"store/slot.go", "wait = max(wait, e.wait(ceilMS(interval), now, s.started))", "_, wait = e, 0"},
	}, "poller", "TestCrashLoop", asks},
	{"the slot is looked at before the transaction that takes it", []edit{
		{"store/slot.go", "\tvar q Query\n\terr := s.write(ctx, \"slot\"", "\tvar q Query\n\trecent, _ := list(ctx, s.reader, \"look\", scanExchange, recentExchanges)\n\terr := s.write(ctx, \"slot\""},
		{"store/slot.go", "\t\trecent, err := exchanges(tx)\n\t\tif err != nil {\n\t\t\treturn err\n\t\t}\n", ""},
		{"store/slot.go", "func exchanges(tx *sql.Tx)", "func _(tx *sql.Tx)"},
	}, "store", "TestProcessesShareOneSlot", `grants \d+ and \d+ are .* apart`},
	{"net/http may repeat a query by itself", []edit{
		{"graphql/exchange.go", "\trequest.GetBody = nil\n", ""},
	}, "graphql", "TestHostileHTTP2|TestOneRequestOverHTTP2", `request`},
	{"redirects are followed", []edit{
		{"graphql/transport.go", "return http.ErrUseLastResponse }", "return nil }"},
	}, "graphql", "TestRedirectIsRejected", `redirect|request|elsewhere`},
	{"after a refused token the query is repeated without a slot", []edit{
		{"poller/step.go", "\tpage, ended, err := p.ask(ctx, token, q)\n", "\tpage, ended, err := p.ask(ctx, token, q)\n\tif graphql.KindOf(err) == graphql.Unauthorized {\n\t\tp.Tokens.Refused(token)\n\t\tif again, e := p.Tokens.Token(ctx); e == nil {\n\t\t\ttoken = again\n\t\t\tpage, ended, err = p.ask(ctx, token, q)\n\t\t}\n\t}\n"},
	}, "poller", "TestRefusedTokenIsRenewedOnce", asks},
	{"waits are counted by the wall clock, which is set forward", []edit{
		{"store/instant.go", "return max(0, now.Boot-i.Boot)", "return max(0, now.Wall.Sub(i.Wall))"},
	}, "poller", "TestDue|TestClockSetForward", `clock|` + asks},
	{"waits are counted by the wall clock, which is set back", []edit{
		{"store/instant.go", "return max(0, now.Boot-i.Boot)", "return max(0, now.Wall.Sub(i.Wall))"},
	}, "cmd/seek-poller", "TestWallClockSteps", `the stream stood still`},
	{"the quarter of an hour of quiet is forgotten at a restart", []edit{
		{"store/page.go", "ceilMS(max(0, p.Wait)), now, ceilMS(a.ended.Boot)", "0, now, ceilMS(a.ended.Boot)"},
	}, "cmd/seek-poller", "TestThirtyDays", `quiet`},
	{"the quiet is counted from the query, not from its answer", []edit{
		{"store/page.go", "ceilMS(max(0, p.Wait)), now, ceilMS(a.ended.Boot), a.ended.BootID", "ceilMS(max(0, p.Wait)), now, ceilMS(a.q.SentAt.Boot), a.ended.BootID"},
	}, "poller", "TestSlowAnswersKeepTheirDistance|TestTwinKeepsTheQuiet|TestStartEarliest|TestSlowWayThere", asks},
	{"a commit is not synced: synchronous=NORMAL", []edit{
		{"store/connect.go", "_synchronous=FULL", "_synchronous=NORMAL"},
	}, "store", "TestEveryConnectionHasItsPragmas|TestCreate", `synchronous`},
	{"a commit is not synced, and nothing reads the setting back", []edit{
		{"store/connect.go", "_synchronous=FULL", "_synchronous=NORMAL"},
		{"store/connect.go", "\"synchronous=2\"", "\"synchronous=1\""},
	}, "store", "TestPowerCut$", `(as after a commit|kept: [a-z ]+): cut after`},
	{"nothing is synced, and nothing reads the setting back", []edit{
		{"store/connect.go", "_synchronous=FULL", "_synchronous=OFF"},
		{"store/connect.go", "\"synchronous=2\"", "\"synchronous=0\""},
	}, "store", "TestPowerCut$", `(opens|sound|as after a commit|kept: [a-z ]+): cut after`},
	{"the cursor moves in a transaction before its events", []edit{
		{"store/page.go", "\t\t{\"move the cursor\", a.moveCursor},\n", ""},
		{"store/page.go", "\t\t{\"insert events\", a.insertEvents},\n", "\t\t{\"move the cursor\", a.moveCursor},\n{\"commit\", func(tx *sql.Tx) error { _, err := tx.Exec(\"COMMIT; BEGIN IMMEDIATE\"); return err }},\n\t\t{\"insert events\", a.insertEvents},\n"},
	}, "store", "TestPowerCut$", `cursor of the ledger: cut after`},
	{"the cursor moves in a transaction after its events", []edit{
		{"store/page.go", "\t\t{\"move the cursor\", a.moveCursor},\n", "{\"commit\", func(tx *sql.Tx) error { _, err := tx.Exec(\"COMMIT; BEGIN IMMEDIATE\"); return err }},\n\t\t{\"move the cursor\", a.moveCursor},\n"},
	}, "store", "TestPowerCut$", `whole pages: cut after`},
	{"deliveries are made in a transaction after their events", []edit{
		{"store/page.go", "\t\t{\"insert deliveries\", a.insertDeliveries},\n", "{\"commit\", func(tx *sql.Tx) error { _, err := tx.Exec(\"COMMIT; BEGIN IMMEDIATE\"); return err }},\n\t\t{\"insert deliveries\", a.insertDeliveries},\n"},
	}, "store", "TestPowerCut$", `whole deliveries: cut after`},
	{"a null endCursor becomes the cursor", []edit{
		{"poller/translate.go", "\tif page.EndCursor != \"\" {\n\t\tout.Position = page.EndCursor\n\t}\n", "\tout.Position = page.EndCursor\n"},
		{"store/page.go", "position = coalesce(?, position)", "position = ?"},
	}, "poller", "TestNullEndCursorKeepsTheOldCursor", `want the cursor before it`},
	{"an event that SEEK cannot give is passed over", []edit{
		{"graphql/page.go", "\t\t\tc.lose(fmt.Sprintf(\"the event at edge %d\", n))\n\t\t\tc.lostNode = true\n", "\t\t\t_ = fmt.Sprint\n\t\t\treturn err\n"},
	}, "graphql", "TestNullEventIsTold", `is passed over`},
	{"an event of an unknown type is dropped", []edit{
		{"poller/translate.go", "\t\tout.Events = append(out.Events, p.event(q, stream, edge))\n", "\t\tif e := p.event(q, stream, edge); e.Unreadable == \"\" {\n\t\t\tout.Events = append(out.Events, e)\n\t\t}\n"},
	}, "poller", "TestOddEventsAreKeptAndRouted", `read the event: not found`},
	{"a known event is stored and owed anew", []edit{
		{"store/page_events.go", "INSERT OR ROLLBACK INTO events (id", "INSERT OR REPLACE INTO events (id"},
		{"store/page_events.go", "\n\t\tON CONFLICT (id) DO NOTHING`)", "`)"},
	}, "store", "TestKnownEventsAreCountedAndNotDeliveredAgain", `insert events: FOREIGN KEY constraint failed`},
	{"a cursor that does not lead on is followed", []edit{
		{"poller/translate.go", "\tif !led {\n", "\tif led = true; !led {\n"},
	}, "poller", "TestStuckCursor|TestCirclingCursors", asks + `|stuck`},
	{"after a refused cursor the stream begins at now", []edit{
		{"poller/step.go", "\toverslept := false\n", "\tif q.Cursor.LastErrorKind == string(graphql.BadCursor) {\n\t\tquery.After, query.Since = \"\", p.Now().Wall\n\t}\n\toverslept := false\n"},
	}, "poller", "TestExpiredCursorTellsItsLostWindow", `query \d+ jumped`},
	{"a missing database is made in silence", []edit{
		{"store/file.go", "\treturn checkTraces(path)\n", "\t_ = checkTraces\n\treturn nil\n"},
	}, "store", "TestTraces", `: left \[`},
	{"the idempotency key is new each time", []edit{
		{"outbox/key.go", `fmt.Appendf(nil, "%d:%s%s", len(eventID), eventID, destination)`, `fmt.Appendf(nil, "%d:%s%s%p", len(eventID), eventID, destination, new(int))`},
	}, "outbox", "TestKeyNeverChanges", `Key\(.*\): got`},
	{"the body is written anew for each attempt, and differs", []edit{
		{"outbox/envelope.go", "\te := d.Event\n", "\te := d.Event\n\tif d.Attempt > 1 {\n\t\te.Source += \" again\"\n\t}\n"},
	}, "outbox", "TestEveryAttemptSendsTheSame", `sent another body`},
	{"a delivery is settled before it is sent", []edit{
		{"outbox/send.go", "\tr.reply = l.Sender.Send(ctx, b.deliveries)\n", "\tr.ended = r.started\n\tearly := l.unsettled[:0:0]\n\tfor _, d := range b.deliveries {\n\t\tearly = append(early, l.settlement(d, r, fate{outcome: \"delivered\"}))\n\t}\n\t_, _ = l.store.Settle(ctx, l.Name, early, l.now())\n\tr.reply = l.Sender.Send(ctx, b.deliveries)\n"},
	}, "outbox", "TestOneBadEventOfTen", `accepted 0 times, want once`},
	{"a lease ends before its send does", []edit{
		{"outbox/claim.go", "lease := l.Timeout + leaseMargin", "lease := l.Timeout / 2"},
		{"outbox/claim.go", "claimedAt.Add(lease-l.Timeout)", "claimedAt.Add(lease)"}, // else it would send nothing at all
	}, "outbox", "TestTwoRelaysOnOneDatabase|TestReceiversThatMisbehave|TestASlowDestinationDelaysNoOther|TestASlowReceiverOfManyTypes", `accepted \d+ times, want once`},
	{"a Retry-After of ten billion seconds overflows", []edit{
		{"outbox/retryafter.go", "if err != nil || n > most {", "if err != nil {"},
	}, "outbox", "TestRetryAfter$", `Retry-After .*: got 0s, want 24h`},
	{"the back-off of deliveries has no cap", []edit{
		{"outbox/retry.go", "i < n && wait < longestGap; i++", "i < n; i++"},
		{"outbox/retry.go", "min(time.Duration(float64(min(wait, longestGap))*jitter), longestGap)", "time.Duration(float64(wait) * jitter)"},
	}, "outbox", "TestBackoffTriples", `attempt \d+: got .*, want .* to 6h0m0s`},
	{"the back-off of queries has no cap", []edit{
		{"poller/failure.go", "return min(wait, p.slow())", "return wait"},
	}, "poller", "TestBackoff", `back-off \d+ is .*, at most 15m`},
	{"a destination waits for the one before it", []edit{
		{"outbox/relay.go", "all.Go(func() { l.run(ctx, sending) })", "all.Go(func() { turn <- true; defer func() { <-turn }(); l.run(ctx, sending) })"},
		{"outbox/relay.go", "\tvar all sync.WaitGroup\n", "\tvar all sync.WaitGroup\n\tturn := make(chan bool, 1)\n"},
	}, "outbox", "TestEachEventReachesEachDestinationOnce", `accepted 0 times, want once`},
	{"a delivery that is given up is removed", []edit{
		{"store/settle.go", "\treturn Settled{Applied: applied, Lapsed: len(ss) - applied}, nil\n", "\tif _, err := tx.Exec(\"DELETE FROM outbox WHERE dead_at IS NOT NULL\"); err != nil {\n\t\treturn Settled{}, err\n\t}\n\treturn Settled{Applied: applied, Lapsed: len(ss) - applied}, nil\n"},
	}, "outbox", "TestOneBadEventOfTen", `want 9 delivered and 1 dead`},
	{"the error of a commit is ignored", []edit{
		{"store/write.go", "\treturn tx.Commit()\n", "\t_ = tx.Commit()\n\treturn nil\n"},
	}, "store", "TestCommitFails|TestDiskFull", `commit: <nil>`},
	{"a connection is used on after its disk failed", []edit{
		{"store/write.go", "\t\t_ = conn.Raw(func(any) error { return driver.ErrBadConn })\n", "\t\t_ = driver.ErrBadConn\n"},
	}, "store", "TestBrokenConnectionIsDropped", `the same connection after`},
	{"an answer has no limit once it is unpacked", []edit{
		{"graphql/exchange.go", "io.LimitReader(answer.Body, limit+1)", "io.LimitReader(answer.Body, 1<<40)"},
		{"graphql/exchange.go", "int64(body.Len()) > limit", "int64(body.Len()) < 0"},
	}, "graphql", "TestBombs|TestAnswerIsBounded", `want a transient error that tells the limit`},
	{"a body may take for ever", []edit{
		{"graphql/transport.go", "Transport: t, Timeout: c.Timeout}", "Transport: t}"},
	}, "graphql", "TestTimeOutInWords", `answer within 1h0m0s`},
	{"a read leaves its transaction open", []edit{
		{"store/read.go", "\tfound, err := list(ctx, db, what, scan, query, args...)\n\tif err != nil {\n\t\treturn none, err\n\t}\n\tif len(found) == 0 {\n", "\trows, err := db.QueryContext(ctx, query, args...)\n\tif err != nil {\n\t\treturn none, fmt.Errorf(\"%s: %w\", what, err)\n\t}\n\tfound := make([]T, 1)\n\tif rows.Next() {\n\t\tif found[0], err = scan(rows); err != nil {\n\t\t\treturn none, err\n\t\t}\n\t} else {\n\t\tfound = nil\n\t}\n\tif len(found) == 0 {\n"},
	}, "store", "TestReadsEndTheirTransaction", `the log cannot be emptied after`},
	{"the database may be read by others", []edit{
		{"store/file.go", "err == nil && info.Mode().Perm()&^0o600 != 0", "err == nil && info.Mode().Perm()&^0o600 == 0o1000"},
	}, "store", "TestModes|TestWideModeIsTightened", `-rw-r--r--`},
	{"an error shows the token", []edit{
		{"graphql/errors.go", "strings.ReplaceAll(err.Error(), token, \"[token]\")", "strings.ReplaceAll(err.Error(), \"[token]\", token)"},
	}, "graphql", "TestMessagesAreCutAndClean", `CANARY`},
	{"the page shows text as it came", []edit{
		{"internal/admin/page.go", "\t\"html/template\"\n", "\t\"text/template\"\n"},
		{"internal/admin/page_words.go", "\t\"html/template\"\n", "\t\"text/template\"\n"},
	}, "internal/admin", "TestHostileText", `script`},
	{"an address is judged when its name is looked up, and not when it is connected to", []edit{
		{"outbox/transport.go", ", Control: guard}\n\treturn d.DialContext\n", "}\n\treturn func(ctx context.Context, network, address string) (net.Conn, error) {\n\t\thost, port, _ := net.SplitHostPort(address)\n\t\tips, err := d.Resolver.LookupHost(ctx, host)\n\t\tfor _, ip := range ips {\n\t\t\tif err := guard(network, net.JoinHostPort(ip, port), nil); err != nil {\n\t\t\t\treturn nil, err\n\t\t\t}\n\t\t}\n\t\tif err != nil {\n\t\t\treturn nil, err\n\t\t}\n\t\treturn d.DialContext(ctx, network, address)\n\t}\n"},
	}, "outbox", "TestNameThatChangesBeforeItsConnection", `was connected to`},
	{"answers of the admin port lack their headers", []edit{
		{"internal/admin/server.go", "\t\tprotect(plain.Header())\n", ""},
		{"internal/admin/guard.go", "func protect(", "var _ = protect\n\nfunc protect("},
	}, "internal/admin", "TestHeadersOnEveryAnswer", `header|Content-Security-Policy|nosniff`},
	{"a program of an exec destination gets our environment", []edit{
		{"outbox/exec.go", "cmd.Env = slices.Clip(p.env)", "cmd.Env = append(cmd.Environ(), p.env...)"},
	}, "outbox", "TestExecEnvironmentIsClean", `exec_test.go:\d+: got `},
	{"what is deleted stays in the file", []edit{
		{"store/connect.go", "_secure_delete=on", "_secure_delete=off"},
		{"store/connect.go", `"secure_delete=1"`, `"secure_delete=0"`},
	}, "store", "TestPurgeLeavesNoByte", `who was purged, are left`},
	{"a purge forgets what receivers said of an event", []edit{
		{"store/purge.go", "\tif err := forget(tx, seqs); err != nil {\n", "\tif err := error(nil); err != nil {\n"},
	}, "store", "TestPurgeForgetsWhatWasSaid", `still name the candidate`},
	{"what was wiped is not synced", []edit{
		{"store/wipe.go", "\tif err := w.file.Sync(); err != nil {\n", "\tif err := error(nil); err != nil {\n"},
	}, "store", "TestPowerCutAfterWiping", `purged bytes: cut after`},
	{"streams are asked in no order", []edit{
		{"poller/due.go", "\treturn slices.MinFunc(due, moreUrgent), 0\n", "\twalked := map[int64]store.Cursor{}\n\tfor c := range slices.Values(due) {\n\t\twalked[c.ID] = c\n\t}\n\tfor _, c = range walked {\n\t\tbreak\n\t}\n\treturn c, 0\n"},
	}, "poller", "TestStreamsTakeTurns", asks},
	{"the stream asked last is asked first", []edit{
		{"poller/due.go", "cmp.Compare(a.LastQueryID, b.LastQueryID)", "cmp.Compare(b.LastQueryID, a.LastQueryID)"},
	}, "poller", "TestStreamsTakeTurns", asks},
	{"the watchdog is fed whatever the loops do", []edit{
		{"cmd/seek-poller/systemd.go", "\t\tif len(still) == 0 {\n", "\t\tif len(still) >= 0 {\n"},
	}, "cmd/seek-poller", "TestWatchdog", `the watchdog was fed`},
	{"a restored database is believed", []edit{
		{"store/note.go", "return s.setBack.Load() }", "return false }"},
	}, "cmd/seek-poller", "TestRestoreKeepsTheRules", `queries were made|broken rule`},
	{"a dead letter needs no other event that was accepted", []edit{
		{"outbox/judge.go", "d.Refusals+1 >= refusalsToDie && meanwhile:", "d.Refusals+1 >= refusalsToDie:"},
	}, "outbox", "TestAReceiverThatRefusesEverythingIsParked|TestABadEventWithNothingToCompareItWith", `want parked|alone for a day`},
	{"a file's name is not synced before its event is settled", []edit{
		{"outbox/directory.go", "\tif err := syncDir(root); err != nil {", "\tif err := error(nil); err != nil {"},
	}, "outbox", "TestPowerCutInADirectory", `settled deliveries have their file: cut after`},
	{"a file is not synced before its event is settled", []edit{
		{"outbox/directory.go", "\treturn f.Sync()\n", "\treturn nil\n"},
	}, "outbox", "TestPowerCutInADirectory", `(settled deliveries have their file|files are whole): cut after`},
	{"a file is handed over before it is on the disk", []edit{
		{"outbox/directory.go", "err == nil {\n\t\terr = root.Rename(name, key+\".json\")", "err == nil || true {\n\t\terr = root.Rename(name, key+\".json\")"},
	}, "outbox", "TestDirectoryThatIsFull|TestDirectoryAfterACrash", `Verdict:accepted`},
}

// notPlanted are known bugs that no edit of a line or two makes here, or that a test cannot be shown.
var notPlanted = []struct{ name, why string }{
	{"the boot clock without the time of suspend", "only a machine that was suspended tells CLOCK_MONOTONIC from CLOCK_BOOTTIME; that the daemon follows the clock it is given is TestSuspendedMachineAsksOnce"},
	{"an attempt is counted after its send", "the schema refuses it: a first try without an attempt breaks a CHECK of the table outbox"},
	{"one event id unique within its stream only", "the schema has it unique over all, and no two streams of a scheme may take one type"},
	{"a ticker makes up for missed ticks in a burst", "ticks only wake the loop, and the slot decides"},
}
