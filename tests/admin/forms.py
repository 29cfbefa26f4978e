"""The forms of a page as a browser sees them, to be filled and posted."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

WRITTEN = {
    "text", "search", "number", "date", "time", "datetime-local", "email", "url", "tel", "month",
    "password", "textarea",
}  # fmt: skip
COUNTED = {"number", "date", "time", "datetime-local", "month"}
UNSENT = {"submit", "button", "image", "reset"}
COUNTS = ("-TOTAL_FORMS", "-INITIAL_FORMS", "-MIN_NUM_FORMS", "-MAX_NUM_FORMS")


@dataclass
class Field:
    """One input of a form, with what a browser would send."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    is_sent: bool = True
    is_amount: bool = False
    """Whether it is an amount, a number, a day or a moment."""


@dataclass
class Form:
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    def written(self) -> list[str]:
        """Return the names of the fields that a person types into."""
        return [each.name for each in self.fields if each.kind in WRITTEN]

    def amounts(self) -> list[str]:
        """Return the names of the fields for amounts, numbers, days and moments."""
        return [each.name for each in self.fields if each.kind in WRITTEN and each.is_amount]

    def files(self) -> list[str]:
        return [each.name for each in self.fields if each.kind == "file"]

    def values(self) -> dict[str, list[str]]:
        """Return what is sent if nobody touches the form."""
        sent: dict[str, list[str]] = {}
        for each in self.fields:
            if each.is_sent and each.kind != "file":
                sent.setdefault(each.name, []).append(each.value)
        return sent

    def filled(self, value: str, *, all_fields: bool = False) -> dict[str, list[str]]:
        """Return what is sent with a value in every field that is typed into.

        :param all_fields: also in those that a page hides or offers for choice: a forged request
        """
        names = {each.name for each in self.fields if _is_forged(each)} if all_fields else set()
        return {**self.values(), **{name: [value] for name in (*self.written(), *names)}}


def _is_forged(each: Field) -> bool:
    # Counts have a test of their own, the token belongs to the session.
    return (
        each.kind not in ("file", *UNSENT)
        and each.name != "csrfmiddlewaretoken"
        and not each.name.endswith(COUNTS)
    )


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.loose: list[tuple[str, Field]] = []
        self._form: Form | None = None
        self._select: Field | None = None
        self._text: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = given.get("action") or given.get("hx-post") or self.address
            method = "post" if "hx-post" in given else given.get("method", "get").lower()
            self._form = Form(action, method)
            self.forms.append(self._form)
            if "id" in given:
                self.by_id[given["id"]] = self._form
        elif tag == "option" and self._select:
            value = given.get("value", "")
            self._select.options.append(value)
            if "selected" in given or not self._select.value:
                self._select.value = value
        elif tag in ("input", "select", "textarea", "button") and given.get("name"):
            self._add(tag, given)

    def _add(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text").lower() if tag == "input" else tag
        value = given.get("value", "on" if kind in ("checkbox", "radio") else "")
        is_sent = kind not in UNSENT and (kind not in ("checkbox", "radio") or "checked" in given)
        is_amount = kind in COUNTED or given.get("inputmode") in ("decimal", "numeric")
        each = Field(
            given["name"], kind, value, is_sent=is_sent and "disabled" not in given,
            is_amount=is_amount,
        )  # fmt: skip
        if "form" in given:
            self.loose.append((given["form"], each))
        elif self._form:
            self._form.fields.append(each)
        self._select = each if tag == "select" else self._select
        self._text = each if tag == "textarea" else self._text

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text.value += data


def forms_of(html: str, address: str) -> list[Form]:
    """Return the forms of a page that was loaded from an address."""
    reader = _Reader(address)
    reader.feed(html)
    for form_id, each in reader.loose:
        if form_id in reader.by_id:
            reader.by_id[form_id].fields.append(each)
    return reader.forms
