"""The statement of the fake WeChat Pay agrees with the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from closing.models import ProviderStatement, StatementLine
from closing.services import fetch_statement, top_up
from common import clock
from members.models import Member, User
from tests.closing.books import PAID, failed_controls
from tests.shop import DAY
from tests.wechatpay import Server
from tests.withdrawals.factories import YUAN, approved
from tests.withdrawals.wechat import a_server, paying_through
from wechatpay.statements import StatementUnavailable
from withdrawals.models import Attempt
from withdrawals.services import collect, process_due_attempts

pytestmark = pytest.mark.django_db
TODAY = clock.business_day(PAID)


@pytest.fixture
def server() -> Iterator[Server]:
    with a_server(PAID) as server, paying_through(server):
        yield server


def test_the_statement_agrees_with_the_books(
    lan: Member, qian: User, feng: User, server: Server
) -> None:
    before = server.ledger.balance
    top_up(document="opening", amount=before, by=feng, at=PAID - DAY)
    withdrawal = approved(lan, 300 * YUAN, qian, feng, at=PAID)
    collect(withdrawal=withdrawal, by=lan, at=PAID)
    for _ in range(8):
        server.pass_time(minutes=10)
        process_due_attempts(at=server.at)
        attempt = Attempt.objects.get()
        if attempt.state == "wait_user_confirm":
            server.confirm(attempt.out_bill_no)
    assert Attempt.objects.get().state == "success"
    with pytest.raises(StatementUnavailable):
        fetch_statement(day=TODAY, at=server.at)
    server.pass_time(days=1)

    result = fetch_statement(day=TODAY, at=server.at)

    assert result
    assert (result.is_new, result.suspended) == (True, 0)
    assert result.statement.closing_balance == before - 300 * YUAN
    assert StatementLine.objects.get().attempt == Attempt.objects.get()
    assert failed_controls() == {}
    assert fetch_statement(day=TODAY - timedelta(days=1), at=server.at) is None
    again = fetch_statement(day=TODAY, at=server.at)
    assert again
    assert not again.is_new
    assert list(ProviderStatement.objects.order_by("day").values_list("rows", flat=True)) == [0, 1]
