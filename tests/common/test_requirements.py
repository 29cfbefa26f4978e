"""Preconditions shared by the services of several rooms."""

from __future__ import annotations

import pytest

from common.errors import PermissionMissing, ReasonRequired
from common.requirements import require_permission, require_reason
from members.models import User


@pytest.mark.parametrize(
    ("reason", "saved"), [(" late  paper\n", "late paper"), ("x" * 200, "x" * 200)]
)
def test_white_space_of_a_reason_is_normalized(reason: str, saved: str) -> None:
    assert require_reason(reason) == saved


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 201])
def test_an_empty_or_long_reason_is_refused(reason: str) -> None:
    with pytest.raises(ReasonRequired):
        require_reason(reason)


def test_a_missing_permission_is_refused(qian: User) -> None:
    with pytest.raises(PermissionMissing):
        require_permission(qian, "closing.post_documents")

    require_permission(User(is_superuser=True, is_active=True), "closing.post_documents")
