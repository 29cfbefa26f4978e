"""What each periodic job of ``config/celery.py`` does, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alarms.job_titles import register

TITLES = {
    "alarms.tasks.remind": _("Remind of open alarms"),
    "alarms.tasks.send_digests": _("Send people what waits for them"),
    "alarms.tasks.watch_deliveries": _("Watch deliveries of events"),
    "backoffice.tasks.forget_imports": _("Discard and erase old imports"),
    "backoffice.tasks.remove_old_exports": _("Remove old exports"),
    "backoffice.tasks.run_imports": _("Check and apply imports"),
    "backoffice.tasks.write_exports": _("Write exports"),
    "catalog.tasks.fetch_pictures": _("Fetch pictures of products"),
    "catalog.tasks.sweep_pictures": _("Remove unused pictures of products"),
    "closing.tasks.fold_flows": _("Add up flows by day"),
    "closing.tasks.reconcile_daily": _("Run the daily controls"),
    "closing.tasks.run_requested_controls": _("Run requested controls"),
    "commissions.tasks.alarm_overdue_claims": _("Watch overdue claims"),
    "commissions.tasks.announce_accruals": _("Announce new commissions"),
    "commissions.tasks.run_back_tests": _("Test plans on past orders"),
    "commissions.tasks.settle": _("Credit due commissions"),
    "config.tasks.watch_jobs": _("Watch periodic jobs"),
    "distribution.tasks.end_bindings_to_exited": _("End bindings to distributors who exited"),
    "distribution.tasks.expire_bindings": _("End expired bindings"),
    "incentives.tasks.review_levels": _("Review levels of distributors"),
    "incentives.tasks.review_held": _("Give awards whose hold has ended"),
    "incentives.tasks.close_periods": _("Close periods of incentives"),
    "incentives.tasks.release_awards": _("Give the awards of final closes"),
    "incentives.tasks.end_levels": _("End pinned and awarded levels whose time is over"),
    "events.tasks.deliver": _("Deliver events"),
    "incentives.tasks.run_back_tests": _("Test incentives on past orders"),
    "integration.tasks.remove_old_mall_files": _("Remove files of imported malls"),
    "integration.tasks.work_on_mall_imports": _("Check and import malls"),
    "ledger.tasks.prove": _("Prove the ledger"),
    "ledger.tasks.roll_up": _("Add up transfers"),
    "materials.tasks.count_uses": _("Count uses of materials"),
    "materials.tasks.forget": _("Erase removed files of materials"),
    "members.tasks.check_avatars": _("Have avatars checked"),
    "members.tasks.fetch_avatars": _("Fetch avatars"),
    "members.tasks.sweep_uploads": _("Remove unused uploads"),
    "notices.tasks.forget": _("Remove old notices"),
    "notices.tasks.send_messages": _("Send messages to members"),
    "orders.tasks.alarm_overdue_refunds": _("Watch overdue refunds"),
    "orders.tasks.alarm_waiting_orders": _("Watch orders that wait"),
    "orders.tasks.assume_receipts": _("Assume receipts of shipped orders"),
    "orders.tasks.complete": _("Complete orders after their protection"),
    "posters.tasks.sweep_lost": _("Draw lost posters again"),
    "posters.tasks.sweep_old": _("Remove old posters"),
    "reports.tasks.fold_changes": _("Add up reports"),
    "sharing.tasks.fetch_codes": _("Fetch codes of the mini-program"),
    "sharing.tasks.forget_traces": _("Erase traces of visits"),
    "webhooks.tasks.forget": _("Remove old webhook deliveries"),
    "webhooks.tasks.send": _("Send webhooks"),
    "withdrawals.tasks.expire_ready": _("End payments that were not collected"),
    "withdrawals.tasks.pay": _("Send and poll payments"),
}

register(TITLES)
