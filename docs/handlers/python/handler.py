#!/usr/bin/env python3
"""A receiver of seek-poller's webhooks, to begin with: it stores each event once, and afterwards asks SEEK for the candidate
profiles that the events name. Standard library only, Python 3.9 or newer. docs/receive.md says how to run it, and what is in
the environment.
"""
import contextlib, hashlib, hmac, http.server, json, os, signal, sqlite3, sys, threading, time, urllib.error, urllib.request, uuid

# The id is what makes the second delivery of an event do nothing. The profiles are the work.
SCHEMA = """
PRAGMA journal_mode = WAL;
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
CREATE INDEX IF NOT EXISTS profiles_due ON profiles (due);
"""


def secret(variable):
    """The file that a variable names, without the line's end that editors leave there."""
    with open(os.environ[variable], "rb") as file:
        return file.read().rstrip(b"\r\n")


@contextlib.contextmanager
def database():
    """A connection for one transaction: committed at the end, rolled back by an exception."""
    db = sqlite3.connect(os.environ["HANDLER_DATABASE"], timeout=5)
    try:
        db.execute("PRAGMA synchronous = FULL")  # what was answered with 2xx outlives a power cut
        with db:
            yield db
    finally:
        db.close()


def parse(body):
    """The events of a body. It asks for no more than it needs: types that nobody has heard of yet are events too. The errors quote
    nothing of the body."""
    try:
        events = json.loads(body)["events"]
        if not isinstance(events, list) or not events:
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("the body is not JSON with a list of events") from None
    for event in events:
        if not isinstance(event, dict) or not all(isinstance(event.get(key), str) and event[key] for key in ("id", "type")):
            raise ValueError("an event has no id or no type")
    return events


