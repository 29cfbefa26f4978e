"""The words that a page shows to people, and those in the wrong language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db.models import CharField, JSONField, TextField

CHINESE = re.compile(r"[\u3400-\u9fff，。；：？！（）【】、]")
# What people type or copy as it is: addresses, placeholders, codes in quotation marks, JSON, ids.
VERBATIM = re.compile(
    r"https?://\S+|\{\w*\}|“[\w-]+”|[\w/]+\?\w+=\S+|^\{\"\w+.*|\ba-z\b|\b[0-9a-z]{20}\b"
)
# A word of a sentence; not part of an id, an address, a file name or a code.
ENGLISH = re.compile(r"(?<![\w@./:_#=&?%+-])[A-Za-z]{2,}(?:'[a-z]+)?(?![\w@/:_#=&%+]|\.\w|-\w)")
MACHINE = re.compile(r"\b[a-z]+(?:\.[a-z]+)*[._][a-z]+(?:_[a-z]+)*\b")
# Names that Chinese texts write in Latin letters.
NAMES = {
    "API", "APIv3", "CSV", "DingTalk", "Excel", "GTM", "H5", "HTTP", "HTTPS", "ID", "IP", "JPEG",
    "JSON", "KOC", "Ctrl", "MB", "KB", "PDF", "PNG", "QR", "SHA", "SKU", "Twotier", "URL", "UTC",
    "UnionID", "OpenID", "VIP", "WebP", "Webhook", "XLSX", "AppID", "English", "Esc", "MP4",
    "UFIDA", "Kingdee", "Mac", "Control", "Command", "SN", "Logo", "MiB", "QQ",
    "Alt", "OK", "GB", "px", "TOTP",
}  # fmt: skip
MARKS = ("广告",)
"""What is written on pictures, in every language of the page."""
SILENT = {"script", "style", "code", "pre", "kbd", "template", "svg", "textarea", "title-data"}
SPOKEN = ("placeholder", "title", "aria-label", "alt")
VOID = {"input", "img", "br", "hr", "meta", "link", "source", "wbr", "col"}
# Free text that people typed: it may be in any language.
TYPED = {
    "account_holder", "actor_id", "answer", "business_no", "client_name", "close_reason",
    "file_name",
    "codename", "description", "display_name", "document", "domain", "first_name", "follower",
    "host", "key",
    "label", "last_error", "last_name", "line", "name", "nickname", "note", "number", "order_no",
    "pause_reason", "payee", "prompt", "question", "reason", "remark", "request_id", "shop_name",
    "subject_id", "text", "title", "username", "user_agent", "variety", "voucher", "word", "error",
    "seen_by", "closed_by", "email", "code", "external_id", "merchant", "app", "applicant",
}  # fmt: skip


class _Words(HTMLParser):
    """Collects what people see or hear of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        silent = (
            tag in SILENT
            or "material-symbols-outlined" in given.get("class", "")
            or "data-foreign" in given
            or given.get("lang", "") not in ("", "zh-hans", "en")
        )
        if tag == "button" and given.get("name") == "language":
            silent = True  # each language by its own name
        if tag not in VOID:
            self._open.append((tag, silent))
        if not any(flag for _tag, flag in self._open):
            self.texts += [given[name] for name in SPOKEN if given.get(name)]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.texts.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(flag for _tag, flag in self._open):
            self.texts.append(" ".join(data.split()))


def words_of(html: str) -> list[str]:
    """Return the texts of a page, with placeholders, titles and labels."""
    parser = _Words()
    parser.feed(html)
    return parser.texts


def typed_words() -> set[str]:
    """Return the texts in the database that people typed."""
    words: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, JSONField):
                values = model._default_manager.values_list(field.name, flat=True)
                words.update(text for value in values for text in _texts(value))
            elif isinstance(field, CharField | TextField) and _is_typed(field):
                words.update(model._default_manager.values_list(field.name, flat=True))
    return {word for word in words if word and (len(word) > 1 or CHINESE.match(word))}


def _is_typed(field: Any) -> bool:
    return field.name in TYPED and not field.choices


def english_in(texts: Iterable[str], typed: Iterable[str]) -> list[str]:
    """Return the English and machine words of a Chinese page."""
    found = []
    for text in texts:
        rest = VERBATIM.sub(" ", _without(VERBATIM.sub(" ", text), typed))
        words = [word for word in ENGLISH.findall(rest) if word not in NAMES]
        if words or MACHINE.search(rest):
            found.append(text[:120])
    return found


def chinese_in(texts: Iterable[str], typed: Iterable[str]) -> list[str]:
    """Return the texts of an English page that are Chinese."""
    words = [*typed, *MARKS]
    return [text[:80] for text in texts if CHINESE.search(_without(text, words))]


LANGUAGES = {"zh-hans": english_in, "en": chinese_in}


def faults_in(html: str, language: str, typed: Iterable[str]) -> list[str]:
    """Return the texts of a page that are not in its language."""
    return LANGUAGES[language](words_of(html), typed)


def _without(text: str, typed: Iterable[str]) -> str:
    for word in typed:
        text = text.replace(word, " ")
    return text


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []
