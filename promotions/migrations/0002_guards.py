from django.db import migrations, models

from common import guards

TERMS = (
    "name", "kind", "amount", "rate", "most", "threshold", "scope", "targets", "valid_from",
    "valid_until", "valid_days", "stock", "per_member", "is_claimable",
)  # fmt: skip
CHANGED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in TERMS)


class Migration(migrations.Migration):

    dependencies = [
        ("promotions", "0001_initial"),
        ("events", "0002_guards"),
        ("members", "0013_nickname_index"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="coupon",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("publish_coupon", "Can publish and end coupons"),
                    ("give_coupon", "Can give coupons to members, and revoke them"),
                ],
                "verbose_name": "coupon",
                "verbose_name_plural": "coupons",
            },
        ),
        migrations.AddIndex(
            model_name="coupongrant",
            index=models.Index(fields=["granted_at"], name="coupon_grant_by_day"),
        ),
        migrations.AddIndex(
            model_name="coupongrant",
            index=models.Index(
                condition=models.Q(("used_at__isnull", False)), fields=["used_at"],
                name="coupon_grant_by_day_of_use",
            ),
        ),
        migrations.AddIndex(
            model_name="coupongrant",
            index=models.Index(
                condition=models.Q(("used_at__isnull", False)), fields=["coupon"],
                name="coupon_grant_used",
            ),
        ),
        migrations.AddField(
            model_name="coupongrant",
            name="revoke_when_returned",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=200,
                verbose_name="to be revoked when it is returned",
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(("stock", 0), _negated=True), name="coupon_stock_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "product"), _negated=True),
                    ("targets__len", 1),
                    _connector="OR",
                ),
                name="coupon_one_product_free",
            ),
        ),
        migrations.AddConstraint(
            model_name="coupongrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("revoke_when_returned", ""), ("used_at__isnull", False), _connector="OR"
                ),
                name="coupon_grant_to_be_revoked_is_used",
            ),
        ),
        guards.install(
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
        ),
    ]
