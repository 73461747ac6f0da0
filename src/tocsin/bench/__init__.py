"""Every figure the documentation quotes, as a command: `tocsin bench NAME`."""
