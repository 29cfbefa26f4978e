"""How a version of a message looks: in the app, in both languages, and in WeChat."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from backoffice.timeline import format_moment
from common import clock
from notices import scenes, texts
from notices.admin.wording_form import CHINESE, ENGLISH
from notices.admin.words import field_title
from notices.models import Notice, Wording
from notices.models import NoticeKind as Kind
from notices.samples import sample


def preview_of(kind: Kind, wording: Wording) -> dict[str, Any]:
    """Return the notice in both languages and the message of WeChat, with example values."""
    at = clock.now()
    is_sent = wording.channels != Wording.Channels.NONE
    by_wechat = kind in scenes.SCENES and wording.channels == Wording.Channels.WECHAT
    return {
        "cards": [_card(kind, wording, language) for language in (CHINESE, ENGLISH)],
        "wechat": _fields(sample(kind, wording, at=at)) if by_wechat else [],
        "is_sent": is_sent,
        "moment": format_moment(at),
    }


def _card(kind: Kind, wording: Wording, language: str) -> dict[str, str]:
    with translation.override(language):
        notice = sample(kind, wording, at=clock.now())
        return {"language": language, "title": texts.title(notice), "body": texts.body(notice)}


def _fields(notice: Notice) -> list[tuple[Any, str]]:
    """Return the fields that WeChat would show; without a template all that the scene offers."""
    if scenes.template_of(notice.kind):
        return [(field_title(name), value) for name, value in scenes.fields_of(notice).items()]
    values = scenes.values_of(notice)
    names = ("thing", "amount", "phrase", "time")
    types = scenes.TYPES[scenes.SCENES[Kind(notice.kind)]]
    return [(field_title(f"{name}1"), values[name]) for name in names if name in types]
