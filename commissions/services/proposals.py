"""Propose from a product's page what the product should pay: as a draft of the next plan."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from commissions.models import Plan, Rule
from commissions.models.plan import Layer
from commissions.plan_cache import plans_in_force
from commissions.services.plans import draft, lock_draft, record_edit, roll_back_to
from common.errors import TwotierError
from members.models import User


class ProposalNotForDraft(TwotierError):
    code = "plan_proposal_not_for_draft"
    message = _("This draft is based on a plan that is no longer in force. Choose a new draft.")


@transaction.atomic
def propose_for_product(
    *, product: Product, rule: Rule, by: User, at: datetime, into: Plan | None = None
) -> Plan:
    """Put a rule for a product, for all distributors, into a draft, and return the draft.

    It replaces the product's rule for everyone; those for levels and segments stay. Another
    person publishes the draft, as ever.

    :param rule: not saved; its kind, values, base and asset count
    :param into: a draft; without it a new one with the terms of the plan in force
    :raises ProposalNotForDraft: the draft is not based on the plan in force
    :raises WrongStatus: the draft was published or handed over meanwhile
    """
    current = plans_in_force([at])[at]
    plan = into or _new_draft(current, product, by=by, at=at)
    if into:
        lock_draft(into)
        if current and into.based_on_id != current.pk:
            raise ProposalNotForDraft(plan=into.public_id)
    if Layer.PRODUCT not in plan.layers:
        plan.layers = [Layer.PRODUCT, *plan.layers]
        plan.save(update_fields=["layers"])
    for_everyone = plan.rules.filter(product=product, level=None, segment=None)
    before = list(for_everyone.order_by("pk").values("kind", "tier1", "tier2", "base", "asset"))
    for_everyone.delete()
    rule.pk, rule.plan, rule.layer, rule.product = None, plan, Layer.PRODUCT, product
    rule.save()
    record_edit(
        plan=plan, by=by, at=at, before={"rules": before},
        after={"rules": [{"product": product.public_id, "tier1": rule.tier1, "tier2": rule.tier2}]},
    )  # fmt: skip
    return plan


def open_drafts(by: User, *, at: datetime) -> list[Plan]:
    """Return this person's drafts that are based on the plan in force, the latest first."""
    current = plans_in_force([at])[at]
    mine = Plan.objects.filter(status=Plan.Status.DRAFT, editors__contains=[by.pk])
    return list(mine.filter(based_on=current).order_by("-pk")) if current else []


def _new_draft(current: Plan | None, product: Product, *, by: User, at: datetime) -> Plan:
    name = product.name[: Plan._meta.get_field("name").max_length]
    if current is None:
        return draft(name=name, by=by, at=at)
    plan = roll_back_to(plan=current, by=by, at=at)
    plan.name = name
    plan.save(update_fields=["name"])
    return plan
