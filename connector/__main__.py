"""`python -m connector` is the `regulars` command."""

from __future__ import annotations


def run() -> None:
    """Run the command. Ctrl-C while it is being loaded ends it without a word."""
    try:
        from connector.cli import main
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    main(prog_name="regulars")


if __name__ == "__main__":
    run()
