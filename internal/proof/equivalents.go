package main

// change is a mutation by its words: the file, the line as it was, and what was done to it.
type change struct{ file, was, what string }

// equivalents are changes that a person has looked at, and after which the room does the same, or the same with other words in the log or at another speed.
// docs/proof.md has them too.
var equivalents = []equivalent{}

type equivalent struct {
	change
	why string
}
