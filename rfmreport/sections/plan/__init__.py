"""What is to come: revenue projected, orders expected, months and returns."""
