"""The segments, side by side."""
