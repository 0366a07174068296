package store

// ChartQueries are the reads of the charts, and the index that each must walk along.
var ChartQueries = map[string]string{
	newestLatencies: "SEARCH attempts USING PRIMARY KEY (destination=?)",
	oldestOwed:      "SEARCH outbox USING INDEX outbox_owed (destination=?)",
	hoursOf:         "SEARCH tallies USING PRIMARY KEY (stream=? AND type=? AND hour>? AND hour<?)",
}
