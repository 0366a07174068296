package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"
)

// TestAtWork: long work is seen to go on, short work says nothing, and nothing is written after the end.
func TestAtWork(t *testing.T) {
	for lasts, want := range map[time.Duration]string{
		4 * time.Second:  "",
		12 * time.Second: "verify: at work for 5s\nverify: at work for 10s\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			cmd, out := new(cobra.Command), new(bytes.Buffer)
			cmd.SetErr(out)
			end := atWork(cmd, "verify")
			time.Sleep(lasts)
			end()
			end()
			time.Sleep(time.Minute)
			if out.String() != want {
				t.Errorf("after %v: %q, want %q", lasts, out, want)
			}
		})
	}
}
