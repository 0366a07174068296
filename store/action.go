package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ThisAction stands in Deed.Undo for the number that the action will have.
const ThisAction = "THIS-ACTION"

// Deed is what a person does to the database: who, what, and why.
type Deed struct {
	Actor    string // such as "anna (uid 1000)"
	Verb     string // such as "events replay"
	Reason   string
	Selector string // what it was done to, in the words of the command; never an id of a person
	Undo     string // the command that takes it back, or why there is none
	At       time.Time
}

// Action is a deed as it is remembered.
type Action struct {
	ID int64
	Deed
	Rows    int64     // that were changed
	EndedAt time.Time // zero: it did not finish, because the process ended; what it had changed stays changed
}

// Actions reads what people did, newest first. before is the id of the last one seen, for paging; 0 begins with the newest.
func (s *Store) Actions(ctx context.Context, beforeID int64, limit int) ([]Action, error) {
	return list(ctx, s.reader, "read the actions", scanAction, `
		SELECT id, at, actor, verb, reason, coalesce(selector, ''), rows, coalesce(undo, ''), ended_at
		FROM actions
		WHERE id < ?
		ORDER BY id DESC
		LIMIT ?`, before(beforeID), limited(limit))
}

func scanAction(row scanner) (Action, error) {
	var a Action
	err := row.Scan(&a.ID, at{&a.At}, &a.Actor, &a.Verb, &a.Reason, &a.Selector, &a.Rows, &a.Undo, at{&a.EndedAt})
	return a, err
}

// act does a deed and writes its row in one transaction: it is remembered if and only if it was done. do fills in Rows, and Undo where it
// is not known before.
func (s *Store) act(ctx context.Context, d Deed, do func(tx *sql.Tx, a *Action) error) (Action, error) {
	a := Action{Deed: d, EndedAt: d.At}
	err := s.write(ctx, "deed", d.Verb, func(tx *sql.Tx) error {
		if err := insertAction(tx, &a); err != nil {
			return err
		}
		if err := do(tx, &a); err != nil {
			return err
		}
		return updateAction(tx, a)
	})
	if err != nil {
		return Action{}, err
	}
	return a, nil
}

// actInParts does a deed that changes too many rows for one transaction, because nobody else can write meanwhile. Each part is one
// transaction, and counts its rows; the last one ends the action. A crash in between leaves an action that did not finish, and the parts done.
// part is called until it says that there is no more.
func (s *Store) actInParts(ctx context.Context, d Deed, part func(tx *sql.Tx, a *Action) (more bool, err error)) (Action, error) {
	a := Action{Deed: d}
	for more := true; more; {
		var err error
		if a, more, err = s.actPart(ctx, a, part); err != nil {
			return a, err
		}
	}
	return a, nil
}

// actPart does one part of a deed in one transaction. The first one, of an action without an ID, writes its row; the last one ends it.
func (s *Store) actPart(ctx context.Context, a Action, part func(tx *sql.Tx, a *Action) (more bool, err error)) (after Action, more bool, err error) {
	after = a
	err = s.write(ctx, "deed", a.Verb, func(tx *sql.Tx) (err error) {
		if after.ID == 0 {
			if err := insertAction(tx, &after); err != nil {
				return err
			}
		}
		if more, err = part(tx, &after); err != nil {
			return err
		}
		if !more {
			after.EndedAt = a.At
		}
		return updateAction(tx, after)
	})
	if err != nil {
		return a, false, err
	}
	return after, more, nil
}

func insertAction(tx *sql.Tx, a *Action) error {
	done, err := tx.Exec(`
		INSERT INTO actions (at, actor, verb, reason, selector, rows, undo)
		VALUES (?, ?, ?, ?, ?, 0, ?)`, stamp(a.At), a.Actor, a.Verb, cut(a.Reason), orNull(a.Selector), orNull(a.Undo))
	if err != nil {
		return fmt.Errorf("write the action: %w", err)
	}
	a.ID, err = done.LastInsertId()
	a.Undo = strings.ReplaceAll(a.Undo, ThisAction, strconv.FormatInt(a.ID, 10))
	return err
}

func updateAction(tx *sql.Tx, a Action) error {
	return one(tx, ErrNotFound, `
		UPDATE actions
		SET rows = ?, undo = ?, ended_at = ?
		WHERE id = ?`, a.Rows, orNull(a.Undo), stamp(a.EndedAt), a.ID)
}
