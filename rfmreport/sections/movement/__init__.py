"""Who moved between two dates, and why."""
