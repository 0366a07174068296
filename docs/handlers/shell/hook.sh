#!/usr/bin/env bash
# Answers one webhook of seek-poller's, on standard input and output: for socat (serve.sh), or a socket unit of systemd with Accept=yes.
# It answers 2xx only when the events are safe. What it says otherwise is shown to whoever looks into the failed delivery.
set -euo pipefail
export LC_ALL=C # bytes, not characters
. "$(dirname "$0")/store.sh"

answer() { # STATUS TEXT
  printf 'HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' "$1" "${#2}" "$2"
  exit
}

digest() { openssl dgst -sha512 "$@"; }

# hmac: of standard input, in lower-case hex, by its definition (RFC 2104). openssl can do it in one step, but takes the key as an argument,
# which everybody on the machine sees with ps.
hmac() {
  local key inner='' outer='' i
  key=$(<"$HANDLER_SECRET_FILE") # without the line's end that editors leave there
  [ "${#key}" -ge 16 ] || return 1
  if [ "${#key}" -gt 128 ]; then key=$(printf %s "$key" | digest -r); key=${key:0:128}; else key=$(printf %s "$key" | od -An -v -tx1); fi
  key=${key//[[:space:]]/}
  for ((i = 0; i < 256; i += 2)); do
    printf -v inner '%s\\x%02x' "$inner" $((16#0${key:i:2} ^ 0x36))
    printf -v outer '%s\\x%02x' "$outer" $((16#0${key:i:2} ^ 0x5c))
  done
  { printf "$inner"; cat; } | digest -binary | { printf "$outer"; cat; } | digest -r
}

# same A B: compares two digests in the same time wherever they differ, so that nobody finds a signature out digit by digit.
same() {
  local i different=0
  [[ $1 =~ ^[0-9a-f]{128}$ && $2 =~ ^[0-9a-f]{128}$ ]] || return
  for ((i = 0; i < 128; i++)); do ((different |= 16#${1:i:1} ^ 16#${2:i:1}, 1)); done
  ((different == 0))
}

read -r -t 30 -n 4096 method path _ || exit
length='' signature=''
while IFS= read -r -t 30 -n 4096 line && line=${line%$'\r'} && [ -n "$line" ]; do
  value=${line#*:} value=${value//[[:space:]]/}
  case ${line%%:*} in
    [Cc]ontent-[Ll]ength) length=$value ;;
    [Ss]eek-[Ss]ignature) signature=$value ;;
  esac
done
[ "$method $path" = 'POST /seek' ] || answer '404 Not Found' 'events are sent with POST to /seek'
[[ $length =~ ^[0-9]{1,7}$ ]] && ((10#$length <= 1048576)) || answer '413 Content Too Large' 'the body has no Content-Length, or is larger than 1 MiB'

body=$(mktemp)
trap 'rm -f "$body"' EXIT
timeout 30 head -c "$length" >"$body"
# The body as it came, before anything trusts it enough to parse it.
want=$(hmac <"$body") || answer '503 Service Unavailable' 'the secret cannot be read, or is shorter than 16 bytes'
same "$signature" "${want:0:128}" || answer '401 Unauthorized' 'Seek-Signature does not fit the body'
wrong=$(complaint "$input" '$.events' <"$body") || wrong='the events cannot be read'
[ -z "$wrong" ] || answer '400 Bad Request' "$wrong"
store "$input" '$.events' <"$body" || answer '503 Service Unavailable' 'the events cannot be stored now'
answer '200 OK' ''
