"""Whether customers come back."""
