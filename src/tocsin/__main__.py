"""`python -m tocsin`: the same as the `tocsin` command."""

from tocsin.command.main import main

main()
