"""What they will be worth."""
