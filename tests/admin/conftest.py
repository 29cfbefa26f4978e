from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from alarms.services import record_job_started
from backoffice.exports import ask_export
from backoffice.import_verbs import begin_import
from backoffice.import_work import claim_import, run_import
from catalog import services as catalog
from catalog.admin.goods_import import GOODS
from catalog.models import Category, Product, Sku
from catalog.picture_lists import add_picture
from closing import services as closing
from commissions.events import COMMISSIONS_CREDITED_TO_MEMBER
from commissions.models import CommissionHold
from commissions.services import accept_conflicts, draft, open_claim, submit
from common import clock
from distribution.models import ApplicationForm, Distributor, Level, Segment
from distribution.services import apply, set_level
from events import delivery
from events.models import Event, Reference
from events.services import record
from incentives.models import Award, LevelCondition
from incentives.services.catching_up import catch_up
from incentives.services.closing import close_periods
from incentives.services.ladder import change_condition
from incentives.services.levels import pin_level, review_levels
from incentives.services.proofs import hand_in
from integration.clients import create_client
from integration.mall_imports.preparing import open_import
from integration.merges import propose_merge
from integration.pausing import pause_client
from ledger import services as ledger
from ledger.chart import Asset, Kind, Reason
from materials.models import Campaign, Course
from materials.services import mark_course_read
from members.models import Agreement, Member, MemberGrade, Tag, User
from members.staff_links import propose_staff_link
from members.uploads import store_upload
from notices.consents import report_consents
from notices.followers import tell_of_credits
from notices.messages import send_due
from notices.wordings import put_into_force, save_wording
from orders.intake import ingest_orders
from orders.models import Order, OrderConflict
from orders.services import complete
from posters.services import open_poster
from promotions.services import (
    CouponTerms,
    claim_coupon,
    create_coupon,
    publish_coupon,
    use_coupon,
)
from reports.folding.shares import fold_shares
from risk.services import assess_withdrawal, note
from sharing.models import LandingPolicy
from sharing.services import open_share, record_visit, save_home
from sharing.targets import Target
from tests.admin.words import typed_words
from tests.cast import CLOCK, LONG_AGO, NOON, give, member, staff
from tests.closing.statements import StatementFile, import_file
from tests.databases import cloned, using
from tests.incentives.contests.gifts_stage import gift
from tests.incentives.contests.stage import prize
from tests.incentives.offers import draft as draft_incentive
from tests.incentives.offers import published, reward
from tests.materials.media import announced, course, with_files
from tests.members.pictures import picture
from tests.posters import studio
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    line,
    order,
    plan,
    referral_chain,
    refund,
    rule,
    settle_all,
    sku,
    with_refund,
)  # fmt: skip
from tests.withdrawals import factories
from webhooks.endpoints import create_endpoint, send_trial
from wechat.sandbox import SandboxGateway
from withdrawals import services as withdrawals
from withdrawals.models import Channel, PayoutAuthorization, RejectionReason

RELEASED = PLACED + 3 * DAY + WEEK


@pytest.fixture
def waiting(db: None) -> Member:
    return _waiting()


@pytest.fixture
def nuts(db: None) -> Product:
    """Those of the shop, if it is open."""
    return Product.objects.filter(name="每日坚果").first() or _nuts()


def _waiting() -> Member:
    """Chen, whose joining has not been delivered, and was tried in vain."""
    with override_settings(FLOWS="tests.admin.flows"):
        chen = member("Chen")
    delivery._claim(at=NOON + timedelta(days=3650))
    return chen


def _nuts() -> Product:
    food = Category.objects.create(code="food", name="食品")
    shelf = Category.objects.create(code="nuts", name="坚果", parent=food)
    product = Product.objects.create(name="每日坚果", category=shelf)
    Sku.objects.create(product=product, code="N-1", variety="盒装", price=12990, cost=8000)
    return product


