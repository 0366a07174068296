package powercut

import "fmt"

// Call is what an Op does.
type Call int

// The calls.
const (
	Nothing  Call = iota // nothing any more
	Create               // a file, unless it is there
	Mkdir                //
	Write                // Data at Offset; at the end if that is below 0
	Truncate             // to Offset
	Sync                 // a file or a directory
	Rename               // to To
	Remove               //
	Note                 // Data was noted: what the process holds for done
)

// Op is one call that succeeded. Paths are below the directory that was recorded; "." is that itself.
type Op struct {
	Call     Call
	Path, To string
	Offset   int64
	Data     []byte
}

func (o Op) String() string {
	name := []string{"nothing", "create", "mkdir", "write", "truncate", "sync", "rename", "remove", "note"}[o.Call]
	return fmt.Sprintf("%s %s%s at %d, %d bytes", name, o.Path, o.To, o.Offset, len(o.Data))
}
