"""From files to lines with a verdict, and from lines to orders and what was sold."""
