import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from common import guards

CAUSES = [
    ('ladder', 'reached by sales'),
    ('grace_over', 'no longer reached, and the days of grace are over'),
    ('pin', 'pinned by staff'),
    ('pin_over', 'the pin has ended'),
    ('award', 'awarded'),
    ('award_over', 'the awarded level has ended'),
]

GUARDS = [
    guards.append_only("incentives_levelreview"),
    guards.immutable(
        "incentives_levelpin", "id", "distributor_id", "level_id", "reason", "pinned_at",
        "pinned_by_id", "until",
    ),
    guards.set_once(
        "incentives_levelpin", "ended_at", name="ended_once", constraint="level_pin_ends_once",
        message="a pin that has ended stays so",
    ),
    guards.never_deleted("incentives_levelpin"),
    guards.immutable("incentives_levelaward", "id", "award_id"),
    guards.never_deleted("incentives_levelaward"),
]


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0006_binding_extensions'),
        ('events', '0002_guards'),
        ('incentives', '0002_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DistributorLevel',
            fields=[],
            options={
                'verbose_name': 'level of a distributor',
                'verbose_name_plural': 'levels of distributors',
                'ordering': ['-id'],
                'permissions': [('pin_level', 'Can pin the level of a distributor')],
                'proxy': True,
                'default_permissions': ('view',),
                'indexes': [],
                'constraints': [],
            },
            bases=('distribution.distributor',),
        ),
        migrations.CreateModel(
            name='LadderLevel',
            fields=[
                ('distributor', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='ladder_level', serialize=False, to='distribution.distributor', verbose_name='distributor')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('reviewed_at', models.DateTimeField(db_index=True, null=True, verbose_name='reviewed at')),
                ('level', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.level', verbose_name='level by the ladder')),
            ],
            options={
                'verbose_name': 'level by the ladder',
                'verbose_name_plural': 'levels by the ladder',
            },
        ),
        migrations.AddField(
            model_name='levelaward',
            name='ended_at',
            field=models.DateTimeField(null=True, verbose_name='ended at'),
        ),
        migrations.AlterField(
            model_name='levelreview',
            name='cause',
            field=models.CharField(choices=CAUSES, max_length=10, verbose_name='cause'),
        ),
        migrations.AddIndex(
            model_name='levelreview',
            index=models.Index(fields=['at'], name='level_review_by_day'),
        ),
        migrations.AddIndex(
            model_name='levelaward',
            index=models.Index('ends_at', condition=Q(ended_at=None), name='level_award_open'),
        ),
        migrations.AddConstraint(
            model_name='levelaward',
            constraint=models.CheckConstraint(condition=Q(ends_at__gt=F('starts_at')), name='level_award_lasts'),
        ),
        migrations.AddConstraint(
            model_name='levelaward',
            constraint=models.CheckConstraint(condition=Q(ended_at__gte=F('starts_at'), ended_at__lte=F('ends_at')), name='level_award_ends_within_its_days'),
        ),
        migrations.RemoveConstraint(model_name='levelcondition', name='level_asks_for_orders'),
        migrations.AddConstraint(
            model_name='levelcondition',
            constraint=models.CheckConstraint(condition=Q(min_sales__isnull=False, min_sales__gt=0) | Q(min_orders__isnull=False, min_orders__gt=0), name='level_asks_for_orders', violation_error_message='A level asks for own sales or own orders. Fill in one of them.'),
        ),
        migrations.AddConstraint(
            model_name='levelcondition',
            constraint=models.CheckConstraint(condition=Q(min_buyers=None) | Q(min_buyers__gt=0), name='level_buyers_positive', violation_error_message='Own buyers start at 1; leave the field empty for none.'),
        ),
        migrations.AddConstraint(
            model_name='levelcondition',
            constraint=models.CheckConstraint(condition=Q(grace_days__gt=0, grace_days__lte=365), name='level_grace_within_limits', violation_error_message='The days of grace lie between 1 and 365.'),
        ),
        guards.install(*GUARDS),
    ]
