"""What became of decisions."""
