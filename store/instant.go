package store

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Instant is one reading of the machine's clocks.
type Instant struct {
	Wall   time.Time     // UTC; for people, never for a wait
	Boot   time.Duration // CLOCK_BOOTTIME: since boot, time of suspend included
	BootID string        // the kernel's id of this boot; "" if it has none
}

// ReadClock reads the real clocks: the boot clock by clock_gettime(2) and the boot id from /proc/sys/kernel/random/boot_id (random(4)).
// A machine without either gets an empty BootID, which Open refuses: no wait could be proven.
func ReadClock() Instant {
	now := Instant{Wall: time.Now().UTC()}
	var boot unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil {
		return now
	}
	now.Boot = time.Duration(boot.Nano())
	if id, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		now.BootID = strings.TrimSpace(string(id))
	}
	return now
}

// Elapsed is the time that has provably passed from i to now; it is never negative. Within one boot that is the difference of the boot clocks.
// Across boots nothing is known but the time since started, the process's first reading: a wall clock proves nothing over a reboot,
// a moved disk or a resumed snapshot.
func (i Instant) Elapsed(now, started Instant) time.Duration {
	switch {
	case now.BootID == "":
		return 0
	case i.BootID == now.BootID:
		return max(0, now.Boot-i.Boot)
	case started.BootID == now.BootID:
		return max(0, now.Boot-started.Boot)
	}
	return 0
}

// floorMS and ceilMS bring a duration to the milliseconds of the ledger. What begins a wait is rounded up and what ends it down,
// so that rounding never shortens it.
func floorMS(d time.Duration) int64 { return d.Milliseconds() }

func ceilMS(d time.Duration) int64 {
	ms := d.Milliseconds()
	if d > time.Duration(ms)*time.Millisecond {
		ms++
	}
	return ms
}

func fromMS(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }
