"""The control of awards: what each one gave against its moves, the ledger and the budget."""

# Of money: what the ledger posted to the wallet of the person, less what was taken back, also as a
# debt. Of everything: the sum of the moves. Of a budget: what its awards still have.
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
ORDER BY 1
"""
