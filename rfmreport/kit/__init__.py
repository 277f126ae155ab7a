"""What pages are made of: tables, drawings, colours, fonts."""
