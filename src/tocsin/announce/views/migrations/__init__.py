"""The tables of the views, from each version of them to the next."""
