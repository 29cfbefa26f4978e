"""Import goods and rules together, before the history that needs them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from integration.mall import goods, plan
from integration.mall.files import Files
from members.models import User


@transaction.atomic
def import_goods_and_rules(
    files: Files, *, name: str, people: tuple[User, User] | None, at: datetime
) -> goods.CatalogImport:
    """Import both in one transaction, so that a refused plan imports no goods; idempotent.

    :param name: of the plan that the rules become
    :param people: its editor and its publisher; ``None`` if there is no plan to publish
    :raises TwotierError: a category or the plan is refused
    """
    catalog = goods.import_catalog(files, at=at)
    if people:
        editor, publisher = people
        plan.publish_rules(files.rules, name=name, edited_by=editor, published_by=publisher, at=at)
    return catalog


def needs_plan(files: Files) -> bool:
    """Return whether the rules have to be published."""
    return bool(files.rules.rows) and not plan.is_imported(files.rules)
