"""Answer with a page: the same bytes for everybody who reads one language, with an ETag.

Data of members are never in it: scripts fetch them from the REST API.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import get_language

from h5.words import words
from wechat.gateway import gateway

WECHAT_SCRIPT = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
WECHAT_BROWSER = "MicroMessenger"
ALWAYS_ASK = "private, no-cache"
FOR_A_MOMENT = "private, max-age=30, stale-while-revalidate=300"
# Modules that other modules import: named in the page, they load at once, not one by one.
MODULES = (
    "vendor/alpine.js", "h5/page.js", "h5/memory.js", "h5/api.js", "h5/session.js", "h5/wechat.js",
    "h5/frame.js",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summary:
    """The summary of a page for chats and search engines."""

    title: str
    description: str = ""
    image: str = ""
    path: str = ""
    """The path of the page without parameters; empty: the page cannot be shared."""

    @property
    def link(self) -> str:
        return f"{settings.PUBLIC_URL}{self.path}" if self.path else ""


@dataclass(frozen=True, slots=True)
class Shell:
    """A page before it is rendered."""

    template: str
    script: str
    """The module that makes the page work."""
    summary: Summary
    context: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    """Values for the scripts, in JSON."""
    cache: str = FOR_A_MOMENT
    status: int = 200
    is_indexed: bool = True


def answer(request: HttpRequest, shell: Shell) -> HttpResponse:
    """Return the page, or 304 if the browser has it."""
    script = wechat_script(request)
    content = render_to_string(
        f"h5/{shell.template}.html",
        {
            **shell.context,
            "shell": shell,
            "summary": shell.summary,
            "brand": settings.BRAND_NAME,
            "language": get_language(),
            "modules": MODULES,
            "words": words(),
            "data": _data(shell, script),
        },
    )
    response = HttpResponse(content, status=shell.status)
    return protect(_cached(request, response, shell), has_wechat=bool(script))


def _data(shell: Shell, script: str) -> dict[str, Any]:
    summary = shell.summary
    return {
        "title": summary.title,
        "description": summary.description,
        "image": summary.image,
        "link": summary.link,
        "icons": static("h5/icons.svg"),
        "wechatScript": script,
        **shell.data,
    }


def _cached(request: HttpRequest, response: HttpResponse, shell: Shell) -> HttpResponse:
    response["Cache-Control"] = shell.cache
    # The language is in a cookie, if the person has chosen one.
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    if shell.status != HttpResponse.status_code:
        return response
    etag = quote_etag(hashlib.sha256(response.content).hexdigest()[:32])
    response["ETag"] = etag
    answered = get_conditional_response(request, etag=etag, response=response)
    return answered if isinstance(answered, HttpResponse) else response


def wechat_script(request: HttpRequest) -> str:
    """Return the address of WeChat's JS-SDK inside WeChat, if the shop has an official account."""
    if WECHAT_BROWSER not in request.headers.get("User-Agent", ""):
        return ""
    wechat = gateway()
    is_real = settings.WECHAT_GATEWAY == "wechat"
    return WECHAT_SCRIPT if wechat and wechat.official_app and is_real else ""


def protect(response: HttpResponse, *, has_wechat: bool = False) -> HttpResponse:
    """Forbid a page to load anything from other servers, except WeChat's script ``has_wechat``."""
    scripts = ["'self'"]
    if has_wechat:
        scripts.append(WECHAT_SCRIPT)
    response._csp_config = {  # type: ignore[attr-defined]
        "default-src": ["'none'"],
        "script-src": scripts,
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *media_origins()],
        "media-src": ["'self'", *media_origins()],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return response


def media_origins() -> list[str]:
    """Return the origin of pictures and videos, which may be another host than the page's."""
    parts = urlsplit(settings.PUBLIC_URL)
    return [f"{parts.scheme}://{parts.netloc}"]
