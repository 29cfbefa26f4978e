"""Let a distributor earn more for some days; orders keep the boosts of their placement.

* A boost never changes, except that it ends early, once; none is deleted.
* The boosts of an order are fixed when it is first ingested.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from common import guards

GUARDS = [
    guards.immutable(
        "commissions_boost", "id", "distributor_id", "rate", "starts_at", "ends_at",
        "source_kind", "source_id",
    ),
    guards.set_once(
        "commissions_boost", "ended_at", name="ended_once", constraint="boost_ended_once",
        message="a boost ends once",
    ),
    guards.never_deleted("commissions_boost"),
    guards.immutable(
        "commissions_ordercommissionterms", "tier1_boost", "tier2_boost", name="immutable_boosts"
    ),
]


class Migration(migrations.Migration):

    dependencies = [
        ('commissions', '0011_lists_by_day'),
        ('distribution', '0006_binding_extensions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Boost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rate', models.PositiveIntegerField(help_text='Basis points; 20000 pays double during the boost.', verbose_name='boost')),
                ('starts_at', models.DateTimeField(verbose_name='starts at')),
                ('ends_at', models.DateTimeField(verbose_name='ends at')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended early at')),
                ('source_kind', models.CharField(max_length=40, verbose_name='source kind')),
                ('source_id', models.CharField(max_length=80, verbose_name='source')),
            ],
            options={
                'verbose_name': 'boost',
                'verbose_name_plural': 'boosts',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='ordercommissionterms',
            name='tier1_boost',
            field=models.PositiveIntegerField(null=True, verbose_name='boost of tier 1'),
        ),
        migrations.AddField(
            model_name='ordercommissionterms',
            name='tier2_boost',
            field=models.PositiveIntegerField(null=True, verbose_name='boost of tier 2'),
        ),
        # The table is large: the next migration reads it without a lock against writers.
        AddConstraintNotValid(
            model_name='ordercommissionterms',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('tier1_boost', None), ('tier1_boost__gt', 10000), _connector='OR'), models.Q(('tier2_boost', None), ('tier2_boost__gt', 10000), _connector='OR')), name='order_terms_boosts_raise'),
        ),
        migrations.AddField(
            model_name='boost',
            name='distributor',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='boosts', to='distribution.distributor', verbose_name='distributor'),
        ),
        migrations.AddIndex(
            model_name='boost',
            index=models.Index(fields=['distributor', 'starts_at'], name='boost_of_distributor'),
        ),
        migrations.AddConstraint(
            model_name='boost',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('source_kind', 'source_id'), name='boost_once_per_source'),
        ),
        migrations.AddConstraint(
            model_name='boost',
            constraint=models.CheckConstraint(condition=models.Q(('rate__gt', 10000), ('rate__lte', 100000)), name='boost_rate_raises'),
        ),
        migrations.AddConstraint(
            model_name='boost',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='boost_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='boost',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at', None), models.Q(('ended_at__gte', models.F('starts_at')), ('ended_at__lte', models.F('ends_at'))), _connector='OR'), name='boost_ended_within_its_time'),
        ),
        guards.install(*GUARDS),
    ]
