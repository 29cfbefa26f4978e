"""Import an existing mall from CSV files: read, check everything, then replay its history."""
