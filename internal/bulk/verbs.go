package main

import "time"

// verb is what a person types.
type verb struct {
	name string
	args func(sample) []string
}

func typed(args ...string) verb {
	name := ""
	for _, arg := range args {
		name += arg + " "
	}
	return verb{name[:len(name)-1], func(sample) []string { return args }}
}

func with(name string, args func(sample) []string) verb { return verb{name, args} }

// verbs are those that answer at once. Deeds are looked at only: without --yes nothing is changed. What reads everything is measured by --deeds; reconcile
// wants a stream that is complete, which none is here.
var verbs = []verb{
	typed("version"),
	typed("status"),
	typed("check"),
	typed("cursors", "list"),
	typed("cursors", "history"),
	typed("cursors", "history", "relationships"),
	with("cursors rewind (look)", func(s sample) []string { return []string{"cursors", "rewind", s.live, "--to-time", s.from} }),
	typed("events", "list"),
	with("events list --candidate", func(s sample) []string { return []string{"events", "list", "--candidate", s.candidate} }),
	with("events list --type --since", func(s sample) []string { return []string{"events", "list", "--type", s.kind, "--since", s.from} }),
	with("events show", func(s sample) []string { return []string{"events", "show", s.id} }),
	with("events explain", func(s sample) []string { return []string{"events", "explain", s.id} }),
	with("events explain --candidate", func(s sample) []string { return []string{"events", "explain", "--candidate", s.candidate} }),
	with("events replay --candidate (look)", func(s sample) []string {
		return []string{"events", "replay", "--destination", "ats", "--candidate", s.candidate}
	}),
	typed("deliveries", "list"),
	typed("deliveries", "list", "--state", "dead"),
	typed("deliveries", "list", "--state", "retrying"),
	with("deliveries list --type --since", func(s sample) []string {
		return []string{"deliveries", "list", "--type", s.kind, "--since", s.from}
	}),
	with("deliveries attempts", func(s sample) []string { return []string{"deliveries", "attempts", s.id} }),
	with("deliveries retry --all-dead (look)", func(sample) []string {
		return []string{"deliveries", "retry", "--all-dead", "--destination", "ats"}
	}),
	with("deliveries discard --state dead (look)", func(sample) []string {
		return []string{"deliveries", "discard", "--destination", "ats", "--state", "dead"}
	}),
	typed("destinations", "list"),
	with("destinations pause (look)", func(sample) []string { return []string{"destinations", "pause", "ats"} }),
	typed("actions"),
	with("backfill plan", func(s sample) []string {
		return []string{"backfill", "plan", "--stream", s.live, "--from", s.day(0), "--to", s.day(1)}
	}),
	typed("backfill", "list"),
}

// day is so many days after the sample, as verbs take it.
func (s sample) day(after int) string {
	t, err := time.Parse("2006-01-02", s.from[:10])
	if err != nil {
		return s.from
	}
	return t.AddDate(0, 0, after).Format("2006-01-02")
}
