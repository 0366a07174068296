package main

// asks is what a checker says when SEEK, by its own clock, saw a rule broken, or was asked at other times than it should have been.
const asks = `SEEK saw a broken rule|SEEK was asked`

// plantedBugs are the bugs that somebody could write tomorrow without noticing.
var plantedBugs = []planted{
	{"a query's minute is counted from its start", []edit{
		{"store/slot.go", "SELECT boot_id, coalesce(ended_boot_ms, sent_boot_ms + timeout_ms),", "SELECT boot_id, sent_boot_ms,"},
		{"poller/step.go", "\tp.alive(0)\n\tp.closeGate(p.interval())\n", "\tp.alive(0)\n"},
	}, "poller", "TestSlowAnswersKeepTheirDistance", asks},
	{"the last query is remembered by the process alone", []edit{
		{"store/slot.go", "wait = max(wait, e.wait(ceilMS(interval), now, s.started))", "_, wait = e, 0"},
	}, "poller", "TestCrashLoop", asks},
	{"the slot is looked at before the transaction that takes it", []edit{
		{"store/slot.go", "\tvar q Query\n\terr := s.write(ctx, \"slot\"", "\tvar q Query\n\trecent, _ := list(ctx, s.reader, \"look\", scanExchange, recentExchanges)\n\terr := s.write(ctx, \"slot\""},
		{"store/slot.go", "\t\trecent, err := exchanges(tx)\n\t\tif err != nil {\n\t\t\treturn err\n\t\t}\n", ""},
		{"store/slot.go", "func exchanges(tx *sql.Tx)", "func _(tx *sql.Tx)"},
	}, "store", "TestProcessesShareOneSlot", `.`},
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
	}, "cmd/seek-poller", "TestWallClockSteps", `.`},
	{"the quarter of an hour of quiet is forgotten at a restart", []edit{
		{"store/page.go", "ceilMS(max(0, p.Wait)), now, ceilMS(a.ended.Boot)", "0, now, ceilMS(a.ended.Boot)"},
	}, "cmd/seek-poller", "TestThirtyDays", `quiet`},
	{"the quiet is counted from the query, not from its answer", []edit{
		{"store/page.go", "ceilMS(max(0, p.Wait)), now, ceilMS(a.ended.Boot), a.ended.BootID", "ceilMS(max(0, p.Wait)), now, ceilMS(a.q.SentAt.Boot), a.ended.BootID"},
	}, "poller", "TestSlowAnswersKeepTheirDistance|TestTwinKeepsTheQuiet|TestStartEarliest|TestSlowWayThere", asks},
	{"a commit is not synced: synchronous=NORMAL", []edit{
		{"store/connect.go", "_synchronous=FULL", "_synchronous=NORMAL"},
	}, "store", "TestEveryConnectionHasItsPragmas|TestCreate", `synchronous`},
	{"a null endCursor becomes the cursor", []edit{
		{"poller/translate.go", "\tif page.EndCursor != \"\" {\n\t\tout.Position = page.EndCursor\n\t}\n", "\tout.Position = page.EndCursor\n"},
		{"store/page.go", "position = coalesce(?, position)", "position = ?"},
	}, "poller", "TestNullEndCursorKeepsTheOldCursor", `.`},
	{"an event of an unknown type is dropped", []edit{
		{"poller/translate.go", "\t\tout.Events = append(out.Events, p.event(q, stream, edge))\n", "\t\tif e := p.event(q, stream, edge); e.Unreadable == \"\" {\n\t\t\tout.Events = append(out.Events, e)\n\t\t}\n"},
	}, "poller", "TestOddEventsAreKeptAndRouted", `.`},
	{"a known event is stored and owed anew", []edit{
		{"store/page_events.go", "INSERT OR ROLLBACK INTO events (id", "INSERT OR REPLACE INTO events (id"},
		{"store/page_events.go", "\n\t\tON CONFLICT (id) DO NOTHING`, args...)\n\tif err != nil {\n\t\treturn err\n\t}\n\terr = tx.QueryRow(`", "`, args...)\n\tif err != nil {\n\t\treturn err\n\t}\n\terr = tx.QueryRow(`"},
	}, "store", "TestKnownEventsAreCountedAndNotDeliveredAgain", `.`},
	{"a cursor that does not lead on is followed", []edit{
		{"poller/translate.go", "\tif !led {\n", "\tif led = true; !led {\n"},
	}, "poller", "TestStuckCursor|TestCirclingCursors", asks + `|stuck`},
	{"a missing database is made in silence", []edit{
		{"store/file.go", "\treturn checkTraces(path)\n", "\t_ = checkTraces\n\treturn nil\n"},
	}, "store", "TestTraces", `: left \[`},
	{"the idempotency key is new each time", []edit{
		{"outbox/key.go", `fmt.Appendf(nil, "%d:%s%s", len(eventID), eventID, destination)`, `fmt.Appendf(nil, "%d:%s%s%p", len(eventID), eventID, destination, new(int))`},
	}, "outbox", "TestKeyNeverChanges", `.`},
	{"a lease ends before its send does", []edit{
		{"outbox/claim.go", "lease := l.Timeout + leaseMargin", "lease := l.Timeout / 2"},
	}, "outbox", "TestTwoRelaysOnOneDatabase|TestReceiversThatMisbehave|TestASlowDestinationDelaysNoOther|TestASlowReceiverOfManyTypes", `.`},
	{"a Retry-After of ten billion seconds overflows", []edit{
		{"outbox/retryafter.go", "if err != nil || n > most {", "if err != nil {"},
	}, "outbox", "TestRetryAfter$", `.`},
	{"the back-off of deliveries has no cap", []edit{
		{"outbox/retry.go", "i < n && wait < longestGap; i++", "i < n; i++"},
		{"outbox/retry.go", "min(time.Duration(float64(min(wait, longestGap))*jitter), longestGap)", "time.Duration(float64(wait) * jitter)"},
	}, "outbox", "TestBackoffTriples", `.`},
	{"the back-off of queries has no cap", []edit{
		{"poller/failure.go", "return min(wait, p.slow())", "return wait"},
	}, "poller", "TestBackoff", `.`},
	{"a destination waits for the one before it", []edit{
		{"outbox/relay.go", "all.Go(func() { l.run(ctx, sending) })", "all.Go(func() { all2.Lock(); defer all2.Unlock(); l.run(ctx, sending) })"},
		{"outbox/relay.go", "\tvar all sync.WaitGroup\n", "\tvar all sync.WaitGroup\n\tvar all2 sync.Mutex\n"},
	}, "outbox", "TestEachEventReachesEachDestinationOnce|TestASlowDestinationDelaysNoOther", `.`},
	{"the error of a commit is ignored", []edit{
		{"store/write.go", "\treturn tx.Commit()\n", "\t_ = tx.Commit()\n\treturn nil\n"},
	}, "store", "TestCommitFails|TestDiskFull", `.`},
	{"a connection is used on after its disk failed", []edit{
		{"store/write.go", "\t\t_ = conn.Raw(func(any) error { return driver.ErrBadConn })\n", "\t\t_ = driver.ErrBadConn\n"},
	}, "store", "TestBrokenConnectionIsDropped", `.`},
	{"SEEK is asked while the disk is full", []edit{
		{"store/slot.go", "\t\tq, err = s.insertQuery(tx, cursor, a, now)\n\t\treturn err\n\t})\n", "\t\tq, err = s.insertQuery(tx, cursor, a, now)\n\t\treturn err\n\t})\n\tif Temporary(err) {\n\t\treturn q, nil\n\t}\n"},
	}, "poller", "TestNoQueryWhileNothingCanBeWritten", `.`},
	{"an answer has no limit once it is unpacked", []edit{
		{"graphql/exchange.go", "io.LimitReader(answer.Body, limit+1)", "io.LimitReader(answer.Body, 1<<40)"},
		{"graphql/exchange.go", "int64(body.Len()) > limit", "int64(body.Len()) < 0"},
	}, "graphql", "TestBombs|TestAnswerIsBounded", `.`},
	{"a body may take for ever", []edit{
		{"graphql/transport.go", "Transport: t, Timeout: c.Timeout}", "Transport: t}"},
	}, "graphql", "TestHostileHTTP1|TestHostileTokenEndpoint|TestWaitingEnds|TestTimeOutInWords", `.`},
	{"the database may be read by others", []edit{
		{"store/file.go", "err == nil && info.Mode().Perm()&^0o600 != 0", "err == nil && info.Mode().Perm()&^0o600 == 0o1000"},
	}, "store", "TestModes|TestWideModeIsTightened", `-rw-r--r--`},
	{"answers of the admin port lack their headers", []edit{
		{"internal/admin/server.go", "\t\tprotect(plain.Header())\n", ""},
		{"internal/admin/guard.go", "func protect(", "var _ = protect\n\nfunc protect("},
	}, "internal/admin", "TestHeadersOnEveryAnswer", `header|Content-Security-Policy|nosniff`},
	{"a program of an exec destination gets our environment", []edit{
		{"outbox/exec.go", "cmd.Env = slices.Clip(p.env)", "cmd.Env = append(cmd.Environ(), p.env...)"},
	}, "outbox", "TestExecEnvironmentIsClean", `.`},
	{"what is deleted stays in the file", []edit{
		{"store/connect.go", "_secure_delete=on", "_secure_delete=off"},
		{"store/connect.go", `"secure_delete=1"`, `"secure_delete=0"`},
	}, "store", "TestPurgeLeavesNoByte", `.`},
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
	}, "outbox", "TestAReceiverThatRefusesEverythingIsParked|TestABadEventWithNothingToCompareItWith", `.`},
	{"a file is handed over before it is on the disk", []edit{
		{"outbox/directory.go", "err == nil {\n\t\terr = root.Rename(name, key+\".json\")", "err == nil || true {\n\t\terr = root.Rename(name, key+\".json\")"},
	}, "outbox", "TestDirectoryThatIsFull|TestDirectoryAfterACrash", `.`},
}

// notPlanted are known bugs that no edit of a line or two makes here, or that a test cannot be shown.
var notPlanted = []struct{ name, why string }{
	{"the boot clock without the time of suspend", "only a machine that was suspended tells CLOCK_MONOTONIC from CLOCK_BOOTTIME; that the daemon follows the clock it is given is TestSuspendedMachineAsksOnce"},
	{"an attempt is counted after its send", "the schema refuses it: a first try without an attempt breaks a CHECK of the table outbox"},
	{"delivered is written before the answer", "the settlement needs the answer as its argument"},
	{"one event id unique within its stream only", "the schema has it unique over all, and no two streams of a scheme may take one type"},
	{"an expired cursor becomes a start at now", "no path leads from a refused cursor to another position: only a person's deed writes one"},
	{"the scheduler walks a map", "cursors come from the database in order"},
	{"a ticker makes up for missed ticks in a burst", "ticks only wake the loop, and the slot decides"},
}
