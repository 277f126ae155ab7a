"""The outputs: each prints the finished report in its medium, and computes nothing."""
