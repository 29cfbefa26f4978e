"""Compute what orders pay by the rules of their own plan and by those of another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from commissions import rules
from commissions.services import accrual
from orders.intake import OrderWithLines
from orders.models import OrderLine


@dataclass(slots=True)
class Part:
    """Commissions before and after: of money in fen, and of points; ``sales`` in fen."""

    old: int = 0
    new: int = 0
    old_points: int = 0
    new_points: int = 0
    sales: int = 0

    def add(self, award: rules.Award, *, new: bool) -> None:
        points = "_points" if award.asset == rules.POINTS else ""
        name = f"{'new' if new else 'old'}{points}"
        setattr(self, name, getattr(self, name) + award.amount)

    @property
    def is_empty(self) -> bool:
        return not (self.old or self.new or self.old_points or self.new_points)


@dataclass(slots=True)
class Figures:
    """Sums over orders, in fen, of what is left after refunds.

    ``totals``: by asset, tier 1 and tier 2 before, then after. ``known_…``: of lines with a cost.
    """

    orders: int = 0
    lines: int = 0
    lines_without_cost: int = 0
    sales: int = 0
    known_sales: int = 0
    known_cost: int = 0
    known_old: int = 0
    known_new: int = 0
    totals: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 4))
    distributors: dict[int, Part] = field(default_factory=lambda: defaultdict(Part))
    products: dict[int, Part] = field(default_factory=lambda: defaultdict(Part))


def compare(orders: Iterable[OrderWithLines], terms: rules.Plan, *, shift: timedelta) -> Figures:
    """Compute the orders by the plan of each and by ``terms``.

    :param orders: each with its terms and its attribution
    :param shift: how much later the orders are placed for ``terms``, so that the dates of its
        rules count
    """
    figures = Figures()
    for placed in orders:
        figures.orders += 1
        plan = placed.order.terms.plan
        old = accrual.bases(placed, plan) if plan else [None] * len(placed.lines)
        new = rules.build_bases(
            terms, accrual.line_goods(placed), accrual.beneficiaries_of(placed),
            placed.order.placed_at + shift,
        )  # fmt: skip
        for line, old_basis, new_basis in zip(placed.lines, old, new, strict=True):
            _add_line(figures, placed, line, old_basis, new_basis)
    return figures


def _add_line(
    figures: Figures,
    placed: OrderWithLines,
    line: OrderLine,
    old_basis: rules.Basis | None,
    new_basis: rules.Basis,
) -> None:
    sales = line.remaining_paid
    figures.lines += 1
    figures.sales += sales
    product = figures.products[line.product_id]
    product.sales += sales
    money = [0, 0]
    for is_new, basis in ((False, old_basis), (True, new_basis)):
        for tier, award in enumerate(_awards_left(basis, line), start=1):
            if not award.amount:
                continue
            distributor = getattr(placed.attribution, f"tier{tier}_id")
            figures.distributors[distributor].add(award, new=is_new)
            product.add(award, new=is_new)
            figures.totals[award.asset][2 * is_new + tier - 1] += award.amount
            money[is_new] += award.amount if award.asset != rules.POINTS else 0
    if line.unit_cost is None:
        figures.lines_without_cost += 1
        return
    figures.known_sales += sales
    figures.known_cost += line.unit_cost * line.remaining_quantity
    figures.known_old += money[0]
    figures.known_new += money[1]


def _awards_left(basis: rules.Basis | None, line: OrderLine) -> Sequence[rules.Award]:
    """Return what both tiers get for what refunds left of a line."""
    if basis is None:
        return ()
    whole = rules.award(basis, quantity=line.quantity, paid=line.paid)
    if not line.refunded_amount and not line.refunded_quantity:
        return whole
    left = rules.award(basis, quantity=line.remaining_quantity, paid=line.remaining_paid)
    return [min(pair, key=lambda award: award.amount) for pair in zip(whole, left, strict=True)]
