"""Moving an existing mall in from CSV files: read, check everything, then replay its history."""
