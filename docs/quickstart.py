#!/usr/bin/env python3
"""A mall's first hour: sign a request, send an order, see who earns, receive a webhook.

Needs Python alone and a client:

    ./manage.py api_client "My mall"          # prints KEY=… and SECRET=…
    TWOTIER_URL=http://127.0.0.1:8000 KEY=… SECRET=… python3 docs/quickstart.py

The webhook is sent to this process: Twotier needs WEBHOOK_ALLOW_LOOPBACK=yes and a plan, as ./run demo has.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import queue
import secrets
import sys
import threading
import time
import urllib.error
import urllib.request

URL = os.environ.get("TWOTIER_URL", "http://127.0.0.1:8000")
KEY, SECRET = os.environ["KEY"], os.environ["SECRET"]
RUN = secrets.token_hex(4)  # so that every run has an order of its own


def call(method, path, body=None):
    """Send a signed request; return the answer. Sign the bytes that are sent."""
    raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    timestamp, nonce = str(int(time.time())), secrets.token_hex(12)
    target = f"/api/v1/integration{path}"
    text = "\n".join(["v1", timestamp, nonce, method, target, hashlib.sha256(raw).hexdigest()])
    signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    request = urllib.request.Request(URL + target, raw or None, method=method, headers={
        "Content-Type": "application/json", "X-Twotier-Key": KEY, "X-Twotier-Timestamp": timestamp,
        "X-Twotier-Nonce": nonce, "X-Twotier-Signature": f"v1={signature}",
    })  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as problem:
        raise SystemExit(f"{method} {target}: {problem.read().decode()}") from None


received = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    """Answers at once, and hands each webhook over to be verified."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received.put((self.headers, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def is_genuine(headers, body, secret):
    """Verify the signature; the package standardwebhooks checks the time, too."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [text.partition(",")[2] for text in headers["webhook-signature"].split()]
    return any(hmac.compare_digest(expected, text) for text in given)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
endpoint = call("POST", "/webhooks", {"url": f"http://127.0.0.1:{server.server_port}/hook"})
print("1. The signature is accepted, and an endpoint for webhooks is open.")
call("POST", "/products:batch", {"products": [
    {"sku": "quickstart", "name": "Mask", "category": "beauty", "price": 10_990}]})  # fmt: skip
call("PUT", f"/members/lan-{RUN}", {"nickname": "Lan", "distributor": True})
call("PUT", f"/members/bo-{RUN}", {"nickname": "Bo", "referrer": f"lan-{RUN}"})
# A second later: Bo was bound in this second, and times without fractions lie before it.
now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 1))
(result,) = call("POST", "/orders:batch", {"orders": [{
    "order_no": f"Q-{RUN}", "buyer": f"bo-{RUN}", "placed_at": now, "paid_at": now,
    "lines": [{"line_no": 1, "sku": "quickstart", "quantity": 1, "unit_price": 10_990}]}],
})["results"]  # fmt: skip
print(f"2. Order Q-{RUN} is {result['status']}.", result.get("problem", ""))
(line,) = call("GET", f"/orders/Q-{RUN}/commissions")["lines"]
print("3. Who earns, in fen:", json.dumps(line["tiers"], ensure_ascii=False))
try:
    headers, body = received.get(timeout=60)
    genuine = is_genuine(headers, body, endpoint["secret"])
    print("4. A webhook arrived:", json.loads(body)["type"], "(genuine)" if genuine else "(FORGED)")
except queue.Empty:
    genuine = False
    print("4. No webhook within 60 s: do worker and beat run, with WEBHOOK_ALLOW_LOOPBACK=yes?")
finally:
    call("POST", f"/webhooks/{endpoint['id']}/remove", {})
sys.exit(not (result["status"] == "created" and line["tiers"] and genuine))
