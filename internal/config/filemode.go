package config

import (
	"fmt"
	"io/fs"
	"strconv"
)

// FileMode is a file's permission bits, written in octal: 0640.
type FileMode fs.FileMode

// UnmarshalText reads three or four octal digits. The owner must be able to read
// and write, others may not write, and nobody may run: the files are data.
func (m *FileMode) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 8, 32)
	if err != nil || len(text) < 3 || len(text) > 4 {
		return fmt.Errorf("%s is not a file mode; write octal digits such as 0640", quote(string(text)))
	}
	if n&0o600 != 0o600 || n&^0o664 != 0 {
		return fmt.Errorf("%s is not a mode for data files; write 0600, 0640 or 0660 "+
			"(or 0644, if every user of this machine may read events)", quote(string(text)))
	}
	*m = FileMode(n)
	return nil
}

// String is the mode in four octal digits.
func (m FileMode) String() string { return fmt.Sprintf("%04o", uint32(m)) }

// MarshalText is String.
func (m FileMode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
