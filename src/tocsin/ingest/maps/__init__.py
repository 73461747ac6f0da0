"""Map files as tables of features: one format a file. Whatever is lost on the way is said."""