def _loop() -> None:
    """Wang brought Zhao, Zhao brought Sun; Sun's orders are credited, taken back, due and held."""
    sku()
    plan()
    *_, sun = referral_chain("Wang", "Zhao", "Sun")
    facts = [order(sun, number=f"W-{n}", received=True) for n in (1, 2, 3)]
    ingest(facts[0])
    settle_all(at=RELEASED)
    ingest(
        with_refund(facts[0], refund(3663, at=RELEASED)),
        facts[1],
        with_refund(facts[2], refund(100, number="R-2", done=False)),
        at=RELEASED,
    )
    ingest_orders([order(sun, line(price=9_990), number="W-1")], at=RELEASED, clock=CLOCK)
    accept_conflicts(
        conflicts=list(OrderConflict.objects.all()), reason="问过商城",
        by=User.objects.get(username="boss"), at=RELEASED,
    )  # fmt: skip
    held = CommissionHold.objects.latest("pk")
    CommissionHold.objects.create(
        commission=held.commission, reason=CommissionHold.Reason.FAULT, since=NOON
    )
    Level.objects.create(rank=1, name="黄金")
    Segment.objects.create(code="koc", name="KOC")
    open_claim(
        member=member("Zhao"), order_no="W-404", reason="missing", text="孙下了单", at=RELEASED
    )
    apply(member=member("Yu"), at=NOON, code=Distributor.objects.earliest("pk").code)


def _levels() -> None:
    """Zhao's level is pinned; Wang has one that no sales reach any more."""
    boss, gold = User.objects.get(username="boss"), Level.objects.get(name="黄金")
    condition = LevelCondition(level=gold, window="month", min_orders=99)
    change_condition(condition=condition, by=boss, at=NOON)
    wang, zhao = (Distributor.objects.get(member__nickname=name) for name in ("Wang", "Zhao"))
    set_level(distributor=wang, level=gold, by=boss, at=RELEASED, reason="老分销员")
    review_levels(at=RELEASED)
    pin_level(distributor=zhao, level=gold, reason="带新人", by=boss, at=RELEASED)


def _suspicion() -> None:
    """Zhao wants to withdraw at once; Qian has a word on it."""
    zhao = Distributor.objects.get(member__nickname="Zhao").member
    verdict = assess_withdrawal(
        subject=Reference("withdrawals.withdrawal", "w1"), member=zhao, amount=100, at=NOON + DAY
    )
    note(case=verdict.holds[0].case, by=staff("Qian"), at=NOON, text="问过了")


def _payouts() -> None:
    """Lu was paid once and asks again; one way of paying is paused."""
    lu = factories.ready(member("Lu"), 1_000 * factories.YUAN)
    reviewers = factories.operations(staff("Wei")), factories.finance(staff("Fan"))
    factories.attempted(lu, 300 * factories.YUAN, *reviewers)
    for later in (0, 1):
        withdrawals.process_due_attempts(at=factories.NOW + later * DAY)
    factories.asked(lu, 100 * factories.YUAN, key="k-2", at=factories.NOW + DAY)
    hu = factories.ready(member("Hu"), 1_000 * factories.YUAN)
    called_off = factories.attempted(hu, 300 * factories.YUAN, *reviewers)
    withdrawals.process_due_attempts(at=factories.NOW)
    withdrawals.cancel_at_provider(
        withdrawal=called_off.withdrawal, by=reviewers[1], at=factories.NOW
    )
    withdrawals.propose_manual_resolution(
        attempt=called_off, paid=False, voucher=b"%PDF-1.7", reason="账单中没有",
        by=reviewers[1], at=factories.NOW + 2 * DAY,
    )  # fmt: skip
    dong = factories.ready(member("Dong"), 1_000 * factories.YUAN)
    by_hand = factories.approved(dong, 300 * factories.YUAN, *reviewers)
    with override_settings(PAYOUT_GATEWAY="manual"):
        withdrawals.create_batch(
            withdrawals=[by_hand], total=300 * factories.YUAN, by=reviewers[1], at=factories.NOW
        )
    withdrawals.pause_channel(channel=Channel.ALL, at=factories.NOW, pause_reason="盘点")
    RejectionReason.objects.create(code="odd", label="资料有误")


