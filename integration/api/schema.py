"""Describe the signature of the mall's requests in the OpenAPI schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

HEADERS = {"key": "X-Twotier-Key", "timestamp": "X-Twotier-Timestamp",
           "nonce": "X-Twotier-Nonce", "signature": "X-Twotier-Signature"}  # fmt: skip


class SignedRequestScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "integration.clients.SignedRequest"
    name = [f"mall_{part}" for part in HEADERS]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        description = "All four headers together; see docs/signatures.md."
        return [
            {"type": "apiKey", "in": "header", "name": header, "description": description}
            for header in HEADERS.values()
        ]
