import common.base_models
import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalog', '0001_initial'),
        ('distribution', '0001_initial'),
        ('members', '0001_initial'),
        ('sharing', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Order',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('number', models.CharField(max_length=64, verbose_name='order number')),
                    ('buyer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='members.member', verbose_name='buyer')),
                    ('placed_at', models.DateTimeField(verbose_name='placed at')),
                    ('paid_at', models.DateTimeField(null=True, verbose_name='paid at')),
                    ('shipped_at', models.DateTimeField(null=True, verbose_name='shipped at')),
                    ('received_at', models.DateTimeField(null=True, verbose_name='received at')),
                    ('closed_at', models.DateTimeField(null=True, verbose_name='closed at')),
                    ('assumed_received_at', models.DateTimeField(null=True, verbose_name='assumed to be received at')),
                    ('protection_days', models.PositiveSmallIntegerField(null=True, verbose_name='days of protection')),
                    ('release_at', models.DateTimeField(null=True, verbose_name='protected until')),
                    ('completed_at', models.DateTimeField(null=True, verbose_name='completed at')),
                    ('completion_failed_at', models.DateTimeField(null=True, verbose_name='completion failed at')),
                    ('contact', models.JSONField(blank=True, default=dict, verbose_name='contact hashes')),
                    ('revision', models.BigIntegerField(null=True, verbose_name='revision')),
                    ('share', models.CharField(blank=True, max_length=64, verbose_name='share')),
                    ('region', models.CharField(blank=True, max_length=60, verbose_name='region')),
                    ('metadata', models.JSONField(blank=True, null=True, verbose_name='metadata of the mall')),
                    ('status', models.GeneratedField(db_persist=True, expression=models.Case(models.When(closed_at__isnull=False, then=models.Value('closed')), models.When(completed_at__isnull=False, then=models.Value('completed')), models.When(models.Q(('received_at__isnull', False), ('assumed_received_at__isnull', False), _connector='OR'), then=models.Value('received')), models.When(shipped_at__isnull=False, then=models.Value('shipped')), models.When(paid_at__isnull=False, then=models.Value('paid')), default=models.Value('placed')), output_field=models.CharField(choices=[('placed', 'placed'), ('paid', 'paid'), ('shipped', 'shipped'), ('received', 'received'), ('completed', 'completed'), ('closed', 'closed')], max_length=10), verbose_name='status')),
                ],
                options={
                    'verbose_name': 'order',
                    'verbose_name_plural': 'orders',
                    'ordering': ['-id'],
                    'indexes': [
                        models.Index(fields=['buyer', '-placed_at'], name='order_of_buyer'),
                        models.Index(fields=['placed_at'], name='order_by_day'),
                        models.Index(fields=['number'], name='order_by_start_of_number', opclasses=['varchar_pattern_ops']),
                        models.Index(django.db.models.functions.comparison.Collate(django.db.models.functions.text.Reverse('number'), 'C'), name='order_by_end_of_number'),
                        models.Index(models.F('release_at'), condition=models.Q(('completed_at', None), ('release_at__isnull', False)), name='order_under_protection'),
                        models.Index(models.F('shipped_at'), condition=models.Q(('closed_at', None), ('received_at', None), ('shipped_at__isnull', False)), name='order_on_its_way'),
                        models.Index(models.F('id'), condition=models.Q(('closed_at', None), ('paid_at', None)), name='order_not_paid_yet'),
                        models.Index(models.F('closed_at'), condition=models.Q(('closed_at__isnull', False), ('paid_at__isnull', False)), name='order_closed_after_payment'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('number',), name='order_number_unique'),
                        models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='order_has_number'),
                        models.CheckConstraint(condition=models.Q(models.Q(('assumed_received_at', None), ('protection_days', None), ('received_at', None)), models.Q(models.Q(('received_at__isnull', False), ('assumed_received_at__isnull', False), _connector='OR'), ('protection_days__isnull', False)), _connector='OR'), name='order_protection_fixed_at_receipt'),
                        models.CheckConstraint(condition=models.Q(models.Q(models.Q(models.Q(('assumed_received_at', None), ('received_at', None)), ('paid_at', None), _connector='OR'), ('release_at', None)), models.Q(('paid_at__isnull', False), ('release_at__isnull', False), models.Q(models.Q(('received_at__isnull', False), django.db.models.lookups.Exact(django.db.models.expressions.CombinedExpression(models.F('release_at'), '-', django.db.models.functions.comparison.Greatest('placed_at', 'paid_at', 'received_at')), models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(models.F('protection_days'), '*', models.Value(datetime.timedelta(days=1))), models.DurationField()))), models.Q(('assumed_received_at__isnull', False), django.db.models.lookups.Exact(django.db.models.expressions.CombinedExpression(models.F('release_at'), '-', django.db.models.functions.comparison.Greatest('placed_at', 'paid_at', 'assumed_received_at')), models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(models.F('protection_days'), '*', models.Value(datetime.timedelta(days=1))), models.DurationField()))), _connector='OR')), _connector='OR'), name='order_release_ends_protection'),
                        models.CheckConstraint(condition=models.Q(('completed_at', None), models.Q(('completed_at__gte', models.F('release_at')), ('paid_at__isnull', False)), _connector='OR'), name='order_completed_after_protection'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='OrderLine',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='orders.order', verbose_name='order')),
                    ('number', models.PositiveSmallIntegerField(verbose_name='line')),
                    ('sku', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.sku', verbose_name='SKU')),
                    ('product', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product', verbose_name='product')),
                    ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name='categories, the nearest first')),
                    ('quantity', models.PositiveIntegerField(verbose_name='quantity')),
                    ('unit_price', models.BigIntegerField(verbose_name='unit price')),
                    ('discount', models.BigIntegerField(default=0, verbose_name='discount of the line')),
                    ('shipping', models.BigIntegerField(default=0, verbose_name='shipping of the line')),
                    ('unit_cost', models.BigIntegerField(null=True, verbose_name='unit cost')),
                    ('paid', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('unit_price'), '*', models.F('quantity')), '-', models.F('discount')), output_field=models.BigIntegerField(), verbose_name='paid for goods')),
                    ('refunded_quantity', models.PositiveIntegerField(default=0, verbose_name='refunded quantity')),
                    ('refunded_amount', models.BigIntegerField(default=0, verbose_name='refunded amount')),
                ],
                options={
                    'verbose_name': 'order line',
                    'verbose_name_plural': 'order lines',
                    'ordering': ['order_id', 'number'],
                    'constraints': [
                        models.UniqueConstraint(fields=('order', 'number'), name='order_line_unique'),
                        models.CheckConstraint(condition=models.Q(('number__gt', 0), ('quantity__gt', 0)), name='order_line_counts_positive'),
                        models.CheckConstraint(condition=models.Q(('discount__gte', 0), ('shipping__gte', 0), ('unit_price__gte', 0)), name='order_line_amounts_not_negative'),
                        models.CheckConstraint(condition=models.Q(('unit_cost__gte', 0)), name='order_line_cost_not_negative'),
                        models.CheckConstraint(condition=models.Q(('paid__gte', 0)), name='order_line_paid_not_negative'),
                        models.CheckConstraint(condition=models.Q(('refunded_amount__gte', 0), ('refunded_quantity__gte', 0)), name='order_line_refunds_not_negative'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Attribution',
                fields=[
                    ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='attribution', serialize=False, to='orders.order', verbose_name='order')),
                    ('tier1', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.distributor', verbose_name='tier 1')),
                    ('tier1_reason', models.CharField(choices=[('no_upline', 'no upline'), ('upline', 'upline of the buyer'), ('self', "the buyer's own distribution"), ('upline_of_1', 'upline of tier 1')], max_length=12, verbose_name='why tier 1')),
                    ('tier1_status', models.CharField(blank=True, max_length=10, verbose_name='status of tier 1')),
                    ('tier1_level', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.level', verbose_name='level of tier 1')),
                    ('tier1_segment', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.segment', verbose_name='segment of tier 1')),
                    ('tier2', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.distributor', verbose_name='tier 2')),
                    ('tier2_reason', models.CharField(choices=[('no_upline', 'no upline'), ('upline', 'upline of the buyer'), ('self', "the buyer's own distribution"), ('upline_of_1', 'upline of tier 1')], max_length=12, verbose_name='why tier 2')),
                    ('tier2_status', models.CharField(blank=True, max_length=10, verbose_name='status of tier 2')),
                    ('tier2_level', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.level', verbose_name='level of tier 2')),
                    ('tier2_segment', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.segment', verbose_name='segment of tier 2')),
                ],
                options={
                    'verbose_name': 'attribution',
                    'verbose_name_plural': 'attributions',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('tier2', None), models.Q(('tier1__isnull', False), models.Q(('tier1', models.F('tier2')), _negated=True)), _connector='OR'), name='attribution_tiers_differ'),
                        models.CheckConstraint(condition=models.Q(models.Q(('tier1', None), ('tier1_reason', 'no_upline'), ('tier1_status', '')), models.Q(('tier1__isnull', False), ('tier1_reason__in', ['upline', 'self']), models.Q(('tier1_status', ''), _negated=True)), _connector='OR'), name='attribution_tier1_has_reason'),
                        models.CheckConstraint(condition=models.Q(models.Q(('tier2', None), ('tier2_reason', 'no_upline'), ('tier2_status', '')), models.Q(('tier2__isnull', False), ('tier2_reason', 'upline_of_1'), models.Q(('tier2_status', ''), _negated=True)), _connector='OR'), name='attribution_tier2_has_reason'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ClosureDecision',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='closure_decision', to='orders.order', verbose_name='order')),
                    ('outcome', models.CharField(choices=[('credit', 'credit'), ('refund', 'treat as refunded')], max_length=6, verbose_name='decision')),
                    ('reason', models.CharField(max_length=200, verbose_name='reason')),
                    ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('decided_at', models.DateTimeField(verbose_name='decided at')),
                ],
                options={
                    'verbose_name': 'decision about a closed order',
                    'verbose_name_plural': 'decisions about closed orders',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('outcome__in', ['credit', 'refund'])), name='closure_outcome_valid'),
                        models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='closure_has_reason'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='OrderConflict',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('number', models.CharField(max_length=64, verbose_name='order number')),
                    ('order', models.ForeignKey(help_text='Empty: the order was not known, so nothing is held.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to='orders.order', verbose_name='order')),
                    ('field', models.CharField(max_length=120, verbose_name='field')),
                    ('source', models.CharField(max_length=64, verbose_name='source')),
                    ('known', models.TextField(blank=True, verbose_name='known value')),
                    ('given', models.TextField(blank=True, verbose_name='given value')),
                    ('first_seen', models.DateTimeField(verbose_name='first seen')),
                    ('last_seen', models.DateTimeField(verbose_name='last seen')),
                    ('status', models.CharField(choices=[('open', 'open'), ('accepted', 'value accepted'), ('dismissed', 'dismissed'), ('resolved', 'resolved by itself')], default='open', max_length=9, verbose_name='status')),
                    ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                    ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                    ('ended_at', models.DateTimeField(null=True, verbose_name='ended at')),
                ],
                options={
                    'verbose_name': 'conflict',
                    'verbose_name_plural': 'conflicts',
                    'ordering': ['-id'],
                    'permissions': [('decide_orderconflict', 'Can decide on conflicts')],
                    'indexes': [
                        models.Index(models.F('number'), name='order_conflict_of_number'),
                        models.Index(models.F('source'), condition=models.Q(('status', 'open')), name='order_conflict_open'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(condition=models.Q(('status__in', ['open', 'resolved'])), fields=('number', 'field', 'source'), name='order_conflict_unique'),
                        models.CheckConstraint(condition=models.Q(('status__in', ['open', 'accepted', 'dismissed', 'resolved'])), name='order_conflict_status_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('decided_by', None), ('ended_at', None), ('reason', ''), ('status', 'open')), models.Q(('decided_by', None), ('ended_at__isnull', False), ('reason', ''), ('status', 'resolved')), models.Q(('decided_by__isnull', False), ('ended_at__isnull', False), ('status__in', ['accepted', 'dismissed']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='order_conflict_decision_complete'),
                        models.CheckConstraint(condition=models.Q(models.Q(('number', ''), _negated=True), models.Q(('field', ''), _negated=True), models.Q(('source', ''), _negated=True)), name='order_conflict_names_its_field'),
                        models.CheckConstraint(condition=models.Q(('last_seen__gte', models.F('first_seen'))), name='order_conflict_seen_in_order'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'accepted'), _negated=True), ('order__isnull', False), _connector='OR'), name='order_conflict_accepted_of_known_order'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='OrderAmendment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='orders.order', verbose_name='order')),
                    ('conflict', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='amendment', to='orders.orderconflict', verbose_name='conflict')),
                    ('field', models.CharField(max_length=11, verbose_name='field')),
                    ('before', models.DateTimeField(verbose_name='before')),
                    ('after', models.DateTimeField(verbose_name='after')),
                    ('at', models.DateTimeField(verbose_name='at')),
                ],
                options={
                    'verbose_name': 'corrected time',
                    'verbose_name_plural': 'corrected times',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('field__in', ['paid_at', 'shipped_at', 'received_at', 'closed_at'])), name='order_amendment_field_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Policy',
                fields=[
                    ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                    ('protection_days', models.PositiveSmallIntegerField(default=7, help_text='From receipt. A change touches no order that is received already.', verbose_name='protection period in days')),
                    ('self_purchase', models.CharField(choices=[('upline', "pays the distributor's upline"), ('self', 'pays the distributor')], default='upline', max_length=8, verbose_name="a distributor's own order")),
                    ('refund_alarm_days', models.PositiveSmallIntegerField(default=7, verbose_name='days until an approved refund raises an alarm')),
                    ('receipt_alarm_days', models.PositiveSmallIntegerField(default=30, verbose_name='days until an order shipped and not received raises an alarm')),
                    ('assumed_receipt_days', models.PositiveSmallIntegerField(blank=True, help_text='Empty: never, it only raises an alarm. A receipt that the mall reports later counts instead, while the protection lasts.', null=True, verbose_name='days after shipping until an order counts as received')),
                ],
                options={
                    'verbose_name': 'order policy',
                    'verbose_name_plural': 'order policy',
                    'abstract': False,
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('id', 1)), name='orders_policy_singleton'),
                        models.CheckConstraint(condition=models.Q(('protection_days__lte', 365)), name='policy_protection_within_limit'),
                        models.CheckConstraint(condition=models.Q(('assumed_receipt_days', None), ('assumed_receipt_days__range', (7, 365)), _connector='OR'), name='policy_assumed_receipt_within_limits'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Refund',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('number', models.CharField(max_length=64, verbose_name='refund number')),
                    ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='orders.orderline', verbose_name='order line')),
                    ('kind', models.CharField(choices=[('refund', 'refund only'), ('return', 'return and refund'), ('exchange', 'exchange'), ('correction', 'correction by staff')], max_length=10, verbose_name='kind')),
                    ('revision', models.BigIntegerField(null=True, verbose_name='revision')),
                    ('quantity', models.PositiveIntegerField(default=0, help_text='0: money only, the goods stay.', verbose_name='quantity')),
                    ('amount', models.BigIntegerField(help_text='Goods money, in fen.', verbose_name='amount')),
                    ('freight', models.BigIntegerField(default=0, help_text='In fen.', verbose_name='refunded freight')),
                    ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                    ('requested_at', models.DateTimeField(verbose_name='requested at')),
                    ('approved_at', models.DateTimeField(null=True, verbose_name='approved at')),
                    ('done_at', models.DateTimeField(null=True, verbose_name='refunded at')),
                    ('rejected_at', models.DateTimeField(null=True, verbose_name='rejected at')),
                    ('withdrawn_at', models.DateTimeField(null=True, verbose_name='withdrawn at')),
                    ('overdue_alerted_at', models.DateTimeField(null=True, verbose_name='overdue alert raised at')),
                    ('status', models.GeneratedField(db_persist=True, expression=models.Case(models.When(done_at__isnull=False, then=models.Value('done')), models.When(rejected_at__isnull=False, then=models.Value('rejected')), models.When(then=models.Value('withdrawn'), withdrawn_at__isnull=False), models.When(approved_at__isnull=False, then=models.Value('approved')), default=models.Value('requested')), output_field=models.CharField(choices=[('requested', 'requested'), ('approved', 'approved'), ('done', 'refunded'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn')], max_length=10), verbose_name='status')),
                ],
                options={
                    'verbose_name': 'refund',
                    'verbose_name_plural': 'refunds',
                    'ordering': ['-id'],
                    'constraints': [
                        models.UniqueConstraint(fields=('number', 'line'), name='refund_number_unique'),
                        models.CheckConstraint(condition=models.Q(('kind__in', ['refund', 'return', 'exchange', 'correction'])), name='refund_kind_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('kind', 'exchange'), _negated=True), models.Q(('amount', 0), ('freight', 0)), _connector='OR'), name='refund_exchange_moves_no_money'),
                        models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='refund_has_number'),
                        models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('freight__gte', 0), ('quantity__gte', 0), models.Q(('amount__gt', 0), ('quantity__gt', 0), ('freight__gt', 0), _connector='OR')), name='refund_not_empty'),
                        models.CheckConstraint(condition=models.Q(('rejected_at', None), ('withdrawn_at', None), _connector='OR'), name='refund_rejected_or_withdrawn'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='OrderShare',
                fields=[
                    ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='came_by', serialize=False, to='orders.order', verbose_name='order')),
                    ('share', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='sharing.share', verbose_name='share')),
                    ('visit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sharing.visit', verbose_name='visit')),
                    ('reason', models.CharField(choices=[('named', 'named by the order'), ('bound', 'its visit bound the buyer')], max_length=5, verbose_name='why')),
                    ('tier', models.PositiveSmallIntegerField(choices=[(1, '1'), (2, '2')], help_text='Empty: the sharer earns nothing on the order.', null=True, verbose_name='tier of the sharer')),
                ],
                options={
                    'verbose_name': 'share of an order',
                    'verbose_name_plural': 'shares of orders',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('reason', 'named'), models.Q(('reason', 'bound'), ('visit__isnull', False)), _connector='OR'), name='order_share_reason_valid'),
                        models.CheckConstraint(condition=models.Q(('tier__in', [1, 2])), name='order_share_tier_valid'),
                    ],
                },
            ),
        ),
    ]
