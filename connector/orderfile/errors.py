"""What is wrong with a file as a whole."""


class FileRefused(Exception):
    """Nothing can be made of this file as it is. The message is one sentence for the person who gave it."""


class NotWritten(Exception):
    """A result could not be written. The message is one sentence, to which what was written is added."""
