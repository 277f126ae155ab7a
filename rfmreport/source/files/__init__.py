"""Files of every kind: what each is, how it is written, and its lines as one table of text."""
