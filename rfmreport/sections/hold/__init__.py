"""Whether the segments hold: earlier dates, other choices."""