def _books() -> None:
    """November is signed once; a bill has a row that nobody knows; some things were posted."""
    wei, lu = User.objects.get(username="wei"), Member.objects.get(nickname="Lu")
    may = factories.may(
        wei, "post_documents", "propose_adjustment", "export_payroll", "import_bill"
    )  # fmt: skip
    import_file(StatementFile(at=factories.NOW, balance=500).add(-5, number="X1"), by=may)
    closing.top_up(document="T1", amount=500, by=may, at=factories.NOW)
    closing.propose_adjustment(
        key="a", member=lu, asset="cash", direction="to_member", amount=5, reason="补", by=may,
        at=factories.NOW,
    )  # fmt: skip
    ledger.transfer(
        key="bonus",
        debit=ledger.platform_account(Kind.COMMISSION_EXPENSE, Asset.BONUS),
        credit=ledger.account(lu, Asset.BONUS),
        amount=700,
        reason=Reason.COMMISSION,
        source=ledger.Source("orders.order", "o0"),
        effective_at=NOON,
    )
    closing.hand_over_bonuses(month=date(2026, 11, 1), by=may, at=factories.NOW)
    closing.reconcile(day=date(2026, 11, 30), at=factories.NOW)
    ledger.sign_period(month=date(2026, 11, 1), by=wei, at=NOON + 60 * DAY)


def _shares() -> None:
    """Lu shares recruiting, Hu visits, and Zhao has a home page."""
    lu, hu = member("Lu"), member("Hu")
    opened, _new = open_share(member=lu, target=Target("recruit"), channel="poster", at=NOON)
    record_visit(code=opened.code, member=hu, user_agent="Phone", ip="203.0.113.7", at=NOON)
    save_home(member=member("Zhao"), line="每天都用", products=[], at=NOON)
    LandingPolicy.objects.create(kind="product", url="https://mall.example.com/{sku}")
    fold_shares()


def _webhooks() -> None:
    """The mall has an endpoint, and a test waits to be sent to it."""
    mall, _secret = create_client(name="mall", scopes=None, at=NOON)
    endpoint, _secret = create_endpoint(
        client=mall, url="https://shop.example.com/hooks?token=t", by=mall, at=NOON
    )
    send_trial(endpoint=endpoint, at=NOON)


def _notices() -> None:
    """Lu was informed of a credit in words of the shop; WeChat could not send it."""
    boss, lu = User.objects.get(username="boss"), member("Lu")
    wording = save_wording(
        kind="credited", texts={"body_zh": "{amounts} 已入账"}, channels="wechat", based_on=0,
        by=boss, at=NOON,
    )  # fmt: skip
    put_into_force(wording=wording, by=boss, at=NOON)
    with override_settings(
        WECHAT_TEMPLATES={"credited": "T-1"}, WECHAT_TEMPLATE_FIELDS={"credited": ["amount1"]}
    ):
        report_consents(member=lu, results={"T-1": "accept"})
        with transaction.atomic():
            record(
                COMMISSIONS_CREDITED_TO_MEMBER, lu, at=NOON, settlement="S-1", count=1,
                amounts={"cash": 1_099},
            )  # fmt: skip
        tell_of_credits(list(Event.objects.filter(name=COMMISSIONS_CREDITED_TO_MEMBER.name)))
        send_due(gateway=SandboxGateway(), at=clock.now())


def _materials() -> None:
    """A picture, an announcement and two courses; Mei has read one, the other is a draft."""
    campaign = Campaign.objects.create(name="双十一")
    mark_course_read(member=member("Mei"), course=course(), version=1, at=NOON)
    Course.objects.create(title="新手", text="一", created_at=NOON)
    announced(title="双十二开始报名")
    with_files(campaign=campaign)


def _posters() -> None:
    """Lu recruits with a poster, and a line of their own."""
    rows = [row for row in studio.DOCUMENT["elements"] if row["id"] in ("name", "line", "qr")]
    studio.template("join", kind="recruit", elements=rows)
    open_poster(member=member("Lu"), target=Target("recruit"), line="一起来", at=NOON)


def _incentives() -> None:
    """Zhao got an award for an order of Sun; another incentive is drafted."""
    published(name="每单一元", rewards=[reward(100)], budget_amount=100_000)
    draft_incentive(name="双十二冲刺")
    while complete(at=RELEASED):
        pass
    catch_up(orders=list(Order.objects.values_list("pk", flat=True)), at=RELEASED)
    assert Award.objects.exists()


def _contests() -> None:
    """Zhao is to get a gift and hands in a proof; the first week of a contest is closed."""
    zhao = member("Zhao")
    published(name="每单送茶", rewards=[gift()], min_amount=5_000)
    catch_up(orders=list(Order.objects.values_list("pk", flat=True)), at=RELEASED)
    published(metric="own_sales", reach="rank", period="week", rewards=[prize(100, 1)])
    close_periods(at=NOON + 30 * DAY, limit=1)
    proofs = published(metric="proof", rewards=[gift()])
    upload = store_upload(member=zhao, purpose="proof", raw=picture(), at=NOON)
    hand_in(incentive=proofs.incentive, member=zhao, upload=upload.public_id, at=RELEASED)


