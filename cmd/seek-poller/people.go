package main

import (
	"context"
	"net"
	"net/http"

	"go.uber.org/zap"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
)

// answerPeople opens the admin socket and the port, and answers there until the returned function is called. What cannot be opened is an
// error in the log and no more: that nobody can look must not keep events from coming in.
func (d *daemon) answerPeople(ctx context.Context, a config.Admin) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var parts []func(context.Context) error
	answer := func(l net.Listener, at string, h http.Handler) {
		d.log.Info("answers people", zap.String("at", at))
		parts = append(parts, func(ctx context.Context) error {
			if err := admin.Serve(ctx, l, h); err != nil {
				d.log.Error("people are not answered any more", zap.Error(err))
			}
			return nil
		})
	}
	if l, err := admin.ListenSocket(a.Socket, a.Group); err != nil {
		d.log.Error("the admin socket is not open, so no seek-poller verb reaches this daemon: "+err.Error(), zap.String("socket", a.Socket))
	} else {
		answer(l, a.Socket, d.admin.Socket())
	}
	if a.Listen != "" {
		if l, err := net.Listen("tcp", a.Listen); err != nil {
			d.log.Error("the port for people is not open; set admin.listen to another one, or to \"\": "+err.Error(), zap.String("listen", a.Listen))
		} else {
			answer(l, "http://"+l.Addr().String(), d.admin.Port())
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = together(ctx, parts...)
	}()
	return func() {
		cancel()
		<-done
	}
}
