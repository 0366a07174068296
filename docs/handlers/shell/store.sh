# What the scripts share: the table, and the one transaction that stores events. SQLite 3.38 or newer.
umask 077 # the database holds personal data

# The id is what makes the second delivery of an event do nothing. The profiles are the work; profiles.sh does it.
schema="
CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, type TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS profiles (
  profile_id TEXT NOT NULL,
  event_id   TEXT NOT NULL REFERENCES events,
  hirer_id   TEXT,                        -- who may see the profile: nobody else's software may show it
  due        INTEGER,                     -- when to ask SEEK, in Unix seconds; NULL: never again
  tries      INTEGER NOT NULL DEFAULT 0,
  outcome    TEXT,                        -- stored, gone, or refused and SEEK's code
  profile    TEXT                         -- what SEEK answered: personal data
);
CREATE INDEX IF NOT EXISTS profiles_due ON profiles (due);"

# The file on standard input, as SQL sees it: what is in it never becomes a part of a statement.
input="CAST(readfile('/dev/stdin') AS TEXT)"

sql() { # STATEMENTS
  sqlite3 -batch -bail -separator $'\t' -cmd '.timeout 5000' "$HANDLER_DATABASE" "$1"
}

# complaint JSON PATH: what is wrong with the events there, or nothing. It quotes nothing of them, and asks for no more than it needs:
# types that nobody has heard of yet are events too.
complaint() {
  sqlite3 -batch -bail :memory: "SELECT CASE
    WHEN NOT json_valid($1) THEN 'this is not JSON'
    WHEN json_type($1, '$2') IS NOT 'array' OR json_array_length($1, '$2') = 0 THEN 'there is no list of events'
    WHEN EXISTS (SELECT 1 FROM json_each($1, '$2') WHERE CASE type WHEN 'object'
      THEN json_type(value, '$.id') IS NOT 'text' OR json_type(value, '$.type') IS NOT 'text' OR '' IN (value ->> '$.id', value ->> '$.type')
      ELSE true END) THEN 'an event has no id or no type'
    END"
}

# store JSON PATH: one transaction for all of them, the events and the work that they make. Whatever happens before its commit, the
# events come again; after it they may come again too, and then make no work.
store() {
  sql "$schema
    CREATE TEMP TABLE incoming AS
      SELECT value ->> '$.id' AS id, value ->> '$.type' AS type, value ->> '$.hirerId' AS hirer, value AS body,
        coalesce(value ->> '$.candidateApplicationProfileId', value ->> '$.candidateProfileId',
          value ->> '$.identifiers.candidateApplicationProfileId', value ->> '$.identifiers.candidateProfileId') AS profile
      FROM json_each($1, '$2') GROUP BY 1;
    BEGIN IMMEDIATE;
    INSERT INTO profiles (profile_id, event_id, hirer_id, due)
      SELECT profile, id, hirer, 0 FROM incoming WHERE profile IS NOT NULL AND id NOT IN (SELECT id FROM events);
    INSERT INTO events SELECT id, type, body FROM incoming WHERE true ON CONFLICT DO NOTHING;
    COMMIT;"
}
