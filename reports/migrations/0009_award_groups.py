"""Know the movements of awards."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0008_sales_retention_and_visits'),
    ]

    operations = [
        migrations.AlterField(
            model_name='monthmovements',
            name='group',
            field=models.CharField(choices=[('tier1', 'commissions of own orders'), ('tier2', 'commissions of the team'), ('returned', 'payouts that came back'), ('commission', 'commission credited'), ('clawback', 'taken back after a refund'), ('award', 'award of an incentive'), ('award_return', 'award taken back'), ('recovery', 'debt recovered'), ('hold', 'held for a withdrawal'), ('release', 'withdrawal released'), ('payout', 'paid out'), ('conversion', 'converted into store credit'), ('tax', 'tax withheld'), ('fee', 'fee'), ('statement', "matched with the provider's statement"), ('treasury', 'top-up or remittance'), ('write_off', 'debt written off'), ('spending', 'spent in the shop'), ('payroll', 'paid with the wages'), ('adjustment', 'adjustment'), ('merge', 'merge of members'), ('reversal', 'reversal')], max_length=12, verbose_name='kind of movement'),
        ),
    ]
