"""The desk of finance: pages that answer what is owed, what is needed, and whether all agrees."""

from closing.admin.desk import controls, forecast, home, journal, liability
