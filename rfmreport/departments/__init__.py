"""What each department is told."""
