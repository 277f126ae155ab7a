"""The one embedded engine (DuckDB): asked, told to hold and to copy here only."""
