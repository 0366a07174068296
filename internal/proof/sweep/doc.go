// Package sweep kills the store, or fails its disk, at every single system call that writes, and looks at what is left. It has no code of its own but tests.
//
// One test binary plays three parts: the driver, a process of its own that works on a database and dies of what strace does to it; the healthy
// process that comes after; and the judge, who reads the file with SQLite alone. docs/proof.md says what is shown.
package sweep
