# mypy: allow-subclassing-any
"""The form of a message template: a version of its texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from notices import placeholders, scenes, texts, wordings
from notices.models import NoticeKind as Kind
from notices.models import Wording
from notices.models.wording import MAX_BODY, MAX_PHRASE, MAX_THING, MAX_TITLE

CHINESE, ENGLISH = "zh-hans", "en"


def _line(label: Any, limit: int) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"data-limit": limit})
    return forms.CharField(label=label, required=False, max_length=limit * 3, widget=widget)


def _text_area(label: Any) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"data-limit": MAX_BODY, "rows": 3})
    return forms.CharField(label=label, required=False, max_length=MAX_BODY * 3, widget=widget)


class WordingForm(forms.Form):
    """The texts of a version; what is empty is the shipped text. The service checks them."""

    channels = forms.ChoiceField(label=_("channels"), widget=UnfoldAdminSelectWidget)
    title_zh = _line(_("title"), MAX_TITLE)
    body_zh = _text_area(_("text"))
    thing = _line(_("sentence for WeChat"), MAX_THING)
    phrase = _line(_("word for WeChat"), MAX_PHRASE)
    title_en = _line(_("English title"), MAX_TITLE)
    body_en = _text_area(_("English text"))
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, kind: Kind, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = wordings.offered_channels(kind)
        self.fields["channels"].choices = [  # type: ignore[attr-defined]
            (channel, Wording.Channels(channel).label) for channel in offered
        ]
        for name, text in shipped(kind).items():
            self.fields[name].widget.attrs["placeholder"] = text
        if kind not in scenes.SCENES:
            del self.fields["thing"], self.fields["phrase"]

    @property
    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "") for name in wordings.TEXTS}


def shipped(kind: Kind) -> Mapping[str, str]:
    """Return the shipped texts of a kind, with values in braces as people write them."""
    found = {}
    for language, suffix in ((CHINESE, "zh"), (ENGLISH, "en")):
        with translation.override(language):
            found[f"title_{suffix}"] = texts.shipped_title(kind)
            body = texts.shipped_body(kind)
        found[f"body_{suffix}"] = placeholders.to_shown(body)
    if kind in scenes.SCENES:
        found["thing"], found["phrase"] = scenes.TEXTS[kind]
    return found
