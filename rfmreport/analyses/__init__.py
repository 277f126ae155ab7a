"""What the segments say about the business: frames in, one frozen dataclass out, each alone."""
