"""The text formats behind Terraform's functions, each a file that knows nothing of the language."""


class FormatError(ValueError):
    """A text isn't in a format, or a value can't be written in it; the message is a clause that says why."""
