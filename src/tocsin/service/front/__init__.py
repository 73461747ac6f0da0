"""Front ends: processes without an engine that hear what the nodes of every sector decided and show it."""
