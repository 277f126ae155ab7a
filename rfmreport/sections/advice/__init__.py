"""What to do about each segment, and what it could bring."""
