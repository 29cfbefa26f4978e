"""The ladder of levels: what is counted for it, its rules, and where a distributor stands."""
