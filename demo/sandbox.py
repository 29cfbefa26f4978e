"""For developers of clients: sign in as one of the people of the demo, and let time pass."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from api.errors import FeatureOff, NotFound
from commissions.services import settle
from common import clock
from common.errors import TwotierError
from common.locks import advisory_lock
from demo.seed import PEOPLE
from members.models import Identity
from members.services import join
from members.sessions.services import open_session
from members.sessions.wechat import SignedIn, Visit
from orders.models import Order
from orders.services import complete
from orders.services.receipts import assume_receipt
from wechat.gateway import gateway

NAMES = ("mei", "lan", "bo", "chen")
"""The names of ``PEOPLE`` for requests, in the same order."""
RECEIVED, CREDITED = "received", "credited"
STEPS = (RECEIVED, "protected", CREDITED)
"""An order is protected from its receipt on, so the first two are one moment."""


class OrderUnpaid(TwotierError):
    code = "order_unpaid"
    message = _("Order %(order)s is not paid: report it as paid first. Nothing was changed.")


def sign_in(*, name: str, visit: Visit, at: datetime) -> SignedIn:
    """Sign in one of the people; create the member in a shop without the demo's history.

    :param name: one of ``NAMES``
    :raises FeatureOff: in production, where nobody signs in without a proof
    """
    if settings.PRODUCTION:
        raise FeatureOff
    number = NAMES.index(name)
    nickname, province, city = PEOPLE[number]
    member, is_new = join(
        provider=Identity.Provider.MALL, external_id=f"demo-{number + 1}", nickname=nickname,
        province=province, city=city, at=at,
    )  # fmt: skip
    wechat = gateway()
    _session, tokens = open_session(
        member=member, at=at, app_id=wechat.mini_app if wechat else "", device=visit.device,
        share=visit.share, anonymous_id=visit.anonymous_id,
    )  # fmt: skip
    return SignedIn(member, tokens, is_new)


def advance(*, number: str, to: str) -> datetime:
    """Let an order be received, or let time pass until its commissions are credited.

    :param to: one of ``STEPS``
    :returns: what the clock of the sandbox shows then; it never goes back
    :raises FeatureOff: the clock of this shop cannot be moved
    :raises NotFound: there is no such order
    :raises OrderUnpaid: an unpaid order earns nothing
    """
    if not settings.SANDBOX_CLOCK:
        raise FeatureOff
    order = Order.objects.filter(number=number).first()
    if order is None:
        raise NotFound
    if order.paid_at is None:
        raise OrderUnpaid(order=number)
    assume_receipt(order=order, at=clock.now())
    if to == CREDITED and order.release_at:
        _move_clock(order.release_at + timedelta(seconds=1))
        while settle(at=clock.now()):
            pass
        while complete(at=clock.now()):  # incentives count it from now on
            pass
    return clock.now()


@transaction.atomic
def _move_clock(to: datetime) -> None:
    # One after the other: the later one of two must not write the earlier time.
    advisory_lock("sandbox.clock")
    clock.move_sandbox_clock(to)
