"""Guard coupons: published by somebody else than who wrote them; then terms stay; used once."""

from django.db import migrations

from common import guards

TERMS = (
    "name", "kind", "amount", "rate", "most", "threshold", "scope", "targets", "valid_from",
    "valid_until", "valid_days", "stock", "per_member", "is_claimable",
)  # fmt: skip
CHANGED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in TERMS)

GUARDS = [
    guards.transitions(
        "promotions_coupon",
        statuses=("draft", "published", "ended"),
        comes_from={"published": ["draft"], "ended": ["published"]},
        constraint="coupon_status_moves",
    ),
    guards.row_guard(
        "promotions_coupon", name="published_terms_stay",
        when=f"OLD.status <> 'draft' AND ({CHANGED})",
        constraint="coupon_published_terms_stay",
        message="the terms of a published coupon do not change",
    ),
    guards.row_guard(
        "promotions_coupon", name="published_once_stays", on="DELETE",
        when="OLD.status <> 'draft'", constraint="coupon_published_once_stays",
        message="a coupon that was published is not deleted",
    ),
    guards.immutable(
        "promotions_coupon", "id", "public_id", "created_at", "created_by_id"
    ),
    guards.read(__file__, "four_eyes"),
    guards.row_guard(
        "promotions_coupon", name="editors_append_only",
        when="NOT OLD.editors <@ NEW.editors",
        constraint="coupon_editors_append_only",
        message="the editors of a coupon are append-only",
    ),
    guards.row_guard(
        "promotions_coupon", name="published_by_once",
        when="OLD.status <> 'draft' AND (NEW.editors <> OLD.editors"
        " OR NEW.published_by_id IS DISTINCT FROM OLD.published_by_id)",
        constraint="coupon_published_terms_stay",
        message="who wrote and published a coupon does not change",
    ),
    guards.never_deleted("promotions_coupongrant"),
    guards.immutable(
        "promotions_coupongrant", "id", "public_id", "coupon_id", "key", "granted_at",
        "valid_from", "valid_until",
    ),
    guards.set_once(
        "promotions_coupongrant", "revoked_at", name="revoked_once",
        constraint="coupon_grant_revoked_once", message="a revoked coupon stays revoked",
    ),
    guards.read(__file__, "coupon_grants"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("promotions", "0001_initial"), ("events", "0002_guards"), ("members", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
    ]
