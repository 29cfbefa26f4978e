import re

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from decimal import Decimal
from django.db import migrations, models

from common import guards
from common.base_models import insert_singleton

# The functions also count what was refunded.
FUNCTIONS = "\n".join(
    f"CREATE OR REPLACE {function}"
    for function in re.findall(
        r"^CREATE (FUNCTION .*?\$\$.*?\$\$;)",
        guards.read(__file__, "deltas"),
        re.MULTILINE | re.DOTALL,
    )
)
# The job computes the rows of everybody who is bound or a distributor.
MARK_ALL = """
INSERT INTO reports_teamchange (member_id, resized)
SELECT member_id, true FROM distribution_distributor
UNION SELECT member_id, true FROM distribution_binding WHERE ended_at IS NULL
"""
ASSETS = [('cash', 'cash'), ('store_credit', 'store credit'), ('points', 'points'), ('bonus', 'bonus')]
GROUPS = [
    ('tier1', 'commissions of own orders'), ('tier2', 'commissions of the team'), ('returned', 'payouts that came back'),
    ('commission', 'commission credited'), ('clawback', 'taken back after a refund'), ('recovery', 'debt recovered'),
    ('hold', 'held for a withdrawal'), ('release', 'withdrawal released'), ('payout', 'paid out'), ('tax', 'tax withheld'),
    ('fee', 'fee'), ('statement', "matched with the provider's statement"), ('treasury', 'top-up or remittance'),
    ('write_off', 'debt written off'), ('spending', 'spent in the shop'), ('payroll', 'paid with the wages'),
    ('adjustment', 'adjustment'), ('merge', 'merge of members'), ('reversal', 'reversal'),
]


def position(figure):
    number = models.DecimalField(decimal_places=0, max_digits=40)
    cast = django.db.models.functions.comparison.Cast
    shifted = django.db.models.expressions.CombinedExpression(
        cast(models.F(figure), number), '*', models.Value(Decimal('1000000000000'), number)
    )
    return models.GeneratedField(
        db_persist=True,
        expression=django.db.models.expressions.CombinedExpression(shifted, '+', cast(models.F('binding_id'), number)),
        output_field=number,
    )


def sum_of(label):
    return models.BigIntegerField(db_default=0, verbose_name=label)


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0002_guards'),
        ('ledger', '0002_guards'),
        ('reports', '0002_deltas'),
    ]

    operations = [
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
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='reports_foldedtransfers_singleton')],
            },
        ),
        migrations.CreateModel(
            name='MonthMovements',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='month')),
                ('group', models.CharField(choices=GROUPS, max_length=12, verbose_name='kind of movement')),
                ('incoming', models.BooleanField(verbose_name='came in')),
                ('count', models.IntegerField(verbose_name='number of transfers')),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('first', models.BigIntegerField(verbose_name='first transfer')),
                ('last', models.BigIntegerField(verbose_name='last transfer')),
                ('account', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'movements of a month',
                'verbose_name_plural': 'movements of months',
                'constraints': [models.UniqueConstraint(fields=('account', 'month', 'group', 'incoming'), name='month_movements_unique'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='month_movements_first_day')],
            },
        ),
        migrations.CreateModel(
            name='ShopDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day of the sums')),
                ('asset', models.CharField(choices=ASSETS, max_length=12, verbose_name='asset')),
                ('orders', sum_of('orders')),
                ('sales', sum_of('sales')),
                ('commissions', sum_of('commissions')),
                ('pending', sum_of('pending')),
                ('protected', sum_of('protected')),
                ('credited', sum_of('credited')),
                ('taken_back', sum_of('taken back')),
                ('paid_out', sum_of('paid out')),
                ('payouts', sum_of('payouts')),
                ('distributors', sum_of('new distributors')),
                ('first_transfer', models.BigIntegerField(help_text='No credit of the day has a lower key.', null=True, verbose_name='first transfer')),
            ],
            options={
                'verbose_name': 'sums of the shop',
                'verbose_name_plural': 'sums of the shop',
                'constraints': [models.UniqueConstraint(fields=('day', 'asset'), name='shop_day_unique')],
            },
        ),
        migrations.CreateModel(
            name='TeamChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('resized', models.BooleanField(verbose_name='resized')),
                ('member', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'change of a team',
                'verbose_name_plural': 'changes of teams',
            },
        ),
        migrations.CreateModel(
            name='TeamMember',
            fields=[
                ('binding', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='team_row', serialize=False, to='distribution.binding', verbose_name='binding')),
                ('is_distributor', models.BooleanField(verbose_name='is a distributor')),
                ('orders', models.IntegerField(verbose_name='protected orders')),
                ('sales', models.BigIntegerField(verbose_name='protected spend')),
                ('team', models.IntegerField(verbose_name='team')),
                ('by_orders', position('orders')),
                ('by_sales', position('sales')),
                ('by_team', position('team')),
                ('distributor', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='distribution.distributor', verbose_name='upline')),
            ],
            options={
                'verbose_name': 'member of a team',
                'verbose_name_plural': 'members of teams',
                'indexes': [models.Index(models.F('distributor'), models.OrderBy(models.F('by_orders'), descending=True), name='team_by_orders'), models.Index(models.F('distributor'), models.OrderBy(models.F('by_sales'), descending=True), name='team_by_sales'), models.Index(models.F('distributor'), models.OrderBy(models.F('by_team'), descending=True), name='team_by_team')],
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
        migrations.AddField(
            model_name='delta',
            name='returned',
            field=models.BigIntegerField(db_default=0, default=0, verbose_name='refunded sales'),
        ),
        migrations.AddField(
            model_name='periodfigures',
            name='returned',
            field=models.BigIntegerField(db_default=0, default=0, verbose_name='refunded sales'),
        ),
        migrations.RunPython(insert_singleton("reports", "FoldedTransfers"), migrations.RunPython.noop),
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        guards.install(guards.read(__file__, "teams")),
        migrations.RunSQL(MARK_ALL, migrations.RunSQL.noop),
    ]
