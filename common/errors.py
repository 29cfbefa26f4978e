"""Errors with a code for programs and a message for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.db import DatabaseError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REGISTRY: dict[str, type[TwotierError]] = {}
"""Every error class that declares a code, by code; ``docs/errors.md`` lists them."""


class TwotierError(Exception):
    """Base class of all expected errors. The API returns status, code, message and ``data``.

    A subclass is defined beside the function that raises it and sets

    * ``code``: stable, unique in the whole system; a subclass without its own inherits it;
    * ``message``: translated, says what happened and what to do, with ``%(name)s`` from ``data``;
    * ``status``: the HTTP status, 409 by default.
    """

    code: ClassVar[str]
    message: ClassVar[str | Promise]
    status: ClassVar[int] = 409
    internal: ClassVar[frozenset[str]] = frozenset()
    """The names in ``data`` that the API does not give out, such as database keys."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if code := cls.__dict__.get("code"):
            _register(code, cls)

    def __init__(self, **data: Any) -> None:
        super().__init__(self.code)
        self.data: Mapping[str, Any] = data

    def __str__(self) -> str:
        return str(self.message) % self.data


def _register(code: str, error: type[TwotierError]) -> None:
    other = REGISTRY.setdefault(code, error)
    if _path(other) != _path(error):
        raise ImproperlyConfigured(
            f"The error code {code!r} of {_path(error)} belongs to {_path(other)}:"
            " choose another code, or raise that class."
        )


def _path(error: type[TwotierError]) -> str:
    return f"{error.__module__}.{error.__qualname__}"


class PermissionMissing(TwotierError):
    code = "permission_missing"
    message = _("You have no right to do this. Ask an administrator for the role.")
    status = 403


class SelfApprovalForbidden(TwotierError):
    code = "self_approval_forbidden"
    message = _(
        "This needs two different people, and neither may be the member concerned: ask a colleague."
    )


class ReasonRequired(TwotierError):
    code = "reason_required"
    message = _("Give a reason of at most 200 characters. Nothing was changed.")
    status = 400


FAULTS: tuple[type[Exception], ...] = (
    ArithmeticError, AssertionError, AttributeError, DatabaseError, LookupError,
    ObjectDoesNotExist, RuntimeError, TwotierError, TypeError, ValueError,
)  # fmt: skip
"""What one bad row may raise while the rest of a batch continues. Excludes whatever must end the
process, such as a task's time limit."""


def violated_constraint(error: Exception) -> str:
    """Return the name of the constraint or guard that refused a statement, or an empty text.

    Catch the error outside the savepoint of the statement, so that the transaction can continue.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnosis, "constraint_name", None) or "")
