"""Tell how much of a taxed income comes from awards of incentives; it never changes."""

from django.db import migrations, models

from common import guards


class Migration(migrations.Migration):

    dependencies = [
        ('withdrawals', '0005_payout_batches'),
    ]

    operations = [
        migrations.AddField(
            model_name='taxentry',
            name='award_income',
            field=models.BigIntegerField(db_default=0, verbose_name='of it awards'),
        ),
        migrations.AddConstraint(
            model_name='taxentry',
            constraint=models.CheckConstraint(condition=models.Q(('award_income__gte', 0), ('award_income__lte', models.F('income'))), name='tax_entry_awards_within_income'),
        ),
        guards.install(
            guards.immutable("withdrawals_taxentry", "award_income", name="immutable_awards")
        ),
    ]
