"""When they buy."""