def _imports(boss: User) -> None:
    """A file of products is checked: one row is wrong, the other changes a price."""
    rows = "sku,name,price\nN-1,每日坚果,99\nN-2,每日坚果,x\n"
    begin_import(kind=GOODS, by=boss, file_name="goods.csv", content=rows.encode(), at=NOON)
    claimed = claim_import(at=NOON)
    assert claimed
    run_import(row=claimed, now=lambda: NOON)


def _coupons(boss: User) -> None:
    """Mei has used a coupon."""
    terms = CouponTerms("新人券", amount=5_000, valid_days=7, stock=100, is_claimable=True)
    coupon = create_coupon(terms=terms, by=boss, at=NOON)
    publisher = give(staff("Publisher"), "publish_coupon")
    publish_coupon(coupon=coupon, by=publisher, at=NOON)
    held = claim_coupon(coupon=coupon, member=member("Mei"), at=NOON)
    use_coupon(grant=held, order_number="M-1", at=NOON)
    create_coupon(terms=replace(terms, name="老客券"), by=boss, at=NOON)


@pytest.fixture(scope="session")
def kept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database with something in every list, filled once a process; its name."""
    with django_db_blocker.unblock(), cloned("shop") as name:
        with using(name):
            _open_shop()
        yield name


@pytest.fixture(scope="session")
def typed(kept: str, django_db_blocker: DjangoDbBlocker) -> list[str]:
    """What people typed in the shop, the longest first, so that no rest of a text remains."""
    with django_db_blocker.unblock(), using(kept):
        return sorted(typed_words(), key=len, reverse=True)


@pytest.fixture
def shop(kept: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Something in every list. What a test changes of it is rolled back as ever."""
    with django_db_blocker.unblock(), using(kept):
        yield


def _open_shop() -> None:
    boss = User.objects.create_superuser("boss", may_review_from=LONG_AGO)
    record_job_started("events.tasks.deliver", at=NOON)
    ask_export(
        by=boss, label="orders.order", query="", search="", columns=["number"], kind="csv",
        expected=6_000, at=NOON,
    )  # fmt: skip
    open_import(name="有赞", by=boss, at=NOON)
    for fill in (
        _loop, _suspicion, _payouts, _books, _waiting, _shares, _materials, _webhooks, _posters,
        _notices, _incentives, _contests, _levels,
    ):  # fmt: skip
        fill()
    nuts, mei = _nuts(), member("Mei")
    _imports(boss)
    _coupons(boss)
    ApplicationForm.objects.create(title="申请表")
    PayoutAuthorization.objects.create(
        member=mei, number="a1", merchant="m", app="wx", account_encrypted="-",
        account_fingerprint="f", display_name="Mei", asked_at=NOON,
    )  # fmt: skip
    Agreement.objects.create(kind="user", title="用户协议", text="第一条")
    mei.grade = MemberGrade.objects.create(rank=1, name="金卡")
    mei.save()
    mei.tags.add(Tag.objects.create(name="老客"))
    Group.objects.create(name="运营")
    propose_staff_link(user=staff("Zhu"), member=member("Zhu"), reason="查过", by=boss, at=NOON)
    propose_merge(
        merged=member("Zhu"), survivor=member("Zhou"), reason="同一手机号", by=boss, at=NOON
    )
    handed_over = draft(name="双十二", by=boss, at=NOON, rules=[rule()])
    submit(plan=handed_over, by=boss, at=NOON, note="周五前")
    mall, _secret = create_client(name="商城", scopes=None, at=NOON)
    pause_client(client=mall, conflicting=20, sent=40, at=NOON)
    catalog.put_on_sale(product=nuts, by=boss, at=NOON)
    add_picture(product=nuts, raw=picture(), by=boss, at=NOON)
    for asset, payer in ((Asset.CASH, Kind.COMMISSION_EXPENSE), (Asset.POINTS, Kind.ISSUED)):
        ledger.transfer(
            key=f"commission:{asset}",
            debit=ledger.platform_account(payer, asset),
            credit=ledger.account(mei, asset),
            amount=123456,
            reason=Reason.COMMISSION,
            source=ledger.Source("orders.order", "o1"),
            effective_at=NOON,
        )
