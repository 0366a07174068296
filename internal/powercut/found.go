package powercut

import (
	"maps"
	"path"
	"slices"
)

// image is the disk with what is durable, and what c keeps of the rest.
func (d *disk) image(c choice) Image {
	copies := map[*node]map[string]*node{}
	names := func(dir *node) map[string]*node {
		if copies[dir] == nil {
			copies[dir] = maps.Clone(dir.synced)
		}
		return copies[dir]
	}
	for _, l := range d.links {
		if c.keep(l.op, nil, 0) {
			l.change(names)
		}
	}
	m := Image{Files: map[string][]byte{}}
	var walk func(at string, n *node)
	walk = func(at string, n *node) {
		if n.names == nil {
			m.Files[at] = n.content(c)
			return
		}
		m.Dirs = append(m.Dirs, at)
		for _, name := range slices.Sorted(maps.Keys(names(n))) {
			walk(path.Join(at, name), names(n)[name])
		}
	}
	walk(".", d.root)
	return m
}

// content is the file with what is durable, and what c keeps of the rest.
func (n *node) content(c choice) []byte {
	content := slices.Clone(n.durable)
	resize := func(size int64) {
		if grow := size - int64(len(content)); grow > 0 {
			content = append(content, make([]byte, grow)...)
		}
		content = content[:size]
	}
	for _, w := range n.writes {
		if w.data == nil {
			if c.keep(w.op, n, -1) {
				resize(w.offset)
			}
			continue
		}
		for from, end := w.offset, w.offset+int64(len(w.data)); from < end; {
			block, to := int64(0), end
			if c.grain > 0 {
				block = from / c.grain
				to = min(end, (block+1)*c.grain)
			}
			if c.keep(w.op, n, block) {
				resize(max(int64(len(content)), to))
				copy(content[from:to], w.data[from-w.offset:])
			}
			from = to
		}
	}
	return content
}
