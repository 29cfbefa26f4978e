import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from decimal import Decimal
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('distribution', '0001_initial'),
        ('ledger', '0001_initial'),
        ('members', '0001_initial'),
        ('orders', '0001_initial'),
        ('sharing', '0001_initial'),
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='BuyerChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('member', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                ],
                options={
                    'verbose_name': 'change of a buyer',
                    'verbose_name_plural': 'changes of buyers',
                },
            ),
            migrations.CreateModel(
                name='BuyerMonth',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('buyer', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='buyer')),
                    ('cohort', models.DateField(verbose_name='month of the first order')),
                    ('month', models.DateField(verbose_name='month')),
                    ('orders', models.IntegerField(verbose_name='paid orders')),
                ],
                options={
                    'verbose_name': 'month of a buyer',
                    'verbose_name_plural': 'months of buyers',
                    'constraints': [
                        models.UniqueConstraint(fields=('buyer', 'month'), name='buyer_month_unique'),
                        models.CheckConstraint(condition=models.Q(('cohort__day', 1), ('month__day', 1), ('month__gte', models.F('cohort')), ('orders__gt', 0)), name='buyer_month_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Retention',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('cohort', models.DateField(verbose_name='month of the first order')),
                    ('month', models.DateField(verbose_name='month')),
                    ('buyers', models.BigIntegerField(db_default=0, verbose_name='buyers')),
                    ('orders', models.BigIntegerField(db_default=0, verbose_name='paid orders')),
                ],
                options={
                    'verbose_name': 'retention of buyers',
                    'verbose_name_plural': 'retention of buyers',
                    'constraints': [
                        models.UniqueConstraint(fields=('cohort', 'month'), name='retention_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Delta',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                    ('orders', models.IntegerField(default=0, verbose_name='orders')),
                    ('sales', models.BigIntegerField(default=0, verbose_name='sales')),
                    ('team_orders', models.IntegerField(default=0, verbose_name='orders of the team')),
                    ('team_sales', models.BigIntegerField(default=0, verbose_name='sales of the team')),
                    ('income', models.BigIntegerField(default=0, verbose_name='own commissions')),
                    ('team_income', models.BigIntegerField(default=0, verbose_name='commissions of the team')),
                    ('returned', models.BigIntegerField(db_default=0, default=0, verbose_name='refunded sales')),
                    ('pending', models.BigIntegerField(default=0, verbose_name='pending')),
                    ('protected', models.BigIntegerField(default=0, verbose_name='protected')),
                    ('credited', models.BigIntegerField(default=0, verbose_name='credited')),
                    ('distributor', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.distributor', verbose_name='distributor')),
                    ('day', models.DateField(null=True, verbose_name='day')),
                ],
                options={
                    'verbose_name': 'change of figures',
                    'verbose_name_plural': 'changes of figures',
                },
            ),
            migrations.CreateModel(
                name='PeriodFigures',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                    ('orders', models.IntegerField(default=0, verbose_name='orders')),
                    ('sales', models.BigIntegerField(default=0, verbose_name='sales')),
                    ('team_orders', models.IntegerField(default=0, verbose_name='orders of the team')),
                    ('team_sales', models.BigIntegerField(default=0, verbose_name='sales of the team')),
                    ('income', models.BigIntegerField(default=0, verbose_name='own commissions')),
                    ('team_income', models.BigIntegerField(default=0, verbose_name='commissions of the team')),
                    ('returned', models.BigIntegerField(db_default=0, default=0, verbose_name='refunded sales')),
                    ('pending', models.BigIntegerField(default=0, verbose_name='pending')),
                    ('protected', models.BigIntegerField(default=0, verbose_name='protected')),
                    ('credited', models.BigIntegerField(default=0, verbose_name='credited')),
                    ('distributor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.distributor', verbose_name='distributor')),
                    ('period', models.CharField(choices=[('day', 'day'), ('week', 'week'), ('month', 'month'), ('all', 'whole life')], max_length=5, verbose_name='period')),
                    ('start', models.DateField(verbose_name='first day')),
                    ('total_income', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(models.F('income'), '+', models.F('team_income')), output_field=models.BigIntegerField(), verbose_name='all commissions')),
                ],
                options={
                    'verbose_name': 'figures of a period',
                    'verbose_name_plural': 'figures of periods',
                    'indexes': [
                        models.Index(models.F('period'), models.F('start'), models.F('asset'), models.OrderBy(models.F('sales'), descending=True), models.F('distributor'), name='period_figures_sales'),
                        models.Index(models.F('period'), models.F('start'), models.F('asset'), models.OrderBy(models.F('orders'), descending=True), models.F('distributor'), name='period_figures_orders'),
                        models.Index(models.F('period'), models.F('start'), models.F('asset'), models.OrderBy(models.F('total_income'), descending=True), models.F('distributor'), name='period_figures_total_income'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('distributor', 'period', 'start', 'asset'), name='period_figures_unique'),
                        models.CheckConstraint(condition=models.Q(models.Q(('period', 'all'), ('start', '1970-01-01')), models.Q(('period', 'all'), _negated=True), _connector='OR'), name='period_figures_whole_life_has_one_start'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='MonthMovements',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account', verbose_name='account')),
                    ('month', models.DateField(verbose_name='month')),
                    ('group', models.CharField(choices=[('tier1', 'commissions of own orders'), ('tier2', 'commissions of the team'), ('returned', 'payouts that came back'), ('commission', 'commission credited'), ('clawback', 'taken back after a refund'), ('award', 'award of an incentive'), ('award_return', 'award taken back'), ('recovery', 'debt recovered'), ('hold', 'held for a withdrawal'), ('release', 'withdrawal released'), ('payout', 'paid out'), ('conversion', 'converted into store credit'), ('tax', 'tax withheld'), ('fee', 'fee'), ('statement', "matched with the provider's statement"), ('treasury', 'top-up or remittance'), ('write_off', 'debt written off'), ('spending', 'spent in the shop'), ('payroll', 'paid with the wages'), ('adjustment', 'adjustment'), ('merge', 'merge of members'), ('reversal', 'reversal')], max_length=12, verbose_name='kind of movement')),
                    ('incoming', models.BooleanField(verbose_name='came in')),
                    ('count', models.IntegerField(verbose_name='number of transfers')),
                    ('amount', models.BigIntegerField(verbose_name='amount')),
                    ('first', models.BigIntegerField(verbose_name='first transfer')),
                    ('last', models.BigIntegerField(verbose_name='last transfer')),
                ],
                options={
                    'verbose_name': 'movements of a month',
                    'verbose_name_plural': 'movements of months',
                    'constraints': [
                        models.UniqueConstraint(fields=('account', 'month', 'group', 'incoming'), name='month_movements_unique'),
                        models.CheckConstraint(condition=models.Q(('month__day', 1)), name='month_movements_first_day'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='FoldedTransfers',
                fields=[
                    ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                    ('last_transfer', models.BigIntegerField(default=0, verbose_name='last transfer')),
                    ('tip', models.BigIntegerField(default=0, verbose_name='highest transfer')),
                    ('writers', models.JSONField(default=list, verbose_name='transactions')),
                ],
                options={
                    'verbose_name': 'folded transfers',
                    'verbose_name_plural': 'folded transfers',
                    'abstract': False,
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('id', 1)), name='reports_foldedtransfers_singleton'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='SalesDelta',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('orders', models.BigIntegerField(db_default=0, verbose_name='paid orders')),
                    ('quantity', models.BigIntegerField(db_default=0, verbose_name='units sold')),
                    ('returned_quantity', models.BigIntegerField(db_default=0, verbose_name='units refunded')),
                    ('sales', models.BigIntegerField(db_default=0, verbose_name='sales')),
                    ('returned', models.BigIntegerField(db_default=0, verbose_name='refunded sales')),
                    ('commission1', models.BigIntegerField(db_default=0, verbose_name='commissions of tier 1')),
                    ('commission2', models.BigIntegerField(db_default=0, verbose_name='commissions of tier 2')),
                    ('line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.orderline', verbose_name='order line')),
                    ('day', models.DateField(verbose_name='day')),
                ],
                options={
                    'verbose_name': 'change of sales',
                    'verbose_name_plural': 'changes of sales',
                },
            ),
            migrations.CreateModel(
                name='SalesFigures',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('orders', models.BigIntegerField(db_default=0, verbose_name='paid orders')),
                    ('quantity', models.BigIntegerField(db_default=0, verbose_name='units sold')),
                    ('returned_quantity', models.BigIntegerField(db_default=0, verbose_name='units refunded')),
                    ('sales', models.BigIntegerField(db_default=0, verbose_name='sales')),
                    ('returned', models.BigIntegerField(db_default=0, verbose_name='refunded sales')),
                    ('commission1', models.BigIntegerField(db_default=0, verbose_name='commissions of tier 1')),
                    ('commission2', models.BigIntegerField(db_default=0, verbose_name='commissions of tier 2')),
                    ('kind', models.CharField(choices=[('shop', 'whole shop'), ('product', 'product'), ('category', 'category'), ('province', 'province'), ('channel', 'channel')], max_length=8, verbose_name='figures of each')),
                    ('key', models.CharField(blank=True, max_length=20, verbose_name='key')),
                    ('period', models.CharField(choices=[('day', 'day'), ('month', 'month')], max_length=5, verbose_name='period')),
                    ('start', models.DateField(verbose_name='first day')),
                    ('promoted', models.BigIntegerField(db_default=0, verbose_name='orders of distributors')),
                    ('promoted_sales', models.BigIntegerField(db_default=0, verbose_name='sales of distributors')),
                ],
                options={
                    'verbose_name': 'sales figures',
                    'verbose_name_plural': 'sales figures',
                    'indexes': [
                        models.Index(models.F('kind'), models.F('period'), models.F('start'), name='sales_figures_of_days'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('kind', 'key', 'period', 'start'), name='sales_figures_unique'),
                        models.CheckConstraint(condition=models.Q(('kind__in', ['shop', 'product', 'category', 'province', 'channel'])), name='sales_figures_kind_valid'),
                        models.CheckConstraint(condition=models.Q(('period', 'day'), models.Q(('period', 'month'), ('start__day', 1)), _connector='OR'), name='sales_figures_period_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='OrderProvince',
                fields=[
                    ('order', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='orders.order', verbose_name='order')),
                    ('province', models.CharField(max_length=3, verbose_name='province')),
                ],
                options={
                    'verbose_name': 'province of an order',
                    'verbose_name_plural': 'provinces of orders',
                },
            ),
            migrations.CreateModel(
                name='ShareDelta',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('shares', models.IntegerField(db_default=0, verbose_name='shares')),
                    ('visits', models.IntegerField(db_default=0, verbose_name='visits')),
                    ('new_members', models.IntegerField(db_default=0, verbose_name='new members')),
                    ('orders', models.IntegerField(db_default=0, verbose_name='orders')),
                    ('sales', models.BigIntegerField(db_default=0, verbose_name='sales')),
                    ('commission', models.BigIntegerField(db_default=0, verbose_name='commissions')),
                    ('earned', models.BigIntegerField(db_default=0, verbose_name='commissions of the sharer')),
                    ('share', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sharing.share', verbose_name='share')),
                    ('member', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='shared by')),
                    ('day', models.DateField(verbose_name='day')),
                ],
                options={
                    'verbose_name': 'change of figures of a share',
                    'verbose_name_plural': 'changes of figures of shares',
                },
            ),
            migrations.CreateModel(
                name='ShareFigures',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('shares', models.IntegerField(db_default=0, verbose_name='shares')),
                    ('visits', models.IntegerField(db_default=0, verbose_name='visits')),
                    ('new_members', models.IntegerField(db_default=0, verbose_name='new members')),
                    ('orders', models.IntegerField(db_default=0, verbose_name='orders')),
                    ('sales', models.BigIntegerField(db_default=0, verbose_name='sales')),
                    ('commission', models.BigIntegerField(db_default=0, verbose_name='commissions')),
                    ('earned', models.BigIntegerField(db_default=0, verbose_name='commissions of the sharer')),
                    ('kind', models.CharField(choices=[('product', 'product'), ('share', 'share'), ('channel', 'channel'), ('template', 'template of the poster'), ('member', 'shared by')], max_length=8, verbose_name='figures of each')),
                    ('key', models.CharField(max_length=64, verbose_name='key')),
                    ('day', models.DateField(verbose_name='day')),
                ],
                options={
                    'verbose_name': 'figures of shares',
                    'verbose_name_plural': 'figures of shares',
                    'indexes': [
                        models.Index(models.F('kind'), models.F('day'), name='share_figures_of_days'),
                    ],
                    'constraints': [
                        models.UniqueConstraint(fields=('kind', 'key', 'day'), name='share_figures_unique'),
                        models.CheckConstraint(condition=models.Q(('kind__in', ['product', 'share', 'channel', 'template', 'member'])), name='share_figures_kind_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ShopDay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='day of the sums')),
                    ('asset', models.CharField(choices=[('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')], max_length=12, verbose_name='asset')),
                    ('orders', models.BigIntegerField(db_default=0, verbose_name='orders')),
                    ('sales', models.BigIntegerField(db_default=0, verbose_name='sales')),
                    ('commissions', models.BigIntegerField(db_default=0, verbose_name='commissions')),
                    ('pending', models.BigIntegerField(db_default=0, verbose_name='pending')),
                    ('protected', models.BigIntegerField(db_default=0, verbose_name='protected')),
                    ('credited', models.BigIntegerField(db_default=0, verbose_name='credited')),
                    ('taken_back', models.BigIntegerField(db_default=0, verbose_name='taken back')),
                    ('paid_out', models.BigIntegerField(db_default=0, verbose_name='paid out')),
                    ('payouts', models.BigIntegerField(db_default=0, verbose_name='payouts')),
                    ('distributors', models.BigIntegerField(db_default=0, verbose_name='new distributors')),
                    ('first_transfer', models.BigIntegerField(help_text='No credit of the day has a lower key.', null=True, verbose_name='first transfer')),
                ],
                options={
                    'verbose_name': 'sums of the shop',
                    'verbose_name_plural': 'sums of the shop',
                    'constraints': [
                        models.UniqueConstraint(fields=('day', 'asset'), name='shop_day_unique'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='TeamMember',
                fields=[
                    ('binding', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='team_row', serialize=False, to='distribution.binding', verbose_name='binding')),
                    ('distributor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.distributor', verbose_name='upline')),
                    ('above', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.distributor', verbose_name='upline of the upline')),
                    ('is_distributor', models.BooleanField(verbose_name='is a distributor')),
                    ('orders', models.IntegerField(verbose_name='protected orders')),
                    ('sales', models.BigIntegerField(verbose_name='protected spend')),
                    ('team', models.IntegerField(verbose_name='team')),
                    ('by_orders', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('orders'), models.DecimalField(decimal_places=0, max_digits=40)), '*', models.Value(Decimal('1000000000000'), models.DecimalField(decimal_places=0, max_digits=40))), '+', django.db.models.functions.comparison.Cast(models.F('binding_id'), models.DecimalField(decimal_places=0, max_digits=40))), output_field=models.DecimalField(decimal_places=0, max_digits=40))),
                    ('by_sales', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('sales'), models.DecimalField(decimal_places=0, max_digits=40)), '*', models.Value(Decimal('1000000000000'), models.DecimalField(decimal_places=0, max_digits=40))), '+', django.db.models.functions.comparison.Cast(models.F('binding_id'), models.DecimalField(decimal_places=0, max_digits=40))), output_field=models.DecimalField(decimal_places=0, max_digits=40))),
                    ('by_team', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.comparison.Cast(models.F('team'), models.DecimalField(decimal_places=0, max_digits=40)), '*', models.Value(Decimal('1000000000000'), models.DecimalField(decimal_places=0, max_digits=40))), '+', django.db.models.functions.comparison.Cast(models.F('binding_id'), models.DecimalField(decimal_places=0, max_digits=40))), output_field=models.DecimalField(decimal_places=0, max_digits=40))),
                ],
                options={
                    'verbose_name': 'member of a team',
                    'verbose_name_plural': 'members of teams',
                    'indexes': [
                        models.Index(models.F('distributor'), models.OrderBy(models.F('by_orders'), descending=True), name='team_by_orders'),
                        models.Index(models.F('distributor'), models.OrderBy(models.F('by_sales'), descending=True), name='team_by_sales'),
                        models.Index(models.F('distributor'), models.OrderBy(models.F('by_team'), descending=True), name='team_by_team'),
                        models.Index(models.F('above'), models.OrderBy(models.F('by_orders'), descending=True), name='team_below_orders'),
                        models.Index(models.F('above'), models.OrderBy(models.F('by_sales'), descending=True), name='team_below_sales'),
                        models.Index(models.F('above'), models.OrderBy(models.F('by_team'), descending=True), name='team_below_team'),
                        models.Index(models.F('above'), models.OrderBy(models.F('binding'), descending=True), name='team_below_joined'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='TeamSize',
                fields=[
                    ('distributor', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='team_size', serialize=False, to='distribution.distributor', verbose_name='distributor')),
                    ('tier1', models.IntegerField(verbose_name='tier 1')),
                    ('tier1_distributors', models.IntegerField(verbose_name='distributors in tier 1')),
                    ('tier2', models.IntegerField(verbose_name='tier 2')),
                ],
                options={
                    'verbose_name': 'size of a team',
                    'verbose_name_plural': 'sizes of teams',
                },
            ),
            migrations.CreateModel(
                name='TeamChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('member', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
                    ('resized', models.BooleanField(verbose_name='resized')),
                ],
                options={
                    'verbose_name': 'change of a team',
                    'verbose_name_plural': 'changes of teams',
                },
            ),
            migrations.CreateModel(
                name='VisitDelta',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('visits', models.BigIntegerField(db_default=0, verbose_name='visits')),
                    ('further', models.BigIntegerField(db_default=0, verbose_name='visits that went on')),
                    ('joined', models.BigIntegerField(db_default=0, verbose_name='visits with a sign-in')),
                    ('kind', models.CharField(choices=[('channel', 'channel'), ('page', 'page')], max_length=7, verbose_name='figures of each')),
                    ('key', models.CharField(blank=True, max_length=60, verbose_name='key')),
                    ('day', models.DateField(verbose_name='day')),
                ],
                options={
                    'verbose_name': 'change of figures of visits',
                    'verbose_name_plural': 'changes of figures of visits',
                },
            ),
            migrations.CreateModel(
                name='VisitFigures',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('visits', models.BigIntegerField(db_default=0, verbose_name='visits')),
                    ('further', models.BigIntegerField(db_default=0, verbose_name='visits that went on')),
                    ('joined', models.BigIntegerField(db_default=0, verbose_name='visits with a sign-in')),
                    ('kind', models.CharField(choices=[('channel', 'channel'), ('page', 'page')], max_length=7, verbose_name='figures of each')),
                    ('key', models.CharField(blank=True, max_length=60, verbose_name='key')),
                    ('day', models.DateField(verbose_name='day')),
                ],
                options={
                    'verbose_name': 'figures of visits',
                    'verbose_name_plural': 'figures of visits',
                    'constraints': [
                        models.UniqueConstraint(fields=('kind', 'day', 'key'), name='visit_figures_unique'),
                        models.CheckConstraint(condition=models.Q(('kind__in', ['channel', 'page'])), name='visit_figures_kind_valid'),
                    ],
                },
            ),
        ),
    ]
