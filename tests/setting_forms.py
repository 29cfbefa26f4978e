"""Save forms of settings as people do: look at the preview first."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from backoffice.previews import PREVIEWED

TOKEN = re.compile(rf'name="{PREVIEWED}" value="(\w+)"')


def token_in(html: str) -> str:
    """Return the token of the preview on a page, or nothing if it has none."""
    found = TOKEN.search(html)
    return found[1] if found else ""


def save_settings(client: Client, page: str, values: dict[str, Any]) -> Any:
    """Post values, and post them again with the preview that they got."""
    first: Any = client.post(page, values)
    token = token_in(first.content.decode())
    return client.post(page, {**values, PREVIEWED: token}) if token else first
