"""How much hangs on few customers."""
