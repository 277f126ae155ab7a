"""What they buy."""
