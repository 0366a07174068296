#!/usr/bin/env bash
# Goes through what is due, one profile after the other, beside the requests and never in one: seek-poller waits for an answer, and SEEK
# may take its time. All that it knows is in the table, so it may be killed anywhere: it asks SEEK once more then.
set -euo pipefail
. "$(dirname "$0")/store.sh"
trap 'exit 0' TERM INT

session=$(</proc/sys/kernel/random/uuid)
answer=$HANDLER_DATABASE.answer # of SEEK, until it is in the table: one file, so that a kill leaves no more than one
token='' expires=0

# Select what you show, and no more. SEEK's schema has more to offer: https://developer.seek.com/schema/query/candidateProfile
question='query ($id: String!) { candidateProfile(id: $id) { profileId { value } createDateTime
  candidate { documentId { value } person { name { formattedName } communication { email { address } phone { formattedNumber } } } }
  attachments { seekRoleCode url } } }'

# post URL HEADERS: sends the JSON on standard input. Headers go through a pipe: an argument is for everybody to see with ps. curl follows no
# redirect by itself; one would take token or secret to who knows where. The User-Agent is yours: SEEK wants to know who asks.
post() {
  curl --silent --show-error --max-time 30 --max-filesize 1048576 --config <(printf '%s\n' "$2") \
    --user-agent 'example-handler/1.0' --header 'Content-Type: application/json' --data-binary @- --output "$answer" "$1"
}

# renew: gets a token. How long it lives is said each time, and may change.
renew() {
  local asked=$SECONDS
  jq -n --rawfile secret "$SEEK_CLIENT_SECRET_FILE" '{audience: env.SEEK_AUDIENCE, client_id: env.SEEK_CLIENT_ID,
    client_secret: ($secret | sub("[\r\n]+$"; "")), grant_type: "client_credentials"}' | post "$SEEK_TOKEN_URL" '' || return
  token=$(jq -r '.access_token // ""' "$answer") || return
  expires=$((asked + $(jq '.expires_in // 0 | floor' "$answer") - 60))
  [ -n "$token" ] || { echo "SEEK gave no token; look at the client's credentials" >&2; return 1; }
}

# verdict: SEEK's last word, which is stored, gone or refused, or else the code of its error.
verdict() {
  sqlite3 -batch -bail :memory: "WITH given(a) AS (SELECT $input) SELECT CASE
    WHEN NOT json_valid(a) THEN 'no JSON'
    WHEN json_type(a, '$.data.candidateProfile') = 'object' THEN 'stored'
    WHEN json_type(a, '$.data.candidateProfile') = 'null' AND json_type(a, '$.errors') IS NULL THEN 'gone' -- deleted, or too old
    WHEN a ->> '$.errors[0].extensions.code' IN ('FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT')
      THEN 'refused: ' || (a ->> '$.errors[0].extensions.code') -- asking again does not help
    ELSE coalesce(a ->> '$.errors[0].extensions.code', 'no profile') END FROM given" <"$answer"
}

# ask BODY: leaves the answer in its file, and its verdict in $outcome. UNAUTHENTICATED may mean that the token has ended: it is asked
# again with a new one, once.
ask() {
  for _ in 1 2; do
    if [ -z "$token" ] || ((SECONDS > expires)); then renew || return; fi
    post "$SEEK_ENDPOINT" "header = \"Authorization: Bearer $token\"
header = \"Accept-Language: en-AU\"
header = \"X-Request-Id: $(</proc/sys/kernel/random/uuid)\"
header = \"X-Session-Id: $session\"" <<<"$1" || return
    outcome=$(verdict) || return
    [ "$outcome" = UNAUTHENTICATED ] || return 0
    token=''
  done
}

# next: asks for the profile that has been due longest. One that SEEK does not answer is put off, so that it does not stand in the way.
next() {
  local found row body outcome='no answer'
  found=$(sql "SELECT rowid, json_object('query', '$question', 'variables', json_object('id', profile_id))
    FROM profiles WHERE due <= unixepoch() ORDER BY due LIMIT 1")
  [ -n "$found" ] || { sleep 2; return; }
  IFS=$'\t' read -r row body <<<"$found"
  ask "$body" || true
  case $outcome in
    stored | gone | 'refused: '*)
      sql "UPDATE profiles SET due = NULL, outcome = '$outcome', profile = json_extract($input, '$.data.candidateProfile') WHERE rowid = $row" <"$answer" ;;
    *)
      echo "a profile is asked for again later: ${outcome:0:100}" >&2
      sql "UPDATE profiles SET due = unixepoch() + min(5 << min(tries, 10), 3600), tries = tries + 1 WHERE rowid = $row"
      sleep 5 ;;
  esac
}

until sql "$schema"; do sleep 5; done # somebody else may hold the database
while true; do next || sleep 5; done
