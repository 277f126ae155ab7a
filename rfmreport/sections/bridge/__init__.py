"""Topic: why revenue changed, from one month to another."""
