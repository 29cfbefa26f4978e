"""Compare a plan with what was paid for the orders of the last days."""

import common.base_models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_price_and_picture_guards'),
        ('commissions', '0009_plan_handover'),
        ('distribution', '0004_evidence_of_uplines'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                ('replayed_from', models.DateTimeField(verbose_name='replayed from')),
                ('status', models.CharField(choices=[('queued', 'queued'), ('running', 'running'), ('done', 'done'), ('failed', 'failed')], default='queued', max_length=10, verbose_name='status')),
                ('cursor', models.BigIntegerField(default=0)),
                ('first_order', models.BigIntegerField(default=0)),
                ('last_order', models.BigIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('orders', models.IntegerField(default=0, verbose_name='orders')),
                ('lines', models.IntegerField(default=0, verbose_name='order lines')),
                ('lines_without_cost', models.IntegerField(default=0, verbose_name='order lines without a cost')),
                ('sales', models.BigIntegerField(default=0, verbose_name='sales')),
                ('known_sales', models.BigIntegerField(default=0)),
                ('known_cost', models.BigIntegerField(default=0)),
                ('known_old', models.BigIntegerField(default=0)),
                ('known_new', models.BigIntegerField(default=0)),
                ('totals', models.JSONField(default=dict, verbose_name='totals')),
                ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='back_tests', to='commissions.plan', verbose_name='commission plan')),
                ('requested_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
            ],
            options={
                'verbose_name': 'back-test',
                'verbose_name_plural': 'back-tests',
                'ordering': ['-id'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('plan',), name='backtest_one_open_per_plan'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'running', 'done', 'failed'])), name='backtest_status_valid'),
                    models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('status__in', ['queued', 'running'])), models.Q(('finished_at__isnull', False), ('status__in', ['done', 'failed'])), _connector='OR'), name='backtest_finished_has_time'),
                    models.CheckConstraint(condition=models.Q(('days__gt', 0), ('since__lt', models.F('until'))), name='backtest_has_days'),
                ],
            },
        ),
        migrations.CreateModel(
            name='BackTestDistributor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old', models.BigIntegerField(default=0)),
                ('new', models.BigIntegerField(default=0)),
                ('old_points', models.BigIntegerField(default=0)),
                ('new_points', models.BigIntegerField(default=0)),
                ('back_test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='distributors', to='commissions.backtest', verbose_name='back-test')),
                ('distributor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.distributor', verbose_name='distributor')),
            ],
            options={
                'verbose_name': 'distributor of a back-test',
                'verbose_name_plural': 'distributors of back-tests',
                'constraints': [
                    models.UniqueConstraint(fields=('back_test', 'distributor'), name='backtest_distributor_unique'),
                ],
            },
        ),
        migrations.CreateModel(
            name='BackTestProduct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old', models.BigIntegerField(default=0)),
                ('new', models.BigIntegerField(default=0)),
                ('old_points', models.BigIntegerField(default=0)),
                ('new_points', models.BigIntegerField(default=0)),
                ('sales', models.BigIntegerField(default=0, verbose_name='sales')),
                ('back_test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='products', to='commissions.backtest', verbose_name='back-test')),
                ('product', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='product')),
            ],
            options={
                'verbose_name': 'product of a back-test',
                'verbose_name_plural': 'products of back-tests',
                'constraints': [
                    models.UniqueConstraint(fields=('back_test', 'product'), name='backtest_product_unique'),
                ],
            },
        ),
        guards.install(
            guards.transitions(
                "commissions_backtest",
                statuses=["queued", "running", "done", "failed"],
                comes_from={
                    "running": ["queued"], "done": ["queued", "running"], "failed": ["queued", "running"],
                },
                editable_in=["queued", "running"],
                constraint="backtest_finished_immutable",
            ),
        ),
    ]
