"""`python -m tocsin`: the same as the `tocsin` command."""

from tocsin.service.cli import main

main()
