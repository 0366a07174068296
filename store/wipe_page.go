package store

import (
	"bytes"
	"encoding/binary"
)

// The bytes of a page's header, https://sqlite.org/fileformat2.html#b_tree_pages.
const (
	interiorIndex = 0x02
	interiorTable = 0x05
	leafIndex     = 0x0a
	leafTable     = 0x0d

	fileHeader = 100 // before the header of the first page
)

// leftover finds what is not zero in the unused space of a page, between its list of cells and the first cell. from == to: nothing; so it is
// too for a page that is no b-tree page, or in which anything is not as it must be. An overflow page or a free one begins with the number of
// another page, and is not taken for a b-tree page in a file of less than 2^25 pages.
func leftover(page []byte, number int64) (from, to int) {
	if number >= 1<<25 {
		return 0, 0
	}
	header := 0
	if number == 0 {
		header = fileHeader
	}
	cells, begin := unused(page, header)
	if cells == 0 || !sound(page, header, cells, begin) {
		return 0, 0
	}
	gap := page[cells:begin]
	rest := bytes.TrimLeft(gap, "\x00")
	if len(rest) == 0 {
		return 0, 0
	}
	return begin - len(rest), begin - len(rest) + len(bytes.TrimRight(rest, "\x00"))
}

// unused are the end of the list of cells, and where the first cell begins; 0, 0 if the page has no cells.
func unused(page []byte, header int) (cells, begin int) {
	size := 8
	switch page[header] {
	case leafIndex, leafTable:
	case interiorIndex, interiorTable:
		size = 12
	default:
		return 0, 0
	}
	cells = header + size + 2*number16(page, header+3)
	begin = number16(page, header+5)
	if begin == 0 || cells > begin || begin > len(page) {
		return 0, 0
	}
	return cells, begin
}

// sound says that no cell and no free block lies before begin.
func sound(page []byte, header, cells, begin int) bool {
	free := number16(page, header+1)
	if free != 0 && free < begin {
		return false
	}
	for at := cells - 2*number16(page, header+3); at < cells; at += 2 {
		if number16(page, at) < begin {
			return false
		}
	}
	return true
}

func number16(page []byte, at int) int { return int(binary.BigEndian.Uint16(page[at:])) }
