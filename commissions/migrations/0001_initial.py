import commissions.models.plan
import common.base_models
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


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
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                ('number', models.PositiveIntegerField(null=True, unique=True, verbose_name='version')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('status', models.CharField(choices=[('draft', 'draft'), ('published', 'published')], default='draft', max_length=10, verbose_name='status')),
                ('layers', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('product', 'product'), ('category', 'category'), ('store', 'whole store')], max_length=10), default=commissions.models.plan.default_layers, size=None, verbose_name='order of the layers')),
                ('combine', models.CharField(choices=[('first', 'the first layer that has a rule'), ('best', 'the layer that pays most'), ('sum', 'all layers together')], default='first', max_length=6, verbose_name='how layers combine')),
                ('cap', models.PositiveIntegerField(default=5000, help_text="Basis points of a line's remaining paid amount, for both tiers. 5000 is 50 %.", verbose_name='cap')),
                ('starts_at', models.DateTimeField(blank=True, help_text='Set at publication. Empty in a published plan: in force for all earlier orders too.', null=True, verbose_name='in force from')),
                ('editors', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None, verbose_name='edited by')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='published at')),
                ('content_hash', models.CharField(max_length=64, null=True, unique=True, verbose_name='content hash')),
                ('based_on', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissions.plan', verbose_name='based on')),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='published by')),
            ],
            options={
                'verbose_name': 'commission plan',
                'verbose_name_plural': 'commission plans',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='OrderCommissionTerms',
            fields=[
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='terms', serialize=False, to='orders.order', verbose_name='order')),
                ('accrued_at', models.DateTimeField(null=True, verbose_name='accrued at')),
                ('plan', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissions.plan', verbose_name='commission plan')),
            ],
            options={
                'verbose_name': 'terms',
                'verbose_name_plural': 'terms',
            },
        ),
        migrations.CreateModel(
            name='Commission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tier', models.PositiveSmallIntegerField(choices=[(1, '1'), (2, '2')], verbose_name='tier')),
                ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                ('original', models.BigIntegerField(verbose_name='original amount')),
                ('current', models.BigIntegerField(verbose_name='current amount')),
                ('status', models.CharField(choices=[('pending', 'pending'), ('protected', 'protected'), ('credited', 'credited')], default='pending', max_length=10, verbose_name='status')),
                ('accrued_at', models.DateTimeField(verbose_name='accrued at')),
                ('release_at', models.DateTimeField(null=True, verbose_name='protected until')),
                ('distributor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='commissions', to='distribution.distributor', verbose_name='distributor')),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='commissions', to='orders.orderline', verbose_name='order line')),
                ('settlement', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissions.settlement', verbose_name='settlement')),
                ('plan', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissions.plan', verbose_name='commission plan')),
            ],
            options={
                'verbose_name': 'commission',
                'verbose_name_plural': 'commissions',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Rule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('layer', models.CharField(choices=[('product', 'product'), ('category', 'category'), ('store', 'whole store')], max_length=10, verbose_name='layer')),
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
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.category', verbose_name='category')),
                ('level', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.level', verbose_name='for the level')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='commissions.plan', verbose_name='commission plan')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='product')),
                ('segment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.segment', verbose_name='for the segment')),
            ],
            options={
                'verbose_name': 'rule',
                'verbose_name_plural': 'rules',
                'ordering': ['plan_id', 'id'],
            },
        ),
        migrations.CreateModel(
            name='DueCredit',
            fields=[
                ('commission', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='due_credit', serialize=False, to='commissions.commission', verbose_name='commission')),
                ('change', models.PositiveSmallIntegerField(default=0, verbose_name='change')),
                ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('release_at', models.DateTimeField(verbose_name='protected until')),
                ('bucket', models.IntegerField(help_text='Days from 1970 to the release.', verbose_name='day')),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'due commission',
                'verbose_name_plural': 'due commissions',
            },
        ),
        migrations.CreateModel(
            name='CommissionHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('after_sale', 'open after-sale'), ('frozen', 'distributor frozen'), ('risk', 'risk'), ('fault', 'could not be credited'), ('closed', 'order closed'), ('conflict', 'conflicting reports')], max_length=12, verbose_name='reason')),
                ('detail', models.CharField(blank=True, max_length=500, verbose_name='detail')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('commission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='commissions.commission', verbose_name='commission')),
            ],
            options={
                'verbose_name': 'held commission',
                'verbose_name_plural': 'held commissions',
                'constraints': [models.UniqueConstraint(fields=('commission', 'reason'), name='commission_hold_unique_per_reason'), models.CheckConstraint(condition=models.Q(('reason__in', ['after_sale', 'frozen', 'risk', 'fault', 'closed', 'conflict'])), name='commission_hold_reason_valid')],
            },
        ),
        migrations.CreateModel(
            name='ConflictAcceptance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('proposer_member', models.BigIntegerField(editable=False)),
                ('proposed_at', models.DateTimeField(verbose_name='proposed at')),
                ('decider_member', models.BigIntegerField(editable=False, null=True)),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('status', models.CharField(choices=[('proposed', 'proposed'), ('agreed', 'agreed to'), ('refused', 'refused')], default='proposed', max_length=8, verbose_name='status')),
                ('conflict', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acceptances', to='orders.orderconflict', verbose_name='conflict')),
                ('decider', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('proposer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='proposed by')),
            ],
            options={
                'verbose_name': 'acceptance of a conflict',
                'verbose_name_plural': 'acceptances of conflicts',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(models.F('conflict'), condition=models.Q(('status', 'proposed')), name='conflict_acceptance_open_unique'), models.UniqueConstraint(models.F('conflict'), condition=models.Q(('status', 'agreed')), name='conflict_acceptance_agreed_unique'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='conflict_acceptance_reason_not_empty'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decider', None), ('decider_member', None), ('status', 'proposed')), models.Q(('decided_at__isnull', False), ('decider__isnull', False), ('decider_member__isnull', False), ('status__in', ['agreed', 'refused'])), _connector='OR'), name='conflict_acceptance_decision_complete'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'agreed'), _negated=True), models.Q(models.Q(('proposer', models.F('decider')), _negated=True), models.Q(('proposer_member', 0), models.Q(('proposer_member', models.F('decider_member')), _negated=True), _connector='OR')), _connector='OR'), name='conflict_acceptance_four_eyes')],
            },
        ),
        migrations.CreateModel(
            name='CreditedMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                ('settlement', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='credited_members', to='commissions.settlement', verbose_name='settlement')),
            ],
            options={
                'verbose_name': 'credited member',
                'verbose_name_plural': 'credited members',
                'constraints': [models.UniqueConstraint(fields=('settlement', 'member'), name='credited_member_unique_per_settlement')],
            },
        ),
        migrations.CreateModel(
            name='CommissionChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('delta', models.BigIntegerField(verbose_name='change')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('commission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='commissions.commission', verbose_name='commission')),
                ('refund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='commission_changes', to='orders.refund', verbose_name='refund')),
                ('settlement', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='commissions.settlement', verbose_name='settlement')),
            ],
            options={
                'verbose_name': 'change of a credited commission',
                'verbose_name_plural': 'changes of credited commissions',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(fields=('commission', 'number'), name='commission_change_unique_number'), models.UniqueConstraint(condition=models.Q(('delta__gt', 0), ('settlement', None)), fields=('commission',), name='commission_change_one_waiting'), models.CheckConstraint(condition=models.Q(('number__gt', 0), models.Q(('delta', 0), _negated=True)), name='commission_change_not_zero'), models.CheckConstraint(condition=models.Q(('settlement', None), ('delta__gt', 0), _connector='OR'), name='commission_change_settled_if_positive')],
            },
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('cap__lte', 10000)), name='plan_cap_within_full_price'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('layers__contained_by', ['product', 'category', 'store'])), name='plan_layers_valid'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('combine__in', ['first', 'best', 'sum'])), name='plan_combine_valid'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('number', None), ('published_at', None), ('published_by', None), ('status', 'draft')), models.Q(('number__isnull', False), ('published_at__isnull', False), ('published_by__isnull', False), ('status', 'published')), _connector='OR'), name='plan_published_has_publisher'),
        ),
        migrations.AddIndex(
            model_name='commission',
            index=models.Index(fields=['distributor', '-id'], name='commission_of_distributor'),
        ),
        migrations.AddConstraint(
            model_name='commission',
            constraint=models.UniqueConstraint(fields=('line', 'tier'), name='commission_unique_per_tier'),
        ),
        migrations.AddConstraint(
            model_name='commission',
            constraint=models.CheckConstraint(condition=models.Q(('tier__in', [1, 2])), name='commission_two_tiers'),
        ),
        migrations.AddConstraint(
            model_name='commission',
            constraint=models.CheckConstraint(condition=models.Q(('original__gt', 0)), name='commission_original_positive'),
        ),
        migrations.AddConstraint(
            model_name='commission',
            constraint=models.CheckConstraint(condition=models.Q(('current__gte', 0), ('current__lte', models.F('original'))), name='commission_current_within_original'),
        ),
        migrations.AddConstraint(
            model_name='commission',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('release_at', None), ('settlement', None), ('status', 'pending')), models.Q(('release_at__isnull', False), ('settlement', None), ('status', 'protected')), models.Q(('release_at__isnull', False), ('settlement__isnull', False), ('status', 'credited')), _connector='OR'), name='commission_status_consistent'),
        ),
        migrations.AddConstraint(
            model_name='commission',
            constraint=models.CheckConstraint(condition=models.Q(('asset__in', ['cash', 'store_credit', 'points', 'bonus'])), name='commission_asset_valid'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.UniqueConstraint(models.F('plan'), models.F('layer'), models.F('product'), models.F('category'), models.F('level'), models.F('segment'), models.F('priority'), name='rule_priority_unique', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('category', None), ('layer', 'store'), ('product', None)), models.Q(('category__isnull', False), ('layer', 'category'), ('product', None)), models.Q(('category', None), ('layer', 'product'), ('product__isnull', False)), _connector='OR'), name='rule_target_matches_layer'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(('level', None), ('segment', None), _connector='OR'), name='rule_has_one_audience'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'percent'), models.Q(('tier1', None), ('tier1__lte', 10000), _connector='OR'), models.Q(('tier2', None), ('tier2__lte', 10000), _connector='OR')), models.Q(('kind__in', ['per_unit', 'per_order']), models.Q(('tier1', None), ('tier1__lte', 10000000000), _connector='OR'), models.Q(('tier2', None), ('tier2__lte', 10000000000), _connector='OR')), _connector='OR'), name='rule_value_within_limits'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'percent'), ('base', 'paid'), _connector='OR'), name='rule_fixed_has_no_base'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(('asset__in', ['cash', 'store_credit', 'points', 'bonus'])), name='rule_asset_valid'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('boost', None), ('boost_from', None), ('boost_until', None)), models.Q(('boost__gte', 10000), ('boost__lte', 100000), ('boost_from__isnull', False), ('boost_until__gt', models.F('boost_from'))), _connector='OR'), name='rule_boost_has_window'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='rule_ends_after_start'),
        ),
        migrations.AddIndex(
            model_name='duecredit',
            index=models.Index(models.F('bucket'), models.F('account'), models.F('release_at'), name='due_credit_pick'),
        ),
        migrations.AddConstraint(
            model_name='duecredit',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='due_credit_amount_positive'),
        ),
    ]
