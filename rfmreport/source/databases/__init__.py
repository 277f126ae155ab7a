"""Databases: which there are, what is read of them, and its rows as a table of the engine."""
