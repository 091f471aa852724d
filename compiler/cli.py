"""The command line: arguments and streams in, an exit code out."""


def main() -> None:
    """Run the command line."""
    raise SystemExit(70)
