"""What a leader reads costs the same with 20 credits and members as with thousands."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.clock import business_day, day_start
from distribution.models import Distributor, Level
from distribution.services import set_level
from integration.member_views import read_member
from ledger.chart import Asset, Kind
from ledger.services import PostingQuery, account, platform_account, transfer_many
from members.models import Member
from reports.queries import member_wallets, workspace
from reports.team import team_page, team_rows
from tests.cast import NOON, member, staff
from tests.distribution.people import REASON
from tests.reports.folding import fold_all
from tests.rows_read import reads_at_most, rows_read
from tests.shop import DAY, PLACED, WEEK, distributor, open_shop
from tests.withdrawals.factories import NOW, YUAN, earned, ready
from withdrawals.first_credits import first_credit
from withdrawals.options import options
from withdrawals.requests.quote import preview_quote, quote

pytestmark = pytest.mark.django_db
OLD, UPLINES, BELOW = 5_000, 50, 2_500
FEW = 250
LATER = PLACED + WEEK
CREDITS = """
SELECT 'old:' || number, %s::bigint, %s::bigint, 100::bigint, 'commission', 'tests', number::text,
    %s::timestamptz, NULL::bigint
FROM generate_series(1, %s) AS number
"""
# Mei's directs are distributors; each has the same number of members.
TEAM = """
INSERT INTO members_member (public_id, nickname, province, city, joined_at, avatar)
SELECT 'big' || number, 'Big ' || number, '', '', %(at)s, ''
FROM generate_series(1, %(uplines)s + %(below)s) AS number;
INSERT INTO distribution_distributor
    (public_id, member_id, code, status, since, has_bindings_to_end)
SELECT public_id, id, public_id, 'active', %(at)s, false FROM members_member
WHERE public_id IN (SELECT 'big' || number FROM generate_series(1, %(uplines)s) AS number);
INSERT INTO distribution_distributorperiod (distributor_id, status, started_at)
SELECT id, 'active', since FROM distribution_distributor WHERE public_id LIKE 'big%%';
INSERT INTO distribution_binding (public_id, member_id, distributor_id, source, evidence_kind,
    evidence_id, started_at, end_reason, end_note)
SELECT 'big' || number, (SELECT id FROM members_member WHERE public_id = 'big' || number),
    CASE WHEN number <= %(uplines)s THEN %(mei)s ELSE (
        SELECT id FROM distribution_distributor
        WHERE public_id = 'big' || 1 + number %% %(uplines)s
    ) END, 'import', '', '', %(at)s, '', ''
FROM generate_series(1, %(uplines)s + %(below)s) AS number
"""


@pytest.fixture
def rich() -> Member:
    """Return Lan, who has thousands of old credits, and 10 yuan of today, in part not folded."""
    lan = ready(member("Lan"), 1_000 * YUAN)
    old = NOW - WEEK
    params = (platform_account(Kind.COMMISSION_EXPENSE).pk, account(lan, Asset.CASH).pk, old, OLD)
    transfer_many(PostingQuery(CREDITS, params))
    earned(lan, 6 * YUAN, at=day_start(business_day(NOW)))
    fold_all()
    earned(lan, 4 * YUAN, at=NOW)
    return lan


def test_the_first_credit_of_the_day_is_known(rich: Member) -> None:
    assert first_credit(business_day(NOW)) > OLD


def test_quote_and_options_read_the_credits_of_today_alone(rich: Member) -> None:
    with reads_at_most(FEW):
        quoted = preview_quote(member=rich, amount=300 * YUAN, at=NOW)
        offered = options(member=rich, at=NOW)
        locked = quote(member=rich, amount=300 * YUAN, at=NOW)

    assert quoted.withdrawable == offered.withdrawable == locked.withdrawable
    assert quoted.withdrawable == (1_000 + OLD) * YUAN


def test_credits_of_today_wait_folded_or_not(rich: Member) -> None:
    before = preview_quote(member=rich, amount=YUAN, at=NOW).withdrawable
    fold_all()

    assert preview_quote(member=rich, amount=YUAN, at=NOW).withdrawable == before
    tomorrow = preview_quote(member=rich, amount=YUAN, at=NOW + DAY)
    assert tomorrow.withdrawable == before + 10 * YUAN


def test_the_malls_read_of_a_member_reads_few_rows(rich: Member) -> None:
    with reads_at_most(FEW):
        view = read_member("lan", at=NOW)

    assert view is not None
    assert view.wallets["cash"].withdrawable == (1_000 + OLD) * YUAN


def test_wallets_and_workspace_read_few_rows(rich: Member) -> None:
    own = distributor(rich)
    fold_all()
    with reads_at_most(FEW):
        (cash, *_others) = member_wallets(rich, at=NOW)
        seen = workspace(distributor=own, at=NOW)

    assert cash.withdrawable == seen.withdrawable == (1_000 + OLD) * YUAN


@pytest.fixture
def mei() -> Distributor:
    """Mei's level sees the data of her team of thousands in tier 2."""
    open_shop()
    mei = Distributor.objects.get(member__nickname="Mei")
    level = Level.objects.create(rank=2, name="Gold", sees_team_data=True)
    set_level(distributor=mei, level=level, by=staff("qian"), at=NOON + DAY, reason=REASON)
    values = {"at": PLACED, "mei": mei.pk, "uplines": UPLINES, "below": BELOW}
    with connection.cursor() as cursor:
        cursor.execute(TEAM, values)
    fold_all()
    return mei


def below(whose: Distributor, sort: str = "joined", size: int = 20) -> list[str]:
    page = list(team_page(whose, tier=2, sort=sort, at=LATER).order_by("-position")[:size])
    return [row.via for row in team_rows(whose, page, tier=2)]


@pytest.mark.parametrize("sort", ["joined", "orders", "sales", "team"])
def test_a_page_of_tier_2_reads_few_rows(mei: Distributor, sort: str) -> None:
    with reads_at_most(FEW):
        page = below(mei, sort)

    assert len(page) == 20


def test_control_the_whole_tier_is_many_rows(mei: Distributor) -> None:
    rows = team_page(mei, tier=2, sort="joined", at=LATER)

    assert rows.count() == BELOW + 1  # Bo, too
    with CaptureQueriesContext(connection) as queries:
        list(rows.order_by("member__nickname")[:20])
    assert rows_read(queries[0]["sql"]) > BELOW
