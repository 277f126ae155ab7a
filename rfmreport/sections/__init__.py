"""The topics, one folder each: their facts, the questions that find them, the page that tells."""
