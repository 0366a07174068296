package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"
)

const betweenSigns = 5 * time.Second

// atWork shows on stderr, every few seconds until the end is called, that a verb on a large database goes on. Whoever gets an answer at once never
// sees it. The end returns after the last line is written.
func atWork(cmd *cobra.Command, what string) (end func()) {
	ended, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		showWork(cmd.ErrOrStderr(), what, ended)
	}()
	return sync.OnceFunc(func() {
		close(ended)
		<-stopped
	})
}

func showWork(w io.Writer, what string, ended <-chan struct{}) {
	begun := time.Now()
	signs := time.NewTicker(betweenSigns)
	defer signs.Stop()
	for {
		select {
		case <-ended:
			return
		case <-signs.C:
			fmt.Fprintf(w, "%s: at work for %s\n", what, time.Since(begun).Round(time.Second))
		}
	}
}
