"""Let one person write a coupon and another publish it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards

# Before this, one person did both: who published is not known.
OWNERS = """
SET CONSTRAINTS ALL IMMEDIATE;
UPDATE promotions_coupon SET published_by_id = created_by_id WHERE status <> 'draft';
UPDATE promotions_coupon SET editors = ARRAY[created_by_id] WHERE status = 'draft';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('promotions', '0002_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='coupon',
            name='editors',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, editable=False, size=None, verbose_name='edited by'),
        ),
        migrations.AddField(
            model_name='coupon',
            name='published_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by'),
        ),
        migrations.RunSQL(OWNERS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='coupon',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('published_by', None), ('status', 'draft')), models.Q(('published_by__isnull', False), ('status__in', ['published', 'ended'])), _connector='OR'), name='coupon_published_by_somebody'),
        ),
        guards.install(
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
        ),
    ]
