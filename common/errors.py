"""What can be refused: data that a person and a program both understand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError
from django.utils.functional import Promise


class TwotierError(Exception):
    """The base of every refusal. The API answers with ``status``, ``code``, the text and ``data``.

    A subclass stands beside the verb that raises it and sets

    * ``code``: stable, for programs;
    * ``message``: translated, says what happened and what to do, with ``%(name)s`` from ``data``;
    * ``status``: the HTTP status, 409 unless said.
    """

    code: ClassVar[str]
    message: ClassVar[str | Promise]
    status: ClassVar[int] = 409

    def __init__(self, **data: Any) -> None:
        super().__init__(self.code)
        self.data: Mapping[str, Any] = data

    def __str__(self) -> str:
        return str(self.message) % self.data


FAULTS: tuple[type[Exception], ...] = (
    ArithmeticError, AssertionError, AttributeError, DatabaseError, LookupError,
    ObjectDoesNotExist, RuntimeError, TwotierError, TypeError, ValueError,
)  # fmt: skip
"""What one damaged row may raise, of which the others must not suffer. Not what ends a process,
such as a task's time limit."""
