"""Every change of every setting has its preview, in a shop with something in every list."""

from __future__ import annotations

from typing import Any

import pytest

from backoffice import impacts, settings_index
from tests.shop import PLACED

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

SETTINGS = [
    (table, setting.field) for table in settings_index.tables() for setting in table.settings
]


def pairs(row: Any, name: str) -> list[tuple[Any, Any]]:
    """Return values of a field to change between."""
    field = row._meta.get_field(name)
    if field.flatchoices:
        keys = [key for key, _label in field.flatchoices]
        return [(keys[0], keys[-1]), (keys[-1], keys[0])]
    if field.get_internal_type() == "BooleanField":
        return [(False, True), (True, False)]
    if field.get_internal_type() == "CharField":
        return [("", "x"), ("x", "")]
    return [(1, 30), (30, 1), *([(None, 10), (10, None)] if field.null else [])]


@pytest.mark.parametrize(
    ("table", "field"), SETTINGS, ids=[f"{table.model}.{field}" for table, field in SETTINGS]
)
def test_a_change_says_what_it_touches(table: Any, field: str) -> None:
    row = table.model_class._default_manager.order_by("pk").first()
    for before, after in pairs(row, field):
        change = settings_index.Change(row, field, before, after)
        for effect in impacts.effects(f"{table.model}.{field}", change, at=PLACED):
            assert str(effect.figure), (before, after)
            assert str(effect.text), (before, after)
            assert "%(" not in f"{effect.figure}{effect.text}"
