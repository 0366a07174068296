package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// demoLog shows the daemon's own log lines as a person would tell them. It adds nothing: what it cannot tell, it prints as it is.
type demoLog struct {
	zapcore.LevelEnabler
	out io.Writer
}

// oneAtATime lets several goroutines write whole lines to one writer.
type oneAtATime struct {
	mu sync.Mutex // guards w
	w  io.Writer
}

func (o *oneAtATime) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(p)
}

func newDemoLogger(out io.Writer) *zap.Logger {
	return zap.New(demoLog{LevelEnabler: zapcore.InfoLevel, out: out})
}

func (l demoLog) With([]zapcore.Field) zapcore.Core { return l }

func (l demoLog) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if l.Enabled(e.Level) {
		return to.AddCore(e, l)
	}
	return to
}

func (l demoLog) Sync() error { return nil }

func (l demoLog) Write(e zapcore.Entry, fields []zapcore.Field) error {
	enc := zapcore.NewMapObjectEncoder()
	for _, f := range fields {
		f.AddTo(enc)
	}
	_, err := fmt.Fprintf(l.out, "%s  %s\n", clock(), demoLine(e, enc.Fields))
	return err
}

func demoLine(e zapcore.Entry, f map[string]any) string {
	switch e.Message {
	case "page saved":
		then := "caught up"
		if f["more"] == true {
			then = "more to come"
		}
		next, _ := f["next_query_at"].(time.Time)
		return fmt.Sprintf("asked   %s: a page of %d events, %d new, %s; next at %s", f["stream"], f["events"], f["new"], then, next.UTC().Format("15:04:05Z"))
	case "stream starts":
		return fmt.Sprintf("start   stream %s", f["stream"])
	case "query failed":
		return fmt.Sprintf("failed  %s: %s", f["stream"], f["error"])
	}
	return fmt.Sprintf("%-7s %s", e.Level, inert(fmt.Sprint(e.Message)))
}

func clock() string { return time.Now().UTC().Format("15:04:05Z") }
