# A webhook handler's check, written from SEEK's documentation alone (https://developer.seek.com/events/webhooks): Seek-Signature is the
# lower-case hexadecimal HMAC SHA-512 of the raw request body, keyed with the secret, compared in constant time.
#
# usage: verify.py SECRET SIGNATURE < body; prints the ids of the events, or exits with 1.
import hashlib
import hmac
import json
import sys

secret, signature = sys.argv[1].encode(), sys.argv[2]
body = sys.stdin.buffer.read()
if not hmac.compare_digest(hmac.new(secret, body, hashlib.sha512).hexdigest(), signature):
    sys.exit(1)
envelope = json.loads(body)
for required in ("events", "expireDateTime", "subscriptionId", "url"):
    if required not in envelope:
        sys.exit(f"{required} is missing")
for event in envelope["events"]:
    print(event["id"], event["type"], event["createDateTime"])
