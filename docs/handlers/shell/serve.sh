#!/usr/bin/env bash
# The webhook and the worker beside each other, until SIGTERM. A socket unit and a service of systemd do the same.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
stopping=''
"$here/profiles.sh" &
socat -T 60 "TCP-LISTEN:${HANDLER_LISTEN##*:},bind=${HANDLER_LISTEN%:*},reuseaddr,fork,max-children=16" "EXEC:$here/hook.sh" &
trap 'stopping=yes; kill $(jobs -p) || true' TERM INT
wait -n || true
[ -n "$stopping" ] || { kill $(jobs -p) || true; exit 1; } # neither ends by itself
wait || true
