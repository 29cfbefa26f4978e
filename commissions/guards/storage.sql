-- Settlement updates the status in place: room in every page for the new version of a row.
ALTER TABLE commissions_commission SET (fillfactor = 70);
ALTER TABLE commissions_duecredit SET (autovacuum_vacuum_scale_factor = 0.01);
