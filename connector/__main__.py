"""`python -m connector` is the `regulars` command."""

from connector.cli import main

main(prog_name="regulars")
