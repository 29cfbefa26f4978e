"""Call WeChat Pay's API v3: requests are signed and time-limited, responses verified.

``wechatpayv3`` builds, signs, encrypts and verifies; this module sends the requests itself. The
library does not verify error responses, has no timeout, follows redirects, guesses encodings
before it verifies, downloads certificates that an unauthenticated request names, and logs names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core
from wechatpayv3.type import RequestType
from wechatpayv3.utils import build_authorization

from wechatpay.merchant import Merchant

SCHEME = "WECHATPAY2-SHA256-RSA2048"
SIGNATURE_HEADERS = (
    "Wechatpay-Signature",
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
    "Wechatpay-Serial",
    "Wechatpay-Signature-Type",
)
EVIDENCE_HEADERS = (*SIGNATURE_HEADERS, "Content-Type", "Date", "Request-ID")
MAX_EVIDENCE_LENGTH = 16_384
POOL_SIZE = 64
"""Connections kept open; more concurrent calls open their own."""


@dataclass(frozen=True, slots=True)
class WeChatResponse:
    """A response, and whether WeChat Pay's signature covers it."""

    status: int = 0
    """0: there was no response."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: str = ""
    """Why it proves nothing: timeout, connection_lost, not_signed, bad_signature; "" if valid."""

    def json(self) -> dict[str, Any] | None:
        """Return the body if it is a JSON object, else None."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return None
        return content if isinstance(content, dict) else None

    def evidence(self) -> dict[str, Any]:
        """Return what to save: the headers allow verifying the signature again."""
        headers = {name: self.headers[name] for name in EVIDENCE_HEADERS if name in self.headers}
        body = self.body[:MAX_EVIDENCE_LENGTH].decode(errors="replace")
        return {"status": self.status, "headers": headers, "body": body, "fault": self.fault}


class Transport(Core):  # type: ignore[misc] # the library carries no types
    """The library's core with our way of sending; stateless, so threads may share it."""

    def __init__(self, merchant: Merchant) -> None:
        # No logger: it would log names, openids and whole notifications.
        super().__init__(
            mchid=merchant.mchid,
            cert_serial_no=merchant.cert_serial,
            private_key=merchant.private_key,
            apiv3_key=merchant.api_v3_key,
            public_key=merchant.public_key,
            public_key_id=merchant.public_key_id,
        )
        self._merchant = merchant
        self._sessions: dict[int, requests.Session] = {}
        self._gate_way = merchant.base_url.rstrip("/")

    @property
    def serial(self) -> str:
        """Return the only serial under which WeChat Pay signs."""
        return self._merchant.public_key_id

    def _session(self) -> requests.Session:
        """Return this process's session, whose connections stay open between calls.

        A lost connection makes a call's outcome unknown, so the caller polls; nothing is retried
        automatically.
        """
        process = os.getpid()  # processes must not share a connection
        if process not in self._sessions:
            session = requests.Session()
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.mount(self._gate_way, HTTPAdapter(pool_maxsize=POOL_SIZE, max_retries=0))
            # Look up proxies once, not per call. A .netrc of the machine would replace our
            # Authorization header.
            environment = session.merge_environment_settings(self._gate_way, {}, None, None, None)
            session.proxies, session.verify = environment["proxies"], environment["verify"]
            session.trust_env = False
            self._sessions = {process: session}
        return self._sessions[process]

    def _update_certificates(self) -> None:
        """Do nothing: there is one public key, and no certificate is ever downloaded."""

    def request(  # noqa: PLR0917 - the library's signature
        self,
        path: str,
        method: RequestType = RequestType.GET,
        data: Mapping[str, Any] | None = None,
        skip_verify: bool = False,
        sign_data: str | None = None,
        files: Any = None,
        cipher_data: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> WeChatResponse:
        """Make one call, without retries; network failures are returned as ``fault``."""
        # Sign and send the same bytes, however each library serialises JSON.
        body = json.dumps(data, ensure_ascii=False) if data else ""
        merchant = self._merchant
        authorization = build_authorization(
            path,
            method.value,
            merchant.mchid,
            merchant.cert_serial,
            self._private_key,
            data=body,
        )
        try:
            response = self._session().request(
                method.value,
                self._gate_way + path,
                data=body.encode(),
                headers={
                    "Accept": "application/json",
                    "Authorization": authorization,
                    "Content-Type": "application/json",
                    "User-Agent": "twotier",
                    "Wechatpay-Serial": merchant.public_key_id,
                },
                timeout=merchant.timeout,
                allow_redirects=False,
            )
        except requests.Timeout:
            return WeChatResponse(fault="timeout")
        except requests.RequestException:
            return WeChatResponse(fault="connection_lost")
        fault = "" if skip_verify else self.signature_error(response.headers, response.content)
        return WeChatResponse(response.status_code, response.headers, response.content, fault)

    def signature_error(self, headers: Mapping[str, str], body: bytes) -> str:
        """Return why the signature is invalid: not_signed or bad_signature; "" if it is valid."""
        if not all(headers.get(name) for name in SIGNATURE_HEADERS):
            return "not_signed"
        if headers["Wechatpay-Serial"] != self._merchant.public_key_id:
            return "bad_signature"
        if headers["Wechatpay-Signature-Type"] != SCHEME:
            return "bad_signature"
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return "bad_signature"
        # Pass only these five: the library prefers other spellings where it finds them.
        signed = {name: headers[name] for name in SIGNATURE_HEADERS}
        return "" if self._verify_signature(signed, text) else "bad_signature"


def create_client(merchant: Merchant) -> tuple[WeChatPay, Transport]:
    """Return the library with our transport, so that its methods return ``WeChatResponse``."""
    library = WeChatPay(
        WeChatPayType.MINIPROG,
        merchant.mchid,
        merchant.private_key,
        merchant.cert_serial,
        merchant.appid,
        merchant.api_v3_key,
        notify_url=merchant.notify_url,
        public_key=merchant.public_key,
        public_key_id=merchant.public_key_id,
    )
    library._core = transport = Transport(merchant)
    return library, transport
