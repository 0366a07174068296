package admin

import "sync"

// notice wakes all who wait for the next of something.
type notice struct {
	mu   *sync.Mutex
	next *chan struct{}
}

func newNotice() notice {
	next := make(chan struct{})
	return notice{mu: &sync.Mutex{}, next: &next}
}

// after is closed at the next tell.
func (n notice) after() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return *n.next
}

func (n notice) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(*n.next)
	*n.next = make(chan struct{})
}
