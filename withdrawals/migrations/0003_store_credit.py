"""Let members withdraw into store credit; nobody is changed until finance switches it on."""

from django.db import migrations, models

from common import guards

CHANNELS = [("wechat", "WeChat wallet"), ("alipay", "Alipay"), ("bank", "bank account"), ("store_credit", "store credit")]
PAYEE_GUARD = guards.immutable(
    "withdrawals_payee", "id", "public_id", "member_id", "channel", "account_mask", "account_fingerprint", "bank",
    "since",
)
# The type of a column does not change while a trigger names it.
DROP_PAYEE_GUARD = "DROP TRIGGER immutable_columns ON withdrawals_payee;"


class Migration(migrations.Migration):
    dependencies = [("withdrawals", "0002_guards")]

    operations = [
        migrations.RunSQL(DROP_PAYEE_GUARD, PAYEE_GUARD),
        migrations.AlterField("payee", "channel", models.CharField(choices=CHANNELS, max_length=12, verbose_name="channel")),
        migrations.RunSQL(PAYEE_GUARD, DROP_PAYEE_GUARD),
        migrations.RemoveConstraint("payee", "payee_channel_valid"),
        migrations.AddConstraint("payee", models.CheckConstraint(condition=models.Q(("channel__in", ["wechat", "alipay", "bank", "store_credit"])), name="payee_channel_valid")),
        migrations.AddConstraint("payee", models.CheckConstraint(condition=models.Q(("retired_at", None), models.Q(("channel", "store_credit"), _negated=True), _connector="OR"), name="payee_store_credit_stays")),
        migrations.RemoveConstraint("payee", "payee_member_unique"),
        migrations.AddConstraint("payee", models.UniqueConstraint(models.F("member"), condition=models.Q(("retired_at", None), models.Q(("channel", "store_credit"), _negated=True)), name="payee_member_unique")),
        migrations.AddConstraint("payee", models.UniqueConstraint(models.F("member"), condition=models.Q(("channel", "store_credit")), name="payee_store_credit_unique")),
        migrations.AddField("policy", "store_credit", models.BooleanField(db_default=False, default=False, help_text="Members may turn cash into store credit, after the same reviews and tax.", verbose_name="withdraw into store credit")),
        migrations.AddConstraint("attempt", models.CheckConstraint(condition=models.Q(models.Q(("gateway", "ledger"), _negated=True), ("state", "success"), _connector="OR"), name="attempt_ledger_pays_at_once")),
        guards.install(guards.read(__file__, "conversions")),
    ]
