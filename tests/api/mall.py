"""A mall that signs its requests, written from the documentation alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from typing import Any
from urllib.parse import unquote

from django.test import Client


class Mall:
    """Sends signed requests with a key and a secret."""

    def __init__(self, key: str, secret: str) -> None:
        self.key, self.secret = key, secret
        self._http = Client()

    def send(
        self, method: str, path: str, body: Any = None, *, query: str = "", **headers: str
    ) -> Any:
        raw = body if isinstance(body, bytes) else b"" if body is None else encode(body)
        path = f"/api/v1/integration{path}"
        signed = self.headers(method, path, raw, query=query) | headers
        return self._http.generic(
            method,
            path,
            raw,
            content_type="application/json",
            QUERY_STRING=query,
            headers=signed,
        )

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("PUT", path, body, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def get(self, path: str, query: str = "", **headers: str) -> Any:
        return self.send("GET", path, query=query, **headers)

    def headers(self, method: str, path: str, raw: bytes, *, query: str = "") -> dict[str, str]:
        timestamp, nonce = str(int(time.time())), uuid.uuid4().hex
        path = unquote(path)
        target = f"{path}?{query}" if query else path
        digest = hashlib.sha256(raw).hexdigest()
        text = "\n".join(("v1", timestamp, nonce, method, target, digest))
        signature = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return {
            "X-Twotier-Key": self.key,
            "X-Twotier-Timestamp": timestamp,
            "X-Twotier-Nonce": nonce,
            "X-Twotier-Signature": f"v1={signature}",
        }


def encode(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
