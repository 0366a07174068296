package powercut

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// parser makes ops of what strace printed with -y and -xx: paths and data in hexadecimal, so that no comma or quote is part of them.
type parser struct {
	dir, notes string
	begun      map[string]string // by process: a call that another one's line came into
	places     map[string]int64  // by descriptor, for write; -1: it appends
	ops        []Op
}

func parse(text, dir, notes string) ([]Op, error) {
	p := &parser{dir: dir, notes: notes, begun: map[string]string{}, places: map[string]int64{}}
	for line := range strings.Lines(text) {
		pid, call, _ := strings.Cut(strings.TrimSpace(line), " ")
		call = strings.TrimLeft(call, " ")
		if start, ok := strings.CutSuffix(call, "<unfinished ...>"); ok {
			p.begun[pid] = strings.TrimRight(start, " ")
			p.closing(start)
			continue
		}
		if _, rest, ok := strings.Cut(call, " resumed>"); ok && strings.HasPrefix(call, "<... ") {
			call = p.begun[pid] + rest
		} else {
			p.closing(call)
		}
		if err := p.call(call); err != nil {
			return nil, fmt.Errorf("%w: %.200s", err, call)
		}
	}
	return p.ops, nil
}

// closing forgets a descriptor when its close begins: before that ends, another thread may have been given it anew.
func (p *parser) closing(call string) {
	if args, ok := strings.CutPrefix(call, "close("); ok {
		delete(p.places, descriptor(args))
	}
}

// call takes one whole line. Signals, ends of processes and calls that failed are passed over.
func (p *parser) call(line string) error {
	end := strings.LastIndex(line, " = ")
	name, _, ok := strings.Cut(line, "(")
	if !ok || end < 0 || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "+++") {
		return nil
	}
	number, _, _ := strings.Cut(line[end+3:], "<")
	number, _, _ = strings.Cut(number, " ")
	result, err := strconv.ParseInt(number, 10, 64)
	if err != nil || result < 0 {
		return nil
	}
	args := strings.TrimRight(strings.TrimSuffix(strings.TrimRight(line[len(name)+1:end], " "), ")"), " ")
	return p.take(name, strings.Split(args, ", "), result)
}

// take knows the calls. Those by descriptor have its path from strace.
func (p *parser) take(name string, args []string, result int64) error {
	switch name {
	case "openat":
		return p.open(args, result)
	case "mkdir", "unlink", "rmdir", "rename":
		return p.named(name, args)
	case "mkdirat", "unlinkat":
		return p.named(strings.TrimSuffix(name, "at"), []string{at(args[0], args[1])})
	case "renameat", "renameat2":
		return p.named("rename", []string{at(args[0], args[1]), at(args[2], args[3])})
	case "close":
		return nil
	case "lseek":
		p.places[descriptor(args[0])] = result
		return nil
	}
	path, there := p.below(opened(args[0]))
	if name == "write" && opened(args[0]) == p.notes {
		return p.add(Op{Call: Note, Data: unhex(args[1])})
	}
	if !there || strings.HasSuffix(args[0], "(deleted)") {
		return p.unknown(name, args)
	}
	switch name {
	case "pwrite64":
		offset, err := strconv.ParseInt(args[3], 10, 64)
		if err != nil {
			return err
		}
		return p.write(path, args[1], result, offset)
	case "write":
		offset, known := p.places[descriptor(args[0])]
		if !known {
			return fmt.Errorf("a copied descriptor, which is not modelled")
		}
		if offset >= 0 {
			p.places[descriptor(args[0])] += result
		}
		return p.write(path, args[1], result, offset)
	case "ftruncate":
		size, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil {
			return err
		}
		return p.add(Op{Call: Truncate, Path: path, Offset: size})
	case "fsync", "fdatasync":
		return p.add(Op{Call: Sync, Path: path})
	}
	return fmt.Errorf("a call that is not modelled")
}

// unknown passes over calls that are about other files.
func (p *parser) unknown(name string, args []string) error {
	switch name {
	case "write", "pwrite64", "ftruncate", "fsync", "fdatasync":
		return nil
	}
	for _, arg := range args {
		if _, there := p.below(opened(arg)); there {
			return fmt.Errorf("a call that is not modelled")
		}
		if _, there := p.below(text(arg)); there {
			return fmt.Errorf("a call that is not modelled")
		}
	}
	return nil
}

func (p *parser) open(args []string, fd int64) error {
	path, there := p.below(opened(args[0]), text(args[1]))
	flags := "|" + args[2] + "|"
	place := int64(0)
	if strings.Contains(flags, "|O_APPEND|") {
		place = -1
	}
	p.places[strconv.FormatInt(fd, 10)] = place
	if !there {
		return nil
	}
	if strings.Contains(flags, "|O_CREAT|") {
		if err := p.add(Op{Call: Create, Path: path}); err != nil {
			return err
		}
	}
	if strings.Contains(flags, "|O_TRUNC|") {
		return p.add(Op{Call: Truncate, Path: path})
	}
	return nil
}

func (p *parser) named(name string, args []string) error {
	path, there := p.below(text(args[0]))
	op := Op{Path: path}
	switch name {
	case "mkdir":
		op.Call = Mkdir
	case "unlink", "rmdir":
		op.Call = Remove
	case "rename":
		to, alsoThere := p.below(text(args[1]))
		if there != alsoThere {
			return fmt.Errorf("a rename into or out of what is recorded")
		}
		op.Call, op.To = Rename, to
	}
	if !there {
		return nil
	}
	return p.add(op)
}

func (p *parser) write(path, data string, written, offset int64) error {
	bytes := unhex(data)
	if int64(len(bytes)) < written {
		return fmt.Errorf("not all that was written was recorded")
	}
	return p.add(Op{Call: Write, Path: path, Offset: offset, Data: bytes[:written]})
}

// add leaves out SQLite's shared memory, which is never synced and is made anew by whoever opens the database first.
func (p *parser) add(op Op) error {
	if !strings.HasSuffix(op.Path, "-shm") {
		p.ops = append(p.ops, op)
	}
	return nil
}

// below is the path, from its last absolute part on, as one below dir.
func (p *parser) below(parts ...string) (string, bool) {
	path := ""
	for _, part := range parts {
		if filepath.IsAbs(part) {
			path = part
		} else {
			path = filepath.Join(path, part)
		}
	}
	rest, there := strings.CutPrefix(path, p.dir)
	if !there || rest != "" && rest[0] != '/' {
		return "", false
	}
	return filepath.Join(".", rest), true
}
