"""Tell what an income consists of: commissions and cash awards are two classes of it.

Both are remuneration for labour (劳务报酬所得) and taxed together; the filing names them apart.
"""

from __future__ import annotations

from django.db.models import Sum, TextChoices
from django.utils.translation import gettext_lazy as _

from incentives.models import Award
from ledger.chart import Asset
from members.models import Member
from withdrawals.models import TaxEntry


class IncomeClass(TextChoices):
    COMMISSIONS = "commissions", _("remuneration for labour: commissions")
    AWARDS = "awards", _("remuneration for labour: awards")
    BOTH = "both", _("remuneration for labour: commissions and awards")


def income_class(*, income: int, awards: int) -> IncomeClass:
    """Return the class of an income in fen; ``awards`` is the part that incentives gave."""
    if not awards:
        return IncomeClass.COMMISSIONS
    return IncomeClass.AWARDS if awards == income else IncomeClass.BOTH


def awards_in(*, member: Member, amount: int) -> int:
    """Return how many fen of a payment made now are awards: awards are paid out first.

    What earlier payments contained is subtracted, also of those in progress.
    """
    persons = Member.objects.of_person(member.pk).values("pk")
    given = Award.objects.filter(member__in=persons, asset=Asset.CASH).aggregate(
        sum=Sum("posted", default=0)
    )
    paid = TaxEntry.objects.filter(member__in=persons, released_at=None).aggregate(
        sum=Sum("award_income", default=0)
    )
    return max(0, min(amount, int(given["sum"]) - int(paid["sum"])))
