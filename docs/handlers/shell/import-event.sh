#!/usr/bin/env bash
# Takes events as a program of seek-poller's (exec), on standard input, a line each. Status 0: they are safe. 65: the data is wrong, a
# person has to look, and sees what was said here. Anything else: they come again.
set -euo pipefail
. "$(dirname "$0")/store.sh"

lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
head -c 67108864 >"$lines"
list="'[' || replace(rtrim($input, char(10)), char(10), ',') || ']'" # JSON has no line's end within a text
wrong=$(complaint "$list" '$' <"$lines") || wrong='the events cannot be read'
[ -z "$wrong" ] || { echo "$wrong" >&2; exit 65; }
store "$list" '$' <"$lines"
