"""The control of awards: what each one gave, and the sums by which it was decided."""

# Of money: what the ledger posted to the wallet of the person, less what was taken back, also as a
# debt. Of everything: the sum of the moves. Of a budget: what its awards still have. Of the
# progress of a period: what its contributions add up to.
AWARDS = """
WITH posted AS (
    SELECT award.id, sum(
        CASE WHEN transfer.reason = 'award' THEN transfer.amount ELSE -transfer.amount END
    )::bigint AS amount
    FROM ledger_transfer AS transfer
    JOIN incentives_award AS award ON award.public_id = split_part(transfer.key, ':', 2)
    JOIN members_member AS member ON member.id = award.member_id
    JOIN ledger_account AS account ON account.id = CASE
        WHEN transfer.reason = 'award' THEN transfer.credit_id ELSE transfer.debit_id
    END
    JOIN members_member AS owner ON owner.id = account.member_id
    WHERE transfer.reason IN ('award', 'award_return')
        AND transfer.key ~ '^award:[^:]+:[0-9]+(:owed)?$'
        AND account.asset = award.asset
        AND coalesce(owner.merged_into_id, owner.id) = coalesce(member.merged_into_id, member.id)
    GROUP BY 1
), moved AS (
    SELECT award_id AS id, sum(change)::bigint AS amount
    FROM incentives_awardposting GROUP BY 1
), given AS (
    SELECT incentive_id, count(*) FILTER (WHERE posted > 0) AS awards,
        coalesce(sum(posted) FILTER (
            WHERE asset IN ('cash', 'store_credit', 'bonus')
        ), 0)::bigint AS amount
    FROM incentives_award GROUP BY 1
), counted AS (
    SELECT incentive_id, member_id, period_start,
        coalesce(sum(value) FILTER (WHERE counted), 0)::bigint AS value,
        coalesce(sum(value) FILTER (WHERE NOT counted), 0)::bigint AS coming,
        count(order_id) FILTER (WHERE counted AND value > 0) AS orders,
        count(order_id) FILTER (WHERE NOT counted AND value > 0) AS coming_orders,
        coalesce(sum(paid) FILTER (WHERE counted), 0)::bigint AS paid,
        coalesce(sum(commissions) FILTER (WHERE counted), 0)::bigint AS commissions,
        coalesce(sum(room) FILTER (WHERE counted), 0)::bigint AS room
    FROM incentives_contribution GROUP BY 1, 2, 3
), sums AS (
    SELECT incentive_id, member_id, period_start, sum.name, sum.counted, sum.stored
    FROM counted
    FULL JOIN incentives_progress AS progress USING (incentive_id, member_id, period_start)
    CROSS JOIN LATERAL (VALUES
        ('value', coalesce(counted.value, 0), coalesce(progress.value, 0)),
        ('coming', coalesce(counted.coming, 0), coalesce(progress.coming, 0)),
        ('orders', coalesce(counted.orders, 0), coalesce(progress.orders, 0)),
        ('coming_orders', coalesce(counted.coming_orders, 0), coalesce(progress.coming_orders, 0)),
        ('paid', coalesce(counted.paid, 0), coalesce(progress.paid, 0)),
        ('commissions', coalesce(counted.commissions, 0), coalesce(progress.commissions, 0)),
        ('room', coalesce(counted.room, 0), coalesce(progress.room, 0))
    ) AS sum (name, counted, stored)
    WHERE sum.counted <> sum.stored
)
SELECT 'award ' || award.public_id, award.posted, coalesce(posted.amount, 0)
FROM incentives_award AS award LEFT JOIN posted USING (id)
WHERE award.asset <> '' AND award.posted <> coalesce(posted.amount, 0)
UNION ALL
SELECT 'award ' || award.public_id || ': moves', award.posted, coalesce(moved.amount, 0)
FROM incentives_award AS award LEFT JOIN moved USING (id)
WHERE award.posted <> coalesce(moved.amount, 0)
UNION ALL
SELECT 'transfer ' || transfer.id, 0::bigint, transfer.amount
FROM ledger_transfer AS transfer
WHERE transfer.reason IN ('award', 'award_return') AND NOT EXISTS (
    SELECT FROM incentives_award WHERE public_id = split_part(transfer.key, ':', 2)
)
UNION ALL
SELECT 'budget ' || incentive.public_id, coalesce(given.amount, 0), budget.amount
FROM incentives_budget AS budget
JOIN incentives_incentive AS incentive ON incentive.id = budget.incentive_id
LEFT JOIN given USING (incentive_id)
WHERE budget.amount <> coalesce(given.amount, 0) OR budget.awards <> coalesce(given.awards, 0)
UNION ALL
SELECT concat_ws(' ', 'progress', incentive.public_id, member.public_id, period_start, name),
    sums.counted, sums.stored
FROM sums
JOIN incentives_incentive AS incentive ON incentive.id = sums.incentive_id
JOIN members_member AS member ON member.id = sums.member_id
ORDER BY 1
"""
