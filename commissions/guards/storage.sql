-- Leave room in each page, so that settlement can update rows in place (HOT).
ALTER TABLE commissions_commission SET (fillfactor = 70);
ALTER TABLE commissions_duecredit SET (autovacuum_vacuum_scale_factor = 0.01);
-- Compressing the ids costs more than writing them, and the row lives for a moment only.
ALTER TABLE commissions_creditfanout ALTER COLUMN commission_ids SET STORAGE EXTERNAL;
