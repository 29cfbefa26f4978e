"""Every error code is unique and documented."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from common.errors import REGISTRY, TwotierError
from config import error_docs
from withdrawals.errors import BlockerCode


def test_the_page_of_error_codes_is_current() -> None:
    page = error_docs.PATH.read_text(encoding="utf-8")

    assert page == error_docs.render(), "run ./manage.py error_docs"


def test_a_second_class_with_the_same_code_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="reason_required"):
        type("Other", (TwotierError,), {"code": "reason_required"})

    assert REGISTRY["reason_required"].__name__ == "ReasonRequired"


def test_every_error_has_a_code_and_a_message() -> None:
    error_docs.render()

    for error in _subclasses(TwotierError):
        assert REGISTRY[error.code], error
        assert error.message, error


def _subclasses(error: type[TwotierError]) -> set[type[TwotierError]]:
    direct = {each for each in error.__subclasses__() if each.__module__.split(".")[0] != "tests"}
    return direct.union(*map(_subclasses, direct))


def test_no_blocker_has_the_code_of_an_error() -> None:
    error_docs.render()

    assert not REGISTRY.keys() & set(BlockerCode)
