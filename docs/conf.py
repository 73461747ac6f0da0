"""How the documentation is built: `make docs`."""

from tocsin import __version__

project = "Tocsin"
author = "The Tocsin authors"
copyright = "The Tocsin authors, Apache-2.0"
release = version = __version__
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath", "colon_fence"]
html_theme = "furo"
html_title = f"Tocsin {release}"
html_static_path = ["images"]
# Every page of the kind below is picked up by its folder; a page nobody links to fails the build.
nitpicky = True
