"""What columns and rows mean: roles by their headings, then by what the values say."""
