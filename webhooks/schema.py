"""Describe every public event under ``webhooks`` of the OpenAPI schema."""

from __future__ import annotations

from typing import Any

from webhooks.catalogue import PUBLIC
from webhooks.messages import sample_of, schema_of

HEADERS = {
    "webhook-id": "Stable over retries: the same event never has two.",
    "webhook-timestamp": "Unix seconds of this call.",
    "webhook-signature": "One or several signatures, separated by blanks; one of them must fit.",
}


def add_webhooks(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the catalogue of events: of each its JSON schema and a sample."""
    result["webhooks"] = {
        name: {
            "post": {
                "operationId": f"webhook_{name.replace('.', '_')}",
                "summary": event_type.description,
                "description": "A Standard Webhook: answer with 2xx within 10 seconds.",
                "parameters": [
                    {
                        "name": header,
                        "in": "header",
                        "required": True,
                        "description": description,
                        "schema": {"type": "string"},
                    }
                    for header, description in HEADERS.items()
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": schema_of(event_type, fields),
                            "example": sample_of(event_type, fields),
                        }
                    },
                },
                "responses": {"2XX": {"description": "Accepted; it is not sent again."}},
                "security": [],
            }
        }
        for name, (event_type, fields) in PUBLIC.items()
    }
    return result
