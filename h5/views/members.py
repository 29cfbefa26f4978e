"""Show the pages whose content comes from the REST API: sign-in, recruitment, materials."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common import clock
from h5.shells import Shell, Summary, answer
from h5.views.landing import invitation
from sharing.models import Share
from wechat.gateway import gateway


@dataclass(frozen=True, slots=True)
class SandboxPerson:
    key: str
    name: str
    text: str


@require_safe
def login(request: HttpRequest) -> HttpResponse:
    """Sign in with WeChat, or in a sandbox as one of its people."""
    wechat = gateway()
    return answer(
        request,
        Shell(
            template="login",
            script="h5/login.js",
            summary=Summary(_("Sign in")),
            context={
                "has_wechat": bool(wechat and wechat.official_app),
                "cast": [] if settings.PRODUCTION else sandbox_people(),
            },
            is_indexed=False,
        ),
    )


def sandbox_people() -> list[SandboxPerson]:
    """Return the people as whom ``POST /sandbox/login`` signs in."""
    return [
        SandboxPerson("mei", _("Mei"), _("Distributor; she referred Lan")),
        SandboxPerson("lan", _("Lan"), _("Distributor; she referred Bo")),
        SandboxPerson("bo", _("Bo"), _("Buys what Lan recommends")),
        SandboxPerson("chen", _("Chen"), _("A friend of Bo")),
    ]


@require_safe
def join(request: HttpRequest) -> HttpResponse:
    """Explain what distributors do, and let a member apply."""
    code = request.GET.get("share", "")
    invited = invitation(code, at=clock.now()) if code else None
    return answer(
        request,
        Shell(
            template="join",
            script="h5/join.js",
            summary=Summary(
                _("Become a distributor of %(shop)s") % {"shop": settings.BRAND_NAME},
                _("Share what you like, and earn when friends buy."),
                path="/join",
            ),
            context={"sharer": invited.sharer if invited and invited.binds else None},
            data={"target": {"kind": Share.Target.RECRUIT}},
        ),
    )


@require_safe
def materials(request: HttpRequest) -> HttpResponse:
    """List the official pictures, videos, texts and courses."""
    return answer(
        request,
        Shell(
            template="materials",
            script="h5/materials.js",
            summary=Summary(_("Materials to share"), path="/materials"),
            context={"tabs": material_tabs()},
            data={"target": {"kind": Share.Target.MATERIAL}},
            is_indexed=False,
        ),
    )


@require_safe
def rewards(request: HttpRequest) -> HttpResponse:
    """List the incentives that run for a member, their awards and their coupons."""
    return answer(
        request,
        Shell(
            template="rewards",
            script="h5/rewards.js",
            summary=Summary(_("Rewards"), path="/rewards"),
            context={
                "tabs": [
                    {"key": "running", "name": _("Running now")},
                    {"key": "awards", "name": _("My rewards")},
                    {"key": "coupons", "name": _("Coupons")},
                ]
            },
            is_indexed=False,
        ),
    )


def material_tabs() -> list[dict[str, str]]:
    """Return the kinds of ``GET /materials``, and the courses."""
    return [
        {"key": "all", "name": _("All")},
        {"key": "image", "name": _("Pictures")},
        {"key": "video", "name": _("Videos")},
        {"key": "copy", "name": _("Texts")},
        {"key": "course", "name": _("Courses")},
    ]
