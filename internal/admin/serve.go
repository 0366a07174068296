package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os/user"
	"strconv"
	"time"

	"golang.org/x/net/netutil"
	"golang.org/x/sys/unix"
)

// limits say what one client may cost.
type limits struct {
	connections int
	arrive      time.Duration // for a request to arrive
	answer      time.Duration // for an answer to be made and taken; the feed and deeds set their own
	idle        time.Duration // between two requests
}

const (
	longest     = 15 * time.Second
	longestDeed = time.Hour // a deed may change millions of rows
)

func usual() limits {
	return limits{connections: 64, arrive: 10 * time.Second, answer: longest, idle: 30 * time.Second}
}

// Serve answers on one listener until ctx ends, and then lets the answers in hand finish for a while. A slow client can hold one of 64
// connections for a few seconds and nothing else. The listener is closed.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	return serve(ctx, l, h, usual())
}

func serve(ctx context.Context, l net.Listener, h http.Handler, most limits) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: most.arrive, ReadTimeout: most.arrive, WriteTimeout: most.answer, IdleTimeout: most.idle, MaxHeaderBytes: mostHeader,
		DisableGeneralOptionsHandler: true,                       // it would answer OPTIONS * without our headers
		ErrorLog:                     log.New(io.Discard, "", 0), // what a client does wrong is its own affair
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), endingKey{}, ctx.Done())
		},
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, peerKey{}, c.RemoteAddr())
		},
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(netutil.LimitListener(peers{l}, most.connections)) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		server.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

type endingKey struct{}

// ending is closed once the server is told to end: who only waits, then waits no more. nil inside the process.
func ending(ctx context.Context) <-chan struct{} {
	c, _ := ctx.Value(endingKey{}).(<-chan struct{})
	return c
}

// peers puts on each connection of a unix socket who is at its other end.
type peers struct{ net.Listener }

func (l peers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return identified{c, peer{c.RemoteAddr(), peerOf(c)}}, nil
}

type identified struct {
	net.Conn
	peer peer
}

func (c identified) RemoteAddr() net.Addr { return c.peer }

// peer is an address and who is there.
type peer struct {
	net.Addr
	uid int // -1: the connection does not say
}

// peerOf asks the kernel (SO_PEERCRED, unix(7)).
func peerOf(c net.Conn) int {
	conn, ok := c.(*net.UnixConn)
	if !ok {
		return -1
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1
	}
	var cred *unix.Ucred
	var asked error
	err = raw.Control(func(fd uintptr) { cred, asked = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err != nil || asked != nil {
		return -1
	}
	return int(cred.Uid)
}

type peerKey struct{}

// UserName is a user as the record names people: "anna (uid 1000)".
func UserName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return fmt.Sprintf("%s (uid %d)", u.Username, uid)
	}
	return fmt.Sprintf("uid %d", uid)
}

// actorOf is who asked.
func actorOf(ctx context.Context) string {
	if d := doorOf(ctx); d.actor != "" {
		return d.actor
	}
	// The name is looked up here and not for each connection: where users are kept on another machine it may take its time.
	if p, ok := ctx.Value(peerKey{}).(peer); ok && p.uid >= 0 {
		return UserName(p.uid)
	}
	return "unknown"
}
