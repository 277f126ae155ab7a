"""A report's folder: written whole or not at all, read back, compared."""
