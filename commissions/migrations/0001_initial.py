import commissions.models.plan
import common.base_models
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('distribution', '0001_initial'),
        ('ledger', '0001_initial'),
        ('members', '0001_initial'),
        ('orders', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Plan',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('number', models.PositiveIntegerField(null=True, unique=True, verbose_name='version')),
                    ('name', models.CharField(max_length=80, verbose_name='name')),
                    ('status', models.CharField(choices=[('draft', 'draft'), ('submitted', 'waiting for publication'), ('published', 'published')], default='draft', max_length=10, verbose_name='status')),
                    ('layers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('product', 'product'), ('category', 'category'), ('store', 'whole store')], max_length=10), default=commissions.models.plan.default_layers, size=None, verbose_name='order of the layers')),
                    ('combine', models.CharField(choices=[('first', 'the first layer that has a rule'), ('best', 'the layer that pays most'), ('sum', 'all layers together')], default='first', max_length=6, verbose_name='how layers combine')),
                    ('cap', models.PositiveIntegerField(default=5000, help_text="Basis points of a line's remaining paid amount, for both tiers. 5000 is 50 %.", verbose_name='cap')),
                    ('starts_at', models.DateTimeField(blank=True, help_text='Set at publication. Empty in a published plan: in force for all earlier orders too.', null=True, verbose_name='in force from')),
                    ('submitted_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='handed over by')),
                    ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='handed over at')),
                    ('reviewer', models.ForeignKey(blank=True, db_index=False, help_text='Empty: to everyone who may publish plans.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='handed to')),
                    ('planned_start', models.DateTimeField(blank=True, null=True, verbose_name='planned start')),
                    ('note', models.CharField(blank=True, db_default='', max_length=200, verbose_name='note to the reviewer')),
                    ('return_reason', models.CharField(blank=True, db_default='', max_length=200, verbose_name='reason for the return')),
                    ('editors', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None, verbose_name='edited by')),
                    ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by')),
                    ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='published at')),
                    ('based_on', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissions.plan', verbose_name='based on')),
                    ('content_hash', models.CharField(max_length=64, null=True, unique=True, verbose_name='content hash')),
                ],
                options={
                    'verbose_name': 'commission plan',
                    'verbose_name_plural': 'commission plans',
                    'ordering': ['-id'],
                    'permissions': [('publish_plan', 'Can publish commission plans')],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('cap__lte', 10000)), name='plan_cap_within_full_price'),
                        models.CheckConstraint(condition=models.Q(('layers__contained_by', ['product', 'category', 'store'])), name='plan_layers_valid'),
                        models.CheckConstraint(condition=models.Q(('combine__in', ['first', 'best', 'sum'])), name='plan_combine_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('number', None), ('published_at', None), ('published_by', None), ('status__in', ['draft', 'submitted'])), models.Q(('number__isnull', False), ('published_at__isnull', False), ('published_by__isnull', False), ('status', 'published')), _connector='OR'), name='plan_published_has_publisher'),
                        models.CheckConstraint(condition=models.Q(models.Q(('reviewer', None), ('status', 'draft'), ('submitted_at', None), ('submitted_by', None)), models.Q(('status', 'submitted'), ('submitted_at__isnull', False), ('submitted_by__isnull', False)), ('status', 'published'), _connector='OR'), name='plan_submitted_has_submitter'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Rule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='commissions.plan', verbose_name='commission plan')),
                    ('layer', models.CharField(choices=[('product', 'product'), ('category', 'category'), ('store', 'whole store')], max_length=10, verbose_name='layer')),
                    ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='product')),
                    ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.category', verbose_name='category')),
                    ('level', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.level', verbose_name='for the level')),
                    ('segment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.segment', verbose_name='for the segment')),
                    ('priority', models.PositiveSmallIntegerField(default=0, help_text='The rule with the highest priority applies among rules for the same target.', verbose_name='priority')),
                    ('kind', models.CharField(choices=[('percent', 'percent'), ('per_unit', 'fixed amount per unit'), ('per_order', 'fixed amount per order')], default='percent', max_length=10, verbose_name='kind')),
                    ('tier1', models.PositiveBigIntegerField(blank=True, help_text='Basis points of the base (1000 is 10 %), or a fixed amount in minor units.', null=True, verbose_name='tier 1')),
                    ('tier2', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='tier 2')),
                    ('base', models.CharField(choices=[('paid', 'amount paid for the goods'), ('profit', 'profit: amount paid minus cost')], default='paid', max_length=6, verbose_name='base')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], default='cash', max_length=12, verbose_name='asset')),
                    ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='valid from')),
                    ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='valid until')),
                    ('boost', models.PositiveIntegerField(blank=True, help_text='Basis points; 20000 pays double during the boost.', null=True, verbose_name='boost')),
                    ('boost_from', models.DateTimeField(blank=True, null=True, verbose_name='boost from')),
                    ('boost_until', models.DateTimeField(blank=True, null=True, verbose_name='boost until')),
                ],
                options={
                    'verbose_name': 'rule',
                    'verbose_name_plural': 'rules',
                    'ordering': ['plan_id', 'id'],
                    'constraints': [
                        models.UniqueConstraint(models.F('plan'), models.F('layer'), models.F('product'), models.F('category'), models.F('level'), models.F('segment'), models.F('priority'), name='rule_priority_unique', nulls_distinct=False),
                        models.CheckConstraint(condition=models.Q(models.Q(('category', None), ('layer', 'store'), ('product', None)), models.Q(('category__isnull', False), ('layer', 'category'), ('product', None)), models.Q(('category', None), ('layer', 'product'), ('product__isnull', False)), _connector='OR'), name='rule_target_matches_layer'),
                        models.CheckConstraint(condition=models.Q(('level', None), ('segment', None), _connector='OR'), name='rule_has_one_audience'),
                        models.CheckConstraint(condition=models.Q(models.Q(('kind', 'percent'), models.Q(('tier1', None), ('tier1__lte', 10000), _connector='OR'), models.Q(('tier2', None), ('tier2__lte', 10000), _connector='OR')), models.Q(('kind__in', ['per_unit', 'per_order']), models.Q(('tier1', None), ('tier1__lte', 10000000000), _connector='OR'), models.Q(('tier2', None), ('tier2__lte', 10000000000), _connector='OR')), _connector='OR'), name='rule_value_within_limits'),
                        models.CheckConstraint(condition=models.Q(('kind', 'percent'), ('base', 'paid'), _connector='OR'), name='rule_fixed_has_no_base'),
                        models.CheckConstraint(condition=models.Q(('asset__in', ['cash', 'store_credit', 'points', 'bonus'])), name='rule_asset_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('boost', None), ('boost_from', None), ('boost_until', None)), models.Q(('boost__gte', 10000), ('boost__lte', 100000), ('boost_from__isnull', False), ('boost_until__gt', models.F('boost_from'))), _connector='OR'), name='rule_boost_has_window'),
                        models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='rule_ends_after_start'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='BackTest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='back_tests', to='commissions.plan', verbose_name='commission plan')),
                    ('terms', models.JSONField(verbose_name='terms')),
                    ('requested_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
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
                    ('back_test', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='products', to='commissions.backtest', verbose_name='back-test')),
                    ('product', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='product')),
                    ('sales', models.BigIntegerField(default=0, verbose_name='sales')),
                ],
                options={
                    'verbose_name': 'product of a back-test',
                    'verbose_name_plural': 'products of back-tests',
                    'constraints': [
                        models.UniqueConstraint(fields=('back_test', 'product'), name='backtest_product_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Boost',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('distributor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='boosts', to='distribution.distributor', verbose_name='distributor')),
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
                    'indexes': [
                        models.Index(fields=['distributor', 'starts_at'], name='boost_of_distributor'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('source_kind', 'source_id'), name='boost_once_per_source'),
                        models.CheckConstraint(condition=models.Q(('rate__gt', 10000), ('rate__lte', 100000)), name='boost_rate_raises'),
                        models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='boost_ends_after_start'),
                        models.CheckConstraint(condition=models.Q(('ended_at', None), models.Q(('ended_at__gte', models.F('starts_at')), ('ended_at__lte', models.F('ends_at'))), _connector='OR'), name='boost_ended_within_its_time'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Settlement',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('at', models.DateTimeField(verbose_name='at')),
                    ('count', models.PositiveIntegerField(verbose_name='commissions')),
                ],
                options={
                    'verbose_name': 'settlement',
                    'verbose_name_plural': 'settlements',
                    'ordering': ['-id'],
                },
            ),
            migrations.CreateModel(
                name='CreditFanOut',
                fields=[
                    ('settlement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='fan_out', serialize=False, to='commissions.settlement', verbose_name='settlement')),
                    ('commission_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name='commissions')),
                ],
                options={
                    'verbose_name': 'credit fan-out',
                    'verbose_name_plural': 'credit fan-outs',
                },
            ),
            migrations.CreateModel(
                name='CreditedMember',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('settlement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='credited_members', to='commissions.settlement', verbose_name='settlement')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                ],
                options={
                    'verbose_name': 'credited member',
                    'verbose_name_plural': 'credited members',
                    'constraints': [
                        models.UniqueConstraint(fields=('settlement', 'member'), name='credited_member_unique_per_settlement'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='OrderCommissionTerms',
                fields=[
                    ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='terms', serialize=False, to='orders.order', verbose_name='order')),
                    ('plan', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissions.plan', verbose_name='commission plan')),
                    ('tier1_boost', models.PositiveIntegerField(null=True, verbose_name='boost of tier 1')),
                    ('tier2_boost', models.PositiveIntegerField(null=True, verbose_name='boost of tier 2')),
                    ('accrued_at', models.DateTimeField(null=True, verbose_name='accrued at')),
                ],
                options={
                    'verbose_name': 'terms',
                    'verbose_name_plural': 'terms',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(models.Q(('tier1_boost', None), ('tier1_boost__gt', 10000), _connector='OR'), models.Q(('tier2_boost', None), ('tier2_boost__gt', 10000), _connector='OR')), name='order_terms_boosts_raise'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Commission',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='commissions', to='orders.orderline', verbose_name='order line')),
                    ('tier', models.PositiveSmallIntegerField(choices=[(1, '1'), (2, '2')], verbose_name='tier')),
                    ('distributor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='commissions', to='distribution.distributor', verbose_name='distributor')),
                    ('plan', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissions.plan', verbose_name='commission plan')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                    ('original', models.BigIntegerField(verbose_name='original amount')),
                    ('current', models.BigIntegerField(verbose_name='current amount')),
                    ('status', models.CharField(choices=[('pending', 'pending'), ('protected', 'protected'), ('credited', 'credited')], default='pending', max_length=10, verbose_name='status')),
                    ('accrued_at', models.DateTimeField(verbose_name='accrued at')),
                    ('release_at', models.DateTimeField(null=True, verbose_name='protected until')),
                    ('settlement', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissions.settlement', verbose_name='settlement')),
                ],
                options={
                    'verbose_name': 'commission',
                    'verbose_name_plural': 'commissions',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['distributor', '-id'], name='commission_of_distributor'),
                        models.Index(fields=['accrued_at'], name='commission_by_day'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('line', 'tier'), name='commission_unique_per_tier'),
                        models.CheckConstraint(condition=models.Q(('tier__in', [1, 2])), name='commission_two_tiers'),
                        models.CheckConstraint(condition=models.Q(('original__gt', 0)), name='commission_original_positive'),
                        models.CheckConstraint(condition=models.Q(('current__gte', 0), ('current__lte', models.F('original'))), name='commission_current_within_original'),
                        models.CheckConstraint(condition=models.Q(models.Q(('release_at', None), ('settlement', None), ('status', 'pending')), models.Q(('release_at__isnull', False), ('settlement', None), ('status', 'protected')), models.Q(('release_at__isnull', False), ('settlement__isnull', False), ('status', 'credited')), _connector='OR'), name='commission_status_consistent'),
                        models.CheckConstraint(condition=models.Q(('asset__in', ['cash', 'store_credit', 'points', 'bonus'])), name='commission_asset_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Explanation',
                fields=[
                    ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='explanation', serialize=False, to='orders.orderline', verbose_name='order line')),
                    ('basis', models.JSONField(verbose_name='basis')),
                ],
                options={
                    'verbose_name': 'explanation',
                    'verbose_name_plural': 'explanations',
                },
            ),
            migrations.CreateModel(
                name='DueCredit',
                fields=[
                    ('commission', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='due_credit', serialize=False, to='commissions.commission', verbose_name='commission')),
                    ('change', models.PositiveSmallIntegerField(default=0, verbose_name='change')),
                    ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account', verbose_name='account')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                    ('amount', models.BigIntegerField(verbose_name='amount')),
                    ('release_at', models.DateTimeField(verbose_name='protected until')),
                    ('bucket', models.IntegerField(help_text='Days from 1970 to the release.', verbose_name='day')),
                ],
                options={
                    'verbose_name': 'due commission',
                    'verbose_name_plural': 'due commissions',
                    'indexes': [
                        models.Index(models.F('bucket'), models.F('account'), models.F('release_at'), name='due_credit_pick'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='due_credit_amount_positive'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='CommissionHold',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('commission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='commissions.commission', verbose_name='commission')),
                    ('reason', models.CharField(choices=[('after_sale', 'open after-sale'), ('frozen', 'distributor frozen'), ('risk', 'risk'), ('fault', 'could not be credited'), ('closed', 'order closed'), ('conflict', 'conflicting reports')], max_length=12, verbose_name='reason')),
                    ('detail', models.CharField(blank=True, max_length=500, verbose_name='detail')),
                    ('since', models.DateTimeField(verbose_name='since')),
                ],
                options={
                    'verbose_name': 'held commission',
                    'verbose_name_plural': 'held commissions',
                    'constraints': [
                        models.UniqueConstraint(fields=('commission', 'reason'), name='commission_hold_unique_per_reason'),
                        models.CheckConstraint(condition=models.Q(('reason__in', ['after_sale', 'frozen', 'risk', 'fault', 'closed', 'conflict'])), name='commission_hold_reason_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='CommissionChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('commission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='commissions.commission', verbose_name='commission')),
                    ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                    ('delta', models.BigIntegerField(verbose_name='change')),
                    ('refund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='commission_changes', to='orders.refund', verbose_name='refund')),
                    ('at', models.DateTimeField(verbose_name='at')),
                    ('settlement', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissions.settlement', verbose_name='settlement')),
                ],
                options={
                    'verbose_name': 'change of a credited commission',
                    'verbose_name_plural': 'changes of credited commissions',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('commission', 'number'), name='commission_change_unique_number'),
                        models.UniqueConstraint(condition=models.Q(('delta__gt', 0), ('settlement', None)), fields=('commission',), name='commission_change_one_waiting'),
                        models.CheckConstraint(condition=models.Q(('number__gt', 0), models.Q(('delta', 0), _negated=True)), name='commission_change_not_zero'),
                        models.CheckConstraint(condition=models.Q(('settlement', None), ('delta__gt', 0), _connector='OR'), name='commission_change_settled_if_positive'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='AnnouncedClawback',
                fields=[
                    ('change', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='announcement', serialize=False, to='commissions.commissionchange', verbose_name='change')),
                ],
                options={
                    'verbose_name': 'announced clawback',
                    'verbose_name_plural': 'announced clawbacks',
                },
            ),
            migrations.CreateModel(
                name='Claim',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='members.member', verbose_name='member')),
                    ('order_number', models.CharField(max_length=64, verbose_name='order number')),
                    ('commission', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='commissions.commission', verbose_name='commission')),
                    ('reason', models.CharField(choices=[('missing', 'commission is missing'), ('amount', 'amount is wrong'), ('taken_back', 'taken back without cause'), ('other', 'other')], max_length=10, verbose_name='reason')),
                    ('text', models.CharField(max_length=500, verbose_name='text')),
                    ('opened_at', models.DateTimeField(verbose_name='opened at')),
                    ('due_at', models.DateTimeField(verbose_name='answer due at')),
                    ('status', models.CharField(choices=[('open', 'open'), ('accepted', 'accepted'), ('rejected', 'rejected')], default='open', max_length=8, verbose_name='status')),
                    ('answer', models.CharField(blank=True, max_length=200, verbose_name='answer')),
                    ('answered_at', models.DateTimeField(null=True, verbose_name='answered at')),
                    ('answered_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='answered by')),
                    ('answered_by_member', models.BigIntegerField(editable=False, null=True)),
                ],
                options={
                    'verbose_name': 'claim',
                    'verbose_name_plural': 'claims',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(models.F('due_at'), condition=models.Q(('status', 'open')), name='claim_open_due'),
                        models.Index(fields=['-answered_at', 'due_at', '-id'], name='claim_queue'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('member', 'order_number'), name='claim_open_unique'),
                        models.CheckConstraint(condition=models.Q(('status__in', ['open', 'accepted', 'rejected'])), name='claim_status_valid'),
                        models.CheckConstraint(condition=models.Q(('reason__in', ['missing', 'amount', 'taken_back', 'other'])), name='claim_reason_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('order_number', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='claim_says_something'),
                        models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at', None), ('answered_by', None), ('answered_by_member', None), ('status', 'open')), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('answered_by_member__isnull', False), ('status__in', ['accepted', 'rejected']), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='claim_answer_complete'),
                        models.CheckConstraint(condition=models.Q(('answered_by_member', models.F('member')), _negated=True), name='claim_not_answered_by_oneself'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ClaimEvidence',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='commissions.claim', verbose_name='claim')),
                    ('upload', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.upload', verbose_name='upload')),
                ],
                options={
                    'verbose_name': 'picture of a claim',
                    'verbose_name_plural': 'pictures of claims',
                    'ordering': ['id'],
                },
            ),
            migrations.CreateModel(
                name='ConflictAcceptance',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(max_length=200, verbose_name='reason')),
                    ('proposer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
                    ('proposer_member', models.BigIntegerField(editable=False)),
                    ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                    ('decider', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('decider_member', models.BigIntegerField(editable=False, null=True)),
                    ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                    ('conflict', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='orders.orderconflict', verbose_name='conflict')),
                    ('status', models.CharField(choices=[('proposed', 'proposed'), ('agreed', 'agreed to'), ('refused', 'refused')], default='proposed', max_length=8, verbose_name='status')),
                ],
                options={
                    'verbose_name': 'acceptance of a conflict',
                    'verbose_name_plural': 'acceptances of conflicts',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(models.F('conflict'), condition=models.Q(('status', 'proposed')), name='conflict_acceptance_open_unique'),
                        models.UniqueConstraint(models.F('conflict'), condition=models.Q(('status', 'agreed')), name='conflict_acceptance_agreed_unique'),
                        models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='conflict_acceptance_reason_not_empty'),
                        models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decider', None), ('decider_member', None), ('status', 'proposed')), models.Q(('decided_at__isnull', False), ('decider__isnull', False), ('decider_member__isnull', False), ('status__in', ['agreed', 'refused'])), _connector='OR'), name='conflict_acceptance_decision_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'agreed'), _negated=True), models.Q(models.Q(('proposer', models.F('decider')), _negated=True), models.Q(('proposer_member', 0), models.Q(('proposer_member', models.F('decider_member')), _negated=True), _connector='OR')), _connector='OR'), name='conflict_acceptance_four_eyes'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='CommissionUpdate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='at')),
                    ('created', models.BooleanField(db_default=False, verbose_name='created')),
                    ('commission_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name='commissions')),
                ],
                options={
                    'verbose_name': 'update of commissions',
                    'verbose_name_plural': 'updates of commissions',
                    'indexes': [
                        models.Index(models.F('at'), models.F('id'), name='commission_update_order'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='AnnouncedAccruals',
                fields=[
                    ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                    ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='at')),
                    ('update_id', models.BigIntegerField(default=0, verbose_name='update')),
                ],
                options={
                    'verbose_name': 'announced commissions',
                    'verbose_name_plural': 'announced commissions',
                    'abstract': False,
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('id', 1)), name='commissions_announcedaccruals_singleton'),
                    ],
                },
            ),
        ),
    ]
