"""Post a body to an endpoint: one address, no redirects, a time limit for everything."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

from common.outgoing import NotPublic, Target, Unresolved, connected
from webhooks.addresses import resolve

TIMEOUT = 10.0  # seconds, from the connection to the end of the answer
MAX_ANSWER = 2_000  # bytes; the rest is not read
MAX_SHOWN = 500  # characters
OK = range(200, 300)
REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    :param status: ``None`` if no answer came
    :param error: empty on success, else ``not_public``, ``unresolved``, ``timeout``, ``tls``,
        ``connection``, ``redirect`` or ``status``
    """

    status: int | None
    milliseconds: int
    error: str = ""
    text: str = ""


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout: float = TIMEOUT) -> Answer:
    """Post a body; everything that can go wrong is in the answer."""
    started = time.monotonic()
    status, error, text = None, "", ""
    try:
        status, text = _call(resolve(url), body, headers, timeout)
    except NotPublic:
        error = "not_public"
    except Unresolved:
        error = "unresolved"
    except TimeoutError:
        error = "timeout"
    except ssl.SSLError:
        error = "tls"
    except (OSError, ValueError, http.client.HTTPException):
        error = "connection"
    if status is not None and status not in OK:
        error = "redirect" if status in REDIRECTS else "status"
    return Answer(status, round((time.monotonic() - started) * 1_000), error, text)


def _call(
    target: Target, body: bytes, headers: Mapping[str, str], timeout: float
) -> tuple[int, str]:
    with connected(target, seconds=timeout) as connection:
        connection.request("POST", target.path, body, dict(headers))
        with connection.getresponse() as response:
            text = response.read(MAX_ANSWER).decode(errors="replace").replace("\0", "")
    return response.status, text[:MAX_SHOWN]
