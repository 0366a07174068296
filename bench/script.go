package main

import "fmt"

// script is how a program in another language is run, or why it cannot be.
type script struct {
	argv []string
	err  error
}

// missing says so in the words of the table; nil: it can be run.
func (s script) missing() error {
	if s.err == nil {
		return nil
	}
	return fmt.Errorf("not installed: %w", s.err)
}