def store(events):
    """One transaction for the whole request: the events and the work that they make. Whatever happens before its commit, the events
    come again; after it they may come again too, and then make no work."""
    with database() as db:
        for event in events:
            fresh = db.execute("INSERT INTO events VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (event["id"], event["type"], json.dumps(event))).rowcount
            profile = event.get("candidateApplicationProfileId") or event.get("candidateProfileId")
            if fresh and profile:
                db.execute("INSERT INTO profiles (profile_id, event_id, hirer_id, due) VALUES (?, ?, ?, 0)", (profile, event["id"], event.get("hirerId")))


class Receiver(http.server.BaseHTTPRequestHandler):
    timeout = 30  # seconds; nobody holds a thread for ever

    def do_POST(self):
        self.answer(*self.receive())

    def receive(self):
        """The answer: 2xx only when the events are safe. What it says otherwise is shown to whoever looks into the failed delivery."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/seek":
            return 404, "events go to /seek"
        if not length.isdecimal() or int(length) > 1 << 20:
            return 413, "the body has no Content-Length, or is larger than 1 MiB"
        body = self.rfile.read(int(length))
        # The body as it came, before anything trusts it enough to parse it. compare_digest takes the same time whatever it is given, so
        # that nobody finds a signature out digit by digit.
        signature = hmac.new(WEBHOOK_SECRET, body, hashlib.sha512).hexdigest()
        if not hmac.compare_digest(signature.encode(), self.headers.get("Seek-Signature", "").encode("utf-8", "replace")):
            return 401, "Seek-Signature does not fit the body"
        try:
            store(parse(body))
        except ValueError as error:
            return 400, str(error)
        except sqlite3.Error as error:
            print("events are not stored:", error, file=sys.stderr, flush=True)
            return 503, "the events cannot be stored now"
        wake.set()
        return 204, ""

    def answer(self, status, reason):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(reason.encode())

    def log_request(self, *_):
        pass  # seek-poller keeps a record of each attempt


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = False  # server_close waits for the requests that are under way
    request_queue_size = 64


class Later(Exception):
    """SEEK gave no answer that decides anything: ask again."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take token or secret to who knows where."""

    def redirect_request(self, *_):
        return None


class Seek:
    """What a client of SEEK's has: credentials, and a token that is kept for its life."""

    user_agent = "example-handler/1.0"  # yours: SEEK wants to know who asks

    # Select what you show, and no more. SEEK's schema has more to offer: https://developer.seek.com/schema/query/candidateProfile
    question = """query ($id: String!) {
      candidateProfile(id: $id) {
        profileId { value }
        createDateTime
        candidate { documentId { value } person { name { formattedName } communication { email { address } phone { formattedNumber } } } }
        attachments { seekRoleCode url }
      }
    }"""

    def __init__(self):
        self.session = str(uuid.uuid4())
        self.token, self.expires = "", 0.0
        self.credentials = {
            "audience": os.environ["SEEK_AUDIENCE"],
            "client_id": os.environ["SEEK_CLIENT_ID"],
            "client_secret": secret("SEEK_CLIENT_SECRET_FILE").decode(),
            "grant_type": "client_credentials",
        }
        self.http = urllib.request.build_opener(NoRedirect)

    def profile(self, profile_id):
        """Outcome and profile: SEEK's last word, or else Later."""
        answer = self.ask(profile_id)
        data, code = answer.get("data") or {}, self.code(answer)
        if data.get("candidateProfile"):
            return "stored", json.dumps(data["candidateProfile"])
        if "candidateProfile" in data and not answer.get("errors"):
            return "gone", None  # the candidate has deleted it, or it is too old
        if code in ("FORBIDDEN", "NOT_FOUND", "BAD_USER_INPUT"):
            return "refused: " + code, None  # asking again does not help; FORBIDDEN is for the hirer to mend
        raise Later("SEEK answered without a profile, code %.100r" % code)

    def ask(self, profile_id):
        """The answer. UNAUTHENTICATED may mean that the token has ended: it is asked again with a new one, once."""
        for _ in range(2):
            if not self.token or time.monotonic() > self.expires:
                self.renew()
            answer = self.post(os.environ["SEEK_ENDPOINT"], {"query": self.question, "variables": {"id": profile_id}}, {
                "Accept-Language": "en-AU",
                "Authorization": "Bearer " + self.token,
                "X-Request-Id": str(uuid.uuid4()),  # what SEEK's support asks for
                "X-Session-Id": self.session,
            })
            if self.code(answer) != "UNAUTHENTICATED":
                break
            self.token = ""
        return answer

    @staticmethod
    def code(answer):
        errors = answer.get("errors") or [{}]
        return (errors[0].get("extensions") or {}).get("code")

    def renew(self):
        """Gets a token. How long it lives is said each time, and may change."""
        asked = time.monotonic()
        answer = self.post(os.environ["SEEK_TOKEN_URL"], self.credentials, {})
        if not answer.get("access_token"):
            raise Later("SEEK gave no token; look at the client's credentials")
        self.token, self.expires = answer["access_token"], asked + answer.get("expires_in", 0) - 60

    def post(self, url, body, headers):
        """Sends JSON and reads JSON. GraphQL says in the body what is wrong, whatever the status is."""
        headers.update({"Content-Type": "application/json", "User-Agent": self.user_agent})
        try:
            try:
                response = self.http.open(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=30)
            except urllib.error.HTTPError as error:
                response = error
            with response:
                answer = json.loads(response.read(1 << 20))
        except (OSError, ValueError) as error:
            raise Later("no answer from SEEK: %s" % type(error).__name__) from None
        if not isinstance(answer, dict):
            raise Later("no answer from SEEK: not an object")
        return answer


def work(seek):
    """Goes through what is due, one profile after the other, beside the requests and never in one: seek-poller waits for an answer, and
    SEEK may take its time. All that it knows is in the table, so it may be killed anywhere: it asks SEEK once more then."""
    while not stop.is_set():
        wake.clear()
        try:
            if not ask_next(seek):
                wake.wait(5)
        except Exception as error:  # whatever it is, the worker goes on
            print("a profile is asked for again later:", error, file=sys.stderr, flush=True)
            stop.wait(5)


def ask_next(seek):
    """Asks for the profile that has been due longest. One that SEEK does not answer is put off, so that it does not stand in the way."""
    with database() as db:
        due = db.execute("SELECT rowid, profile_id, tries FROM profiles WHERE due <= ? ORDER BY due LIMIT 1", (time.time(),)).fetchone()
    if not due:
        return False
    row, profile_id, tries = due
    try:
        outcome, profile = seek.profile(profile_id)
    except Exception:
        with database() as db:
            db.execute("UPDATE profiles SET due = ?, tries = tries + 1 WHERE rowid = ?", (int(time.time()) + min(5 << min(tries, 10), 3600), row))
        raise
    with database() as db:
        db.execute("UPDATE profiles SET due = NULL, outcome = ?, profile = ? WHERE rowid = ?", (outcome, profile, row))
    return True


def main():
    os.umask(0o077)  # the database holds personal data
    # Waited for, not handled: Python runs a handler in its main thread, and one that falls asleep on a lock as the signal comes sleeps on.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with database() as db:
        db.executescript(SCHEMA)
    host, port = os.environ["HANDLER_LISTEN"].rsplit(":", 1)
    server = Server((host, int(port)), Receiver)
    worker = threading.Thread(target=work, args=(Seek(),))
    for thread in (worker, threading.Thread(target=server.serve_forever)):
        thread.start()
    signal.sigwait(ends)
    stop.set()
    wake.set()
    server.shutdown()
    server.server_close()
    worker.join()


stop, wake = threading.Event(), threading.Event()
if __name__ == "__main__":
    WEBHOOK_SECRET = secret("HANDLER_SECRET_FILE")
    if len(WEBHOOK_SECRET) < 16:
        sys.exit("the secret in HANDLER_SECRET_FILE is shorter than 16 bytes")
    main()
