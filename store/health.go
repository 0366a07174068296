package store

import (
	"database/sql"
	"time"
)

// verdict is what a batch of settlements says about the destination itself.
type verdict struct {
	failures     int  // requests in a row that failed, at the end of the batch
	succeeded    bool // so the row that was there before the batch is broken
	lastSuccess  time.Time
	lastFailure  time.Time
	lastError    string
	failedAtLast string // the request that was counted last; "" none
}

// judge reads settlements in the order in which they came in.
func judge(ss []Settlement) verdict {
	var v verdict
	for _, s := range ss {
		if s.Outcome == Delivered {
			v.failures, v.succeeded, v.failedAtLast = 0, true, ""
			v.lastSuccess = later(v.lastSuccess, s.EndedAt)
			continue
		}
		v.lastFailure, v.lastError = later(v.lastFailure, s.EndedAt), s.Detail
		if s.RequestID == "" || s.RequestID != v.failedAtLast {
			v.failures++
		}
		v.failedAtLast = s.RequestID
	}
	return v
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// settleHealth brings a verdict and the counters to the destination. A batch without a success, or without a failure, leaves the other's columns.
func settleHealth(tx *sql.Tx, dest string, v verdict, delivered, dead int) error {
	return one(tx, ErrNotFound, `
		UPDATE destinations
		SET failures = CASE WHEN ?1 THEN 0 ELSE failures END + ?2,
		    last_success_at = coalesce(?3, last_success_at),
		    last_failure_at = coalesce(?4, last_failure_at),
		    last_error = coalesce(?7, last_error),
		    delivered = delivered + ?5,
		    dead = dead + ?6,
		    owed_now = owed_now - ?5 - ?6,
		    dead_now = dead_now + ?6
		WHERE name = ?8`,
		v.succeeded, v.failures, stamp(v.lastSuccess), stamp(v.lastFailure), delivered, dead, orNull(cut(v.lastError)), dest)
}
