"""Several that decide the same sector, and what is published of it: raising needs one of them, lowering all."""
