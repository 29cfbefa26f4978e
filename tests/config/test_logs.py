"""Errors of the database are logged without the values of rows."""

from __future__ import annotations

import logging

import pytest
from django.db import IntegrityError, transaction

from config import logs, sentry
from members.models import Identity, Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def error(lan: Member) -> IntegrityError:
    """Return the error of a second person with Lan's openid."""
    fields = {"provider": "wechat_mini", "external_id": "o-lan\nCONTEXT of Lan"}
    Identity.objects.create(member=lan, **fields)
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        Identity.objects.create(member=lan, **fields)
    assert "o-lan" in str(raised.value)
    return raised.value


def test_a_log_line_names_the_constraint_and_no_value(error: IntegrityError) -> None:
    event: dict[str, object] = {"event": "x", "exc_info": error}
    for process in logs.SHARED_PROCESSORS[-2:]:
        event = process(logging.getLogger(), "error", event)  # type: ignore[assignment, arg-type]

    told = str(event["exception"])
    assert "unique constraint" in told
    assert "DETAIL: left out" in told
    assert "The above exception was the direct cause" in told
    assert "o-lan" not in told
    assert "of Lan" not in told


def test_sentry_gets_no_value(error: IntegrityError) -> None:
    event = {"exception": {"values": [{"type": "IntegrityError", "value": str(error)}]}}

    (sent,) = sentry._without_rows(event, None)["exception"]["values"]

    assert sent["value"].endswith("DETAIL: left out")
    assert "o-lan" not in sent["value"]
