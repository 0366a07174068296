package config_test

import (
	"fmt"
	"strings"
)

// sections are the keys by the section that they are in, in the order of the structs; that of the top is "".
func sections(ks []key) (names []string, in map[string][]key) {
	names, in = []string{""}, map[string][]key{}
	for _, k := range ks {
		section := strings.TrimSuffix(strings.TrimSuffix(k.path, k.name()), ".")
		in[section] = append(in[section], k)
		if k.section {
			names = append(names, k.below())
		}
	}
	return names, in
}

// below is what the keys in a section have before their names.
func (k key) below() string {
	if k.kind == "list of sections" {
		return k.path + "[]"
	}
	return k.path
}

// markdown is the reference as docs/configure.md has it.
func markdown(ks []key) string {
	var b strings.Builder
	names, in := sections(ks)
	about := map[string]string{"": "The sections are explained below."}
	for _, k := range ks {
		if k.section {
			about[k.below()] = k.meaning
		}
	}
	for _, name := range names {
		title := "The top of the file"
		if name != "" {
			title = "`" + name + "`"
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n| key | type | default | limits | meaning | on SIGHUP |\n| --- | --- | --- | --- | --- | --- |\n", title, about[name])
		for _, k := range in[name] {
			fmt.Fprintln(&b, k.row())
		}
	}
	return b.String() + "\n"
}

func (k key) row() string {
	cell := "`" + k.name() + "`"
	if k.variable != "" {
		cell += "<br>`" + k.variable + "`"
	}
	cells := []string{cell, k.kind, k.defaulted("`"), dashed(k.limits), k.meaning, k.reload()}
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |"
}

// defaulted is the default as it is written, between marks.
func (k key) defaulted(mark string) string {
	switch {
	case k.required:
		return "required"
	case k.preset != nil:
		return mark + fmt.Sprint(k.preset) + mark
	case k.section && k.kind != "list of sections":
		return "-"
	}
	return "none"
}

func (k key) reload() string {
	switch {
	case k.section && k.kind != "list of sections":
		return "-"
	case k.restart:
		return "refused: restart"
	}
	return "taken over"
}

func dashed(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
