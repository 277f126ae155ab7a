"""What is to come, as far as the past can tell: by a lifetime model, or carried on."""
