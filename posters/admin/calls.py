"""Answer the calls of the editor's script: JSON in, JSON out."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from django.http import HttpRequest
from django.http.request import RawPostDataException
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import TwotierError
from members.models import User
from posters import drawing_data, services
from posters.inputs import shop_inputs
from posters.models import PosterTemplate
from posters.rendering import PosterData, Problem, check, parse, render, samples

Body = dict[str, Any]
Call = Callable[[HttpRequest, PosterTemplate, Body], dict[str, Any]]

MAX_BODY = 256 * 1024
"""Bytes: a document of 80 elements needs some 30,000."""
SHOWN_VERSIONS = 50


class DocumentUnreadable(TwotierError):
    code = "poster_document_unreadable"
    message = _("The document is no JSON object, or it is larger than 256 KiB.")
    status = 400


def body_of(request: HttpRequest) -> Body:
    """Return the JSON object that was sent.

    :raises DocumentUnreadable: there is none, or it is too large
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
        raise DocumentUnreadable
    try:
        body = orjson.loads(request.body)
    except (orjson.JSONDecodeError, RawPostDataException):  # the latter: of a form
        raise DocumentUnreadable from None
    if not isinstance(body, dict):
        raise DocumentUnreadable
    return body


def preview(_request: HttpRequest, template: PosterTemplate, body: Body) -> dict[str, Any]:
    """Draw a document with a sample as posters are drawn; nothing is stored."""
    parsed = parse(_document_of(body))
    size = _size_of(body, parsed.sizes)
    drawn = render(parsed, sample_of(template, body.get("sample")), size=size, preview=True)
    image = base64.b64encode(drawn.content).decode()
    return {
        "image": f"data:image/jpeg;base64,{image}",
        "width": drawn.width,
        "height": drawn.height,
        "is_qr_readable": drawn.is_qr_readable,
    }


def check_document(_request: HttpRequest, template: PosterTemplate, body: Body) -> dict[str, Any]:
    """Say what speaks against publishing a document."""
    problems = check(parse(_document_of(body)), sample_of(template, None))
    return {"problems": _shown(problems)}


def save(request: HttpRequest, template: PosterTemplate, body: Body) -> dict[str, Any]:
    version = services.save_version(
        template=template,
        document=_document_of(body),
        base=_number(body, "base"),
        by=_person(request),
        at=clock.now(),
    )
    return {"number": version.number, "versions": versions_of(template)}


def publish(request: HttpRequest, template: PosterTemplate, body: Body) -> dict[str, Any]:
    version = services.publish_version(
        template=template, number=_number(body, "number"), by=_person(request), at=clock.now()
    )
    return {"current": version.number, "versions": versions_of(template)}


def versions_of(template: PosterTemplate) -> list[dict[str, Any]]:
    """Return the versions as the script lists them, the latest first."""
    rows = template.versions.select_related("created_by").defer("document").order_by("-number")
    return [
        {
            "number": row.number,
            "saved": date_format(localtime(row.created_at), "Y-m-d H:i"),
            "by": str(row.created_by or "Twotier"),
        }
        for row in rows[:SHOWN_VERSIONS]
    ]


def refusal(error: TwotierError) -> dict[str, Any]:
    """Return an error with its problems, as the script shows it."""
    problems: list[Problem] = getattr(error, "problems", [])
    return {"code": error.code, "message": str(error), "problems": _shown(problems)}


def sample_of(template: PosterTemplate, name: object) -> PosterData:
    """Return a sample for templates of this kind and industry, with the shop's own look."""
    make = samples.SAMPLES.get(str(name), samples.normal)
    data = make(template.kind, template.industry)
    return replace(data, shop=drawing_data.shop_of(shop_inputs()))


def _shown(problems: list[Problem]) -> list[dict[str, str]]:
    return [{"path": problem.path, "message": problem.message} for problem in problems]


def _document_of(body: Body) -> dict[str, Any]:
    document = body.get("document")
    if not isinstance(document, dict):
        raise DocumentUnreadable
    return document


def _size_of(body: Body, sizes: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """Return the size that was asked for, or the template's own if it has no such size."""
    wanted = {f"{width}x{height}": (width, height) for width, height in sizes}
    return wanted.get(str(body.get("size")), sizes[0])


def _number(body: Body, key: str) -> int:
    number = body.get(key)
    if type(number) is not int or not 0 <= number < 2**31:
        raise DocumentUnreadable
    return number


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
