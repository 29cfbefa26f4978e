"""Describe what is wrong with a template, in words for the person who edits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError

MESSAGES: dict[str, Promise] = {
    "schema": _("The value does not fit the schema: %(detail)s"),
    "too_many": _("The template has %(count)s elements; at most %(limit)s are allowed."),
    "too_large": _(
        "The template has more than %(limit)s values, or more than %(depth)s levels. Simplify it."
    ),
    "too_much": _(
        "The elements cover the canvas more than %(limit)s times. Make some smaller or fewer."
    ),
    "same_id": _("Two elements have the id “%(id)s”. Give each element an id of its own."),
    "unknown_token": _("No colour is named “%(name)s” in the tokens of the template."),
    "unknown_binding": _("“%(name)s” is no value of posters. Choose one of: %(known)s."),
    "wrong_binding": _("“%(name)s” cannot be used here. Choose one of: %(known)s."),
    "unknown_element": _("The variant changes “%(id)s”, but no element has this id."),
    "outside": _("“%(id)s” leaves the canvas of %(size)s. Move it inside."),
    "no_qrcode": _("The template needs exactly one QR code that is shown."),
    "not_square": _("The QR code of %(size)s is not square."),
    "size_order": _("The smallest size of “%(id)s” is above its size."),
    "low_contrast": _(
        "“%(id)s” has a contrast of %(ratio)s to 1 on its background in %(size)s. "
        "At least %(least)s to 1 is needed."
    ),
    "ad_mark_hidden": _(
        "The mark 广告 cannot be seen in %(size)s, or depends on something else than the look of"
        " the shop. Nothing may lie over it."
    ),
    "qr_unreadable": _(
        "The QR code of %(size)s cannot be read at %(scale)s %% of the size. "
        "Nothing may lie over it, and it must be dark on light."
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """``path`` leads to the place in the document, such as ``elements/3/size``."""

    path: str
    code: str
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return str(MESSAGES[self.code]) % self.data


class TemplateInvalid(TwotierError):
    """``problems`` has all problems of the document."""

    code = "template_invalid"
    message = _("The poster template is not valid: %(summary)s")
    status = 400

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        first = self.problems[0]
        super().__init__(summary=f"{first.path}: {first.message}", problems=len(self.problems))
