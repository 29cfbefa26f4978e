"""Try incentives on the orders of the last days, and list awards by day."""

import common.base_models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards


class Migration(migrations.Migration):

    dependencies = [
        ('incentives', '0004_contest_guards'),
        ('incentives', '0004_engine_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='award',
            index=models.Index(fields=['reached_at'], name='award_by_time'),
        ),
        migrations.CreateModel(
            name='BackTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                ('terms', models.JSONField(verbose_name='terms')),
                ('requested_at', models.DateTimeField(verbose_name='requested at')),
                ('days', models.PositiveSmallIntegerField(verbose_name='days')),
                ('since', models.DateTimeField(verbose_name='orders from')),
                ('until', models.DateTimeField(verbose_name='orders until')),
                ('status', models.CharField(choices=[('queued', 'queued'), ('running', 'running'), ('done', 'done'), ('failed', 'failed')], default='queued', max_length=10, verbose_name='status')),
                ('first_order', models.BigIntegerField(default=0)),
                ('last_order', models.BigIntegerField(default=0)),
                ('cursor', models.BigIntegerField(default=0)),
                ('member_cursor', models.BigIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('orders', models.IntegerField(default=0, verbose_name='orders')),
                ('counted', models.IntegerField(default=0, verbose_name='orders that count')),
                ('sales', models.BigIntegerField(default=0, verbose_name='paid for goods')),
                ('awards', models.IntegerField(default=0, verbose_name='awards')),
                ('totals', models.JSONField(default=dict, verbose_name='totals')),
                ('requested_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='back_tests', to='incentives.version', verbose_name='version of an incentive')),
            ],
            options={
                'verbose_name': 'back-test of an incentive',
                'verbose_name_plural': 'back-tests of incentives',
                'ordering': ['-id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('version',), name='incentive_backtest_one_open'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'running', 'done', 'failed'])), name='incentive_backtest_status_valid'),
                    models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('status__in', ['queued', 'running'])), models.Q(('finished_at__isnull', False), ('status__in', ['done', 'failed'])), _connector='OR'), name='incentive_backtest_finished_has_time'),
                    models.CheckConstraint(condition=models.Q(('days__gt', 0), ('since__lt', models.F('until'))), name='incentive_backtest_has_days'),
                ],
            },
        ),
        migrations.CreateModel(
            name='BackTestCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.BigIntegerField()),
                ('period_start', models.DateField()),
                ('order', models.BigIntegerField()),
                ('subject', models.BigIntegerField(null=True)),
                ('value', models.BigIntegerField()),
                ('paid', models.BigIntegerField()),
                ('happened_at', models.DateTimeField()),
                ('back_test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='incentives.backtest', verbose_name='back-test of an incentive')),
            ],
            options={
                'verbose_name': 'order of a back-test',
                'verbose_name_plural': 'orders of back-tests',
                'constraints': [
                    models.UniqueConstraint(fields=('back_test', 'member', 'period_start', 'order'), name='incentive_backtest_count_unique'),
                ],
            },
        ),
        migrations.CreateModel(
            name='BackTestMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('awards', models.IntegerField(default=0, verbose_name='awards')),
                ('amount', models.BigIntegerField(default=0, verbose_name='amount')),
                ('points', models.BigIntegerField(default=0, verbose_name='points')),
                ('others', models.IntegerField(default=0, verbose_name='coupons, gifts and the like')),
                ('back_test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='incentives.backtest', verbose_name='back-test of an incentive')),
                ('member', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'member of a back-test',
                'verbose_name_plural': 'members of back-tests',
                'constraints': [
                    models.UniqueConstraint(fields=('back_test', 'member'), name='incentive_backtest_member_unique'),
                ],
            },
        ),
        guards.install(
            guards.transitions(
                "incentives_backtest",
                statuses=["queued", "running", "done", "failed"],
                comes_from={
                    "running": ["queued"], "done": ["queued", "running"], "failed": ["queued", "running"],
                },
                editable_in=["queued", "running"],
                constraint="incentive_backtest_finished_immutable",
            ),
        ),
    ]
