"""Columns of lists as cells of a spreadsheet."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.sheets import Cell, Yuan

LINE_END = re.compile(r"</(?:p|li|div|dd|tr)>|<br ?/?>", re.IGNORECASE)
MAX_EXACT = 10**15
"""Spreadsheets round longer whole numbers, which are ids rather than quantities."""


def is_amount(page: Any, name: str) -> bool:
    """Whether a column holds amounts of money."""
    return bool(getattr(getattr(page, name, None), "is_amount", False))


def column_title(page: Any, name: str) -> str:
    """Return the title of a column as its list shows it."""
    title = str(label_for_field(name, page.model, model_admin=page))
    return title[:1].upper() + title[1:]


def cell_reader(page: Any, name: str) -> Callable[[Any], Cell]:
    """Return the function that reads a column's cell from a row.

    A column with an attribute ``cell`` says itself what it exports; of others the text is taken
    that the list shows.
    """
    own = getattr(getattr(page, name, None), "cell", None)
    if own is not None:
        return lambda row: own(page, row)
    return lambda row: _shown(page, name, row)


def _shown(page: Any, name: str, row: Any) -> Cell:
    try:
        field, attribute, value = lookup_field(name, row, page)
    except ObjectDoesNotExist:
        return None
    if field is not None and not field.auto_created:
        if field.flatchoices:
            return str(dict(field.flatchoices).get(value, value if value is not None else ""))
        if field.is_relation:
            related = getattr(row, field.name)
            return None if related is None else str(related)
        return _plain(value)
    if getattr(attribute, "label", None) and isinstance(value, tuple | list):
        return str(value[-1])
    return _plain(value)


def _plain(value: Any) -> Cell:
    """Return what a cell can hold."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return value if abs(value) < MAX_EXACT else str(value)
    if value is None or isinstance(value, date | Yuan):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return as_text(value) if isinstance(value, SafeString) else str(value)


def as_text(markup: str) -> str:
    """Return the text of a piece of HTML."""
    lines = html.unescape(strip_tags(LINE_END.sub("\n", markup))).splitlines()
    return "; ".join(line.strip() for line in lines if line.strip())
