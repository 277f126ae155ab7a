"""The e-mails: written, read back, sent."""
