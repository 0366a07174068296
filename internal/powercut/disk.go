package powercut

import (
	"fmt"
	"path"
	"slices"
)

// disk is what is on it for certain, and what may be.
type disk struct {
	root  *node
	links []link // changes of names that are not synced, in order
}

// node is a file or a directory, whatever it is called.
type node struct {
	names   map[string]*node // of a directory, as the process sees it; nil for a file
	synced  map[string]*node // of those, what is durable
	durable []byte           // of a file
	writes  []write          // that are not synced, in order
}

// write is one to a file; without data it cuts the file to the length offset.
type write struct {
	op     int
	offset int64
	data   []byte
}

// link is a change of names: child gets one, loses one, or both at once.
type link struct {
	op       int
	child    *node
	from, to *node // directories; nil: none
	old, new string
}

func (l link) change(names func(dir *node) map[string]*node) {
	if l.from != nil {
		delete(names(l.from), l.old)
	}
	if l.to != nil {
		names(l.to)[l.new] = l.child
	}
}

func newDir() *node { return &node{names: map[string]*node{}, synced: map[string]*node{}} }

// newDisk is a disk on which everything of the image is durable.
func newDisk(m Image) *disk {
	d := &disk{root: newDir()}
	for _, name := range m.Dirs {
		if name != "." {
			dir := newDir()
			d.dir(name).names[path.Base(name)], d.dir(name).synced[path.Base(name)] = dir, dir
		}
	}
	for name, content := range m.Files {
		file := &node{durable: slices.Clone(content)}
		d.dir(name).names[path.Base(name)], d.dir(name).synced[path.Base(name)] = file, file
	}
	return d
}

// find is what the process sees at the path; nil: nothing.
func (d *disk) find(name string) *node {
	if name == "." {
		return d.root
	}
	dir := d.find(path.Dir(name))
	if dir == nil {
		return nil
	}
	return dir.names[path.Base(name)]
}

// dir is the directory that the path is in.
func (d *disk) dir(name string) *node { return d.find(path.Dir(name)) }

// apply does the op numbered i.
func (d *disk) apply(i int, op Op) error {
	n := d.find(op.Path)
	switch op.Call {
	case Nothing, Note:
		return nil
	case Create, Mkdir:
		if n == nil {
			child := &node{}
			if op.Call == Mkdir {
				child = newDir()
			}
			d.link(link{op: i, child: child, to: d.dir(op.Path), new: path.Base(op.Path)})
		}
		return nil
	}
	if n == nil {
		return fmt.Errorf("op %d, %v: there is no such file", i, op)
	}
	switch op.Call {
	case Rename:
		d.link(link{op: i, child: n, from: d.dir(op.Path), old: path.Base(op.Path), to: d.dir(op.To), new: path.Base(op.To)})
	case Remove:
		d.link(link{op: i, child: n, from: d.dir(op.Path), old: path.Base(op.Path)})
	case Write, Truncate:
		n.write(i, op)
	case Sync:
		d.sync(n)
	}
	return nil
}

func (d *disk) link(l link) {
	l.change(func(dir *node) map[string]*node { return dir.names })
	d.links = append(d.links, l)
}

func (n *node) write(i int, op Op) {
	if op.Offset < 0 {
		op.Offset = int64(len(n.content(everything)))
	}
	n.writes = append(n.writes, write{op: i, offset: op.Offset, data: op.Data})
}

func (d *disk) sync(n *node) {
	if n.names == nil {
		n.durable, n.writes = n.content(everything), nil
		return
	}
	var synced, rest []link
	for _, l := range d.links {
		if l.from == n || l.to == n {
			synced = append(synced, l)
		} else {
			rest = append(rest, l)
		}
	}
	// An earlier name of a file whose rename is durable does not come back.
	for _, l := range rest {
		if slices.ContainsFunc(synced, func(s link) bool { return s.child == l.child && s.op > l.op }) {
			synced = append(synced, l)
		}
	}
	slices.SortFunc(synced, func(a, b link) int { return a.op - b.op })
	for _, l := range synced {
		l.change(func(dir *node) map[string]*node { return dir.synced })
	}
	d.links = slices.DeleteFunc(d.links, func(l link) bool {
		return slices.ContainsFunc(synced, func(s link) bool { return s.op == l.op })
	})
}

// pending are the ops that are not synced, in order.
func (d *disk) pending() (ops []int) {
	for _, l := range d.links {
		ops = append(ops, l.op)
	}
	seen := map[*node]bool{}
	var walk func(n *node)
	walk = func(n *node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, w := range n.writes {
			ops = append(ops, w.op)
		}
		for _, child := range n.names {
			walk(child)
		}
		for _, child := range n.synced {
			walk(child)
		}
	}
	walk(d.root)
	slices.Sort(ops)
	return ops
}
