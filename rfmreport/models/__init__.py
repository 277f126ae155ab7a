"""What foretells: lifetime models, rules tried on the past, and how sure they are."""
