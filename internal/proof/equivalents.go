package main

// change is a mutation by its words: the file, the line as it was, and what was done to it.
type change struct{ file, was, what string }

// equivalents are changes that a person has looked at, and after which the room does the same, or the same with other words in the log or at another speed.
// docs/proof.md has them too.
var equivalents = []equivalent{
	{change{"store/wipe.go", "if busy != 0 || isBusy(err) {", "|| becomes &&"}, "the size of the log, which is looked at next, says the same"},
	{change{"store/read_events.go", `if f.Candidate != "" || f.Profile != "" || f.Position != "" {`, "!= becomes =="}, "only speed: the same events along another index"},
	{change{"store/read_deliveries.go", "err = row.Scan(&seq)", "a statement is left out"}, "only speed: each stretch of a search goes to the end"},
	{change{"store/upkeep.go", "defer s.timed(kind)()", "a statement is left out"}, "only a figure: how long the removal of old events takes"},
	{change{"store/wipe_page.go", "if number >= 1<<25 {", ">= becomes >"}, "only in a file of 256 GiB"},
	{change{"outbox/issue.go", "defer resp.Body.Close()", "a statement is left out"}, "only a connection that is not used again"},
	{change{"outbox/claim.go", "l.claimed = l.ahead()", "a statement is left out"}, "only speed: more results are waited for, to be settled together, until the line is empty"},
	{change{"outbox/process.go", "if fd, err := strconv.Atoi(f.Name()); err == nil && fd > 2 {", "> becomes >="}, "a program is given a standard error of its own, which is not ours"},
	{change{"outbox/lane.go", "defer timer.Stop()", "a statement is left out"}, "a timer that nobody holds is collected"},
	{change{"poller/poller.go", "from = c.Since.UTC().Format(time.RFC3339)", "a statement is left out"}, "only the log"},
	{change{"poller/failure.go", `p.Log.Warn("query failed", fields...)`, "a statement is left out"}, "only the log"},
	{change{"poller/poller.go", "defer timer.Stop()", "a statement is left out"}, "a timer that nobody holds is collected"},
	{change{"poller/reconcile.go", "if err == nil && id != 0 {", "&& becomes ||"}, "only the log: a reconciliation that somebody else has begun is told as well"},
	{change{"poller/step.go", "if q.SentAt.Elapsed(p.Now(), p.started) > p.Timeout {", "> becomes >="}, "at that very moment the exchange's own time-out has ended it"},
}

type equivalent struct {
	change
	why string
}
