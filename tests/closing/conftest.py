from __future__ import annotations

import pytest

from members.models import Member, User
from tests.cast import staff
from tests.closing import books
from tests.withdrawals import factories
from tests.withdrawals.conftest import sandbox
from withdrawals.gateways.sandbox import SandboxGateway

__all__ = ["sandbox"]

CLOSING = (
    "sign_period", "change_difference", "import_bill", "post_documents", "propose_adjustment",
    "decide_adjustment", "export_payroll", "view_withholding",
)  # fmt: skip


@pytest.fixture
def qian(db: None) -> User:
    return factories.operations(staff("Qian"))


@pytest.fixture
def feng(db: None) -> User:
    return factories.may(factories.finance(staff("Feng")), *CLOSING)


@pytest.fixture
def fang(db: None) -> User:
    """Finance, the second signer."""
    return factories.may(factories.finance(staff("Fang")), *CLOSING)


@pytest.fixture
def lan(db: None, sandbox: SandboxGateway) -> Member:
    """Lan has earned 5,495 yuan, and Mei half of it."""
    return books.earn_commissions()[1]
