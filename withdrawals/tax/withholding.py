"""Reserve and release the tax of payouts, and compute it from earlier payouts."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Sum

from common.clock import business_day
from common.locks import lock_rows
from members.models import Member
from withdrawals.models import Attempt, Policy, TaxEntry, TaxYear
from withdrawals.tax.income_classes import awards_in
from withdrawals.tax.rules import Income


def lock_year(member: Member, at: datetime) -> None:
    """Lock a member's tax year, so that their payouts are taxed one after the other.

    Income of members merged into this one counts as well, so their years are locked too.
    """
    year = business_day(at).year
    persons = list(Member.objects.of_person(member.pk).order_by("pk"))
    rows = [TaxYear(member=person, year=year) for person in persons]
    TaxYear.objects.bulk_create(rows, ignore_conflicts=True)
    lock_rows(TaxYear.objects.filter(member__in=persons, year=year))


def income_of(*, member: Member, amount: int, policy: Policy, at: datetime) -> Income:
    """Return the inputs of the tax of a payment made now.

    Attempts in progress count as paid; attempts proven unpaid do not.
    """
    day = business_day(at)
    sums = {
        row["month"]: (row["income"], row["withheld"])
        for row in TaxEntry.objects.filter(
            member__in=Member.objects.of_person(member.pk).values("pk"),
            year=day.year,
            released_at=None,
            regime=policy.regime,
        )
        .values("month")
        .annotate(income=Sum("income"), withheld=Sum("withheld"))
        .order_by("month")
    }
    months = 1
    if policy.regime == Policy.Regime.PLATFORM_CUMULATIVE:
        while day.month - months in sums:
            months += 1
    counted = [sums.get(day.month - back, (0, 0)) for back in range(months)]
    return Income(
        regime=policy.regime,
        version=policy.regime_version,
        amount=amount,
        income_before=sum(income for income, _ in counted),
        withheld_before=sum(withheld for _, withheld in counted),
        months=months,
    )


def income_in_month(member: Member, at: datetime) -> int:
    """Return the fen paid or in progress in the current Shanghai month, under any regime."""
    day = business_day(at)
    entries = TaxEntry.objects.filter(
        member__in=Member.objects.of_person(member.pk).values("pk"),
        year=day.year, month=day.month, released_at=None,
    )  # fmt: skip
    return int(entries.aggregate(sum=Sum("income"))["sum"] or 0)


def reserve(attempt: Attempt, income: Income, withheld: int, *, at: datetime) -> None:
    """Count an attempt's income and tax in its month; the member's tax year is locked."""
    day = business_day(at)
    TaxEntry.objects.create(
        attempt=attempt,
        member=attempt.withdrawal.member,
        year=day.year,
        month=day.month,
        income=income.amount,
        award_income=awards_in(member=attempt.withdrawal.member, amount=income.amount),
        withheld=withheld,
        regime=income.regime,
        regime_version=income.version,
        inputs=income.as_json(),
    )


def release(attempt: Attempt, *, at: datetime) -> None:
    """Release income and tax of an attempt proven unpaid or returned."""
    TaxEntry.objects.filter(attempt=attempt, released_at=None).update(released_at=at)
