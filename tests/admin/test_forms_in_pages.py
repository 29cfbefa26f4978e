"""No form is inside another one: browsers end the outer one there, and its fields are lost."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from tests.admin.pages import PAGES, name, urls

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]


class _Forms(HTMLParser):
    """Counts the forms that begin inside another one."""

    nested = 0
    _open = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            self.nested += self._open > 0
            self._open += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open -= 1


def nested_forms(html: str) -> int:
    parser = _Forms()
    parser.feed(html)
    return parser.nested


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_form_is_inside_another(as_boss: Client, page: Any) -> None:
    for each in urls(page):
        assert nested_forms(as_boss.get(each).content.decode()) == 0, each


def test_the_check_finds_one() -> None:
    assert nested_forms("<form><p><form></form></form>") == 1
    assert nested_forms("<form></form><form></form>") == 0
