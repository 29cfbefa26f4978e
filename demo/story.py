"""Play the demo's story: four people go through the main loop, with amounts.

梅 refers 兰, 兰 refers 波, 波 refers 晨. Everything calls the ordinary services.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Sku
from commissions.explanations import explain
from commissions.explanations.report import report_lines as explanation_lines
from commissions.models import Commission, CommissionChange, Rule
from commissions.services import draft, publish, settle
from common import clock
from common.clock import format_moment
from common.errors import TwotierError
from common.money import format_yuan
from demo import story_incentives, story_withdrawals
from distribution.models import Binding, Source
from distribution.services import apply, approve, leave, refer
from events.models import Reference
from ledger.chart import Asset, Kind
from ledger.models import Account
from members.models import Identity, Member, User
from orders.intake import ingest_orders
from orders.models import Order
from orders.services import change_policy as change_order_policy
from orders.services import complete
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from withdrawals.services import change_policy as change_payout_policy

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
FIRST_ORDER, DOWNLINE_ORDER, PARTIAL_REFUND_ORDER, LATE_REFUND_ORDER, PROTECTED_ORDER = (
    "D-1001",
    "D-1002",
    "D-1003",
    "D-1004",
    "D-1005",
)
SHARE_EVIDENCE = Reference("demo.story", "share")


@transaction.atomic
def play(people: dict[str, Member], staff: dict[str, User], *, opening: datetime) -> None:
    """Play some weeks from ``opening`` on."""
    _publish_plan(staff, at=opening)
    story_withdrawals.give_rights(staff, at=opening)
    story_incentives.begin(staff, by=staff["admin"], at=opening)
    for upper, lower in (("", "梅"), ("梅", "兰"), ("兰", "波"), ("波", "晨")):
        joined = people[lower].joined_at
        if upper:
            refer(
                member=people[lower], referrer=people[upper], source=Source.SHARE,
                at=joined + timedelta(minutes=5), evidence=SHARE_EVIDENCE,
            )  # fmt: skip
        if lower != "晨":
            application = apply(
                member=people[lower], at=joined + timedelta(minutes=10), statement=_("I like it.")
            )
            approve(application=application, by=staff["qian"], at=joined + timedelta(minutes=20))
    _orders(people, opening)
    story_withdrawals.play(people, staff, at=opening + 30 * DAY)
    _change_settings(staff, opening)


def _change_settings(staff: dict[str, User], opening: datetime) -> None:
    """Change some settings and change them back, so that their history shows something."""
    qian, feng = staff["qian"], staff["feng"]
    for day, days in ((32, 10), (46, 7)):
        change_order_policy(by=qian, at=opening + day * DAY, refund_alarm_days=days)
    for day, hours in ((33, 48), (47, 24)):
        change_payout_policy(by=feng, at=opening + day * DAY, review_hours=hours)


def _publish_plan(staff: dict[str, User], *, at: datetime) -> None:
    rules = [
        Rule(layer="store", tier1=1_000, tier2=500),
        Rule(
            layer="category", category=Sku.objects.get(code="TT-0003").product.category,
            tier1=800, tier2=300,
        ),
    ]  # fmt: skip
    plan = draft(name=_("Opening plan"), by=staff["qian"], at=at, rules=rules)
    publish(plan=plan, by=staff["feng"], at=at)


def _orders(people: dict[str, Member], opening: datetime) -> None:
    first = _received(FIRST_ORDER, people["波"], "TT-0001", opening + 2 * DAY)
    below = _received(DOWNLINE_ORDER, people["晨"], "TT-0001", opening + 3 * DAY)
    returned = _received(
        PARTIAL_REFUND_ORDER, people["波"], "TT-0001", opening + 4 * DAY, quantity=3
    )
    late = _received(LATE_REFUND_ORDER, people["波"], "TT-0003", opening + 5 * DAY)
    _ingest(first, below, returned, late)
    # In the protection period: one of three is returned.
    in_window = _refund(returned, "D-R1", 1, opening + 8 * DAY)
    _ingest(replace(returned, refunds=(in_window,)))
    settle_until(opening + 3 * WEEK)
    story_incentives.follow_all(at=opening + 23 * DAY)
    # Days after the credit: everything is returned.
    _ingest(replace(late, refunds=(_refund(late, "D-R2", 1, opening + 25 * DAY),)))
    # Received recently, so still protected.
    recent = opening + 48 * DAY
    protected = _received(PROTECTED_ORDER, people["波"], "TT-0005", recent)
    _ingest(replace(protected, received_at=recent + DAY))
    story_incentives.follow_all(at=recent + DAY)


def _received(
    number: str, buyer: Member, sku: str, at: datetime, *, quantity: int = 1
) -> OrderSnapshot:
    price = Sku.objects.get(code=sku).price
    return OrderSnapshot(
        number=number,
        buyer=buyer.identities.get(provider=Identity.Provider.MALL).external_id,
        placed_at=at,
        paid_at=at + timedelta(minutes=2),
        shipped_at=at + timedelta(hours=5),
        received_at=at + 3 * DAY,
        lines=(LineSnapshot(number=1, sku=sku, quantity=quantity, unit_price=price),),
    )


def _refund(order: OrderSnapshot, number: str, units: int, at: datetime) -> RefundSnapshot:
    (line,) = order.lines
    return RefundSnapshot(
        number=number, line=1, quantity=units, amount=units * line.unit_price,
        requested_at=at, approved_at=at + timedelta(hours=1), done_at=at + timedelta(hours=2),
    )  # fmt: skip


def _ingest(*orders: OrderSnapshot) -> None:
    last = max(
        moment
        for order in orders
        for moment in (order.received_at, *(refund.done_at for refund in order.refunds))
        if moment
    )
    ingest(orders, at=last)


def ingest(orders: Sequence[OrderSnapshot], *, at: datetime) -> None:
    """Take in orders as they are at a moment; an order that is refused stops the play."""
    for outcome in ingest_orders(orders, at=at, clock=clock.now()):
        if outcome.error:
            raise outcome.error


def settle_until(until: datetime) -> None:
    """Credit and complete what is due."""
    while settle(at=until):
        pass
    while complete(at=until):
        pass


def report_lines() -> Iterator[str]:
    """Yield the story as lines of text, with the amounts from the database."""
    if not Order.objects.filter(number=FIRST_ORDER).exists():
        return
    yield from (
        "",
        _("The story so far: 梅 brought 兰, 兰 brought 波, 波 brought 晨. The plan pays 10% and 5%,"
          " for food 8% and 3%."),
        "",
        _("1. 波 buys (%(number)s): 兰 is tier 1, 梅 is tier 2.") % {"number": FIRST_ORDER},
        *_commission_lines(FIRST_ORDER),
        _("2. 晨 buys (%(number)s): 波 is tier 1, 兰 is tier 2. 梅 gets nothing, as third.")
        % {"number": DOWNLINE_ORDER},
        *_commission_lines(DOWNLINE_ORDER),
        _("3. 波 buys three (%(number)s) and returns one in the window: a third is voided.")
        % {"number": PARTIAL_REFUND_ORDER},
        *_commission_lines(PARTIAL_REFUND_ORDER),
        _("4. 波 buys food (%(number)s) and returns it after the credit: it is taken back.")
        % {"number": LATE_REFUND_ORDER},
        *_commission_lines(LATE_REFUND_ORDER),
        *_clawback_lines(LATE_REFUND_ORDER),
        *_protected(PROTECTED_ORDER),
        *_commission_lines(PROTECTED_ORDER),
        _("6. 波 wants to be the upline of 梅: %(answer)s") % {"answer": _try_circular_referral()},
        _("7. 波 wants to leave 兰 now: %(answer)s") % {"answer": _try_late_leave()},
        _("8. Why? ./manage.py explain %(number)s") % {"number": PARTIAL_REFUND_ORDER},
        *_explanation(PARTIAL_REFUND_ORDER),
        _("9. The wallets:"),
        *_wallets(),
        *story_withdrawals.report_lines(),
        *story_incentives.report_lines(),
        "",
    )  # fmt: skip


def _explanation(number: str) -> Iterator[str]:
    for text in explanation_lines(explain(Order.objects.get(number=number))):
        yield f"   {text}"


def _commission_lines(number: str) -> Iterator[str]:
    rows = Commission.objects.filter(line__order__number=number).order_by("line__number", "tier")
    for commission in rows.select_related("distributor__member"):
        state = dict(Commission.Status.choices).get(commission.state, _("void"))
        yield _("   tier %(tier)s: %(who)s %(current)s of %(original)s yuan, %(state)s") % {
            "tier": commission.tier,
            "who": commission.distributor,
            "current": format_yuan(commission.current),
            "original": format_yuan(commission.original),
            "state": state,
        }


def _clawback_lines(number: str) -> Iterator[str]:
    rows = CommissionChange.objects.filter(commission__line__order__number=number, delta__lt=0)
    for clawback in rows.select_related(
        "refund", "commission__distributor__member", "commission__settlement"
    ).order_by("commission__tier", "pk"):
        credited = clawback.commission.settlement
        yield _(
            "   %(amount)s yuan were taken back from %(who)s: credited on %(credited)s, but on"
            " %(at)s refund %(refund)s gave the buyer %(paid)s yuan back"
        ) % {
            "amount": format_yuan(-clawback.delta),
            "who": clawback.commission.distributor,
            "credited": format_moment(credited.at) if credited else "",
            "at": format_moment(clawback.at),
            "refund": clawback.refund.number,
            "paid": format_yuan(clawback.refund.amount),
        }


def _protected(number: str) -> Iterator[str]:
    """Yield a line that stays true after the protection period."""
    order = Order.objects.get(number=number)
    text = _("5. 波 received %(number)s on %(at)s: protected until %(until)s, then credited.")
    if order.received_at and order.release_at:
        at, until = format_moment(order.received_at), format_moment(order.release_at)
        yield text % {"number": number, "at": at, "until": until}


def _try_circular_referral() -> str:
    binding = Binding.objects.filter(member__nickname="波").order_by("pk")[0]
    with transaction.atomic():
        answer = refer(
            member=Member.objects.filter(nickname="梅").order_by("pk")[0],
            referrer=binding.member,
            source=Source.SHARE,
            at=binding.started_at + 40 * DAY,
        )
        transaction.set_rollback(True)
    return _("refused, it would close a circle.") if answer.outcome == "circle" else answer.outcome


def _try_late_leave() -> str:
    binding = Binding.objects.filter(member__nickname="波").order_by("pk")[0]
    try:
        leave(
            member=binding.member, by=binding.member, at=binding.started_at + 40 * DAY,
            reason=_("I want to."),
        )  # fmt: skip
    except TwotierError as refusal:
        return str(refusal)
    return ""


def _wallets() -> Iterator[str]:
    for name in ("梅", "兰", "波"):
        cash = Account.objects.filter(
            member__nickname=name, asset=Asset.CASH, kind=Kind.WALLET
        ).order_by("pk")
        yield f"   {name} {format_yuan(cash[0].balance or 0) if cash else '0.00'}"
