"""Members for races, which commit."""

from __future__ import annotations

import pytest

from ledger.services import open_wallets
from members.models import Member
from tests.cast import member


@pytest.fixture
def mei(committed: str) -> Member:
    joined = member("Mei")
    open_wallets([joined])
    return joined


@pytest.fixture
def lan(committed: str) -> Member:
    joined = member("Lan")
    open_wallets([joined])
    return joined
