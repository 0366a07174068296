package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"
)

const mostConfig = 1 << 20 // bytes; far above any real file

// read gives the root mapping of the file, or nil after saying why there is none.
func (l *loader) read() *yaml.Node {
	text, err := readSmall(l.file, mostConfig)
	if err != nil {
		remedy := "give the path of a file made from config.example.yaml"
		if errors.Is(err, errForbidden) {
			remedy = "run as a user who may, such as the daemon's (sudo -u), or join the file's group"
		}
		l.problem("", "%v; %s", err, remedy)
		return nil
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		l.problem("", "is UTF-16, as some editors write; save it as UTF-8")
		return nil
	}
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(text))
	err = dec.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		l.problem("", "is empty; start from config.example.yaml")
		return nil
	case err != nil:
		l.syntax(text, err)
		return nil
	}
	if !l.single(dec, text) {
		return nil
	}
	return l.root(&doc)
}

// single complains about what follows the first document: YAML readers stop
// there, so the rest would be ignored in silence.
func (l *loader) single(dec *yaml.Decoder, text []byte) bool {
	var second yaml.Node
	err := dec.Decode(&second)
	switch {
	case err == nil:
		l.add(second.Line, "", "a second YAML document begins here; keep one, and remove the line with ---")
	case !errors.Is(err, io.EOF):
		l.syntax(text, err)
	default:
		return true
	}
	return false
}

func (l *loader) root(doc *yaml.Node) *yaml.Node {
	root := doc.Content[0]
	switch {
	case isNull(root):
		l.problem("", "is empty; start from config.example.yaml")
		return nil
	case root.Kind != yaml.MappingNode:
		l.add(root.Line, "", "is %s; write keys at the left margin, such as seek: and streams:", kindOf(root))
		return nil
	}
	return root
}

// add is a complaint about a line rather than about a key that was accepted.
func (l *loader) add(line int, path, format string, args ...any) {
	l.problems = append(l.problems, Problem{File: l.file, Line: line, Key: path, Message: fmt.Sprintf(format, args...)})
}

// readSmall reads a regular file of at most most bytes. O_NONBLOCK keeps it from
// waiting for the writer of a pipe. Its errors do not repeat the path: they go on where a
// sentence named the file.
func readSmall(path string, most int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("is a directory")
	}
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("is larger than %d KiB", most>>10)
	}
	return text, nil
}

var (
	errMissing   = errors.New("does not exist")
	errForbidden = errors.New("may not be read by this user")
)

func withoutPath(err error) error {
	var pe *os.PathError
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errMissing
	case errors.Is(err, os.ErrPermission):
		return errForbidden
	case errors.As(err, &pe):
		return fmt.Errorf("cannot be read (%w)", pe.Err)
	}
	return err
}

var (
	yamlLine = regexp.MustCompile(`line (\d+): (.*)`)
	// yaml.v3 gives no line for this one. The name is used to find it, never shown.
	unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
	tabbed        = regexp.MustCompile(`(?m)^ *\t\s*[^\s#]`)
)

// syntax says where YAML cannot be read, and for the usual slips what to do.
// yaml.v3 repeats the file's text only when it speaks of an anchor, and such a
// text may be a password that begins with an asterisk.
func (l *loader) syntax(text []byte, err error) {
	line, what := 0, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(what); m != nil {
		line, _ = strconv.Atoi(m[1])
		what = m[2]
	}
	if at := tabbed.FindIndex(text); at != nil {
		l.add(lineAt(text, at[0]), "", "is indented with a tab; use spaces")
		return
	}
	if m := unknownAnchor.FindStringSubmatch(what); m != nil {
		line = lineAt(text, bytes.Index(text, []byte("*"+m[1])))
	}
	switch {
	case strings.Contains(what, "anchor"), strings.Contains(what, "alphabetic or numeric"):
		l.add(line, "", `a value here begins with * or &; put it in quotes, such as "*/15 * * * *"`)
	case strings.Contains(what, "cannot start any token"):
		l.add(line, "", `a value here begins with @, %% or a backquote; put it in quotes, such as "@every 15m"`)
	default:
		l.add(line, "", "is not YAML (%s); look here and at the line above: indentation, a space after each colon, closing quotes and brackets", what)
	}
}

func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:max(0, offset)], []byte("\n"))
}
