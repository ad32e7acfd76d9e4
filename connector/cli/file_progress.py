"""The progress bar of a large file, on standard error so that the summary can be piped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn


@dataclass(frozen=True, slots=True)
class FileBar:
    """Shows how much of the file has been read, then what is being done with it."""

    progress: Progress
    task: TaskID

    def read(self, position: int, rows: int) -> None:
        """Tell that the file has been read up to `position`, `rows` rows so far."""
        self.progress.update(self.task, completed=position, rows=rows)

    def say(self, words: str) -> None:
        """Tell what is done now."""
        self.progress.update(self.task, description=words)


@contextmanager
def file_bar(size: int) -> Iterator[FileBar]:
    """A bar for a file of `size` bytes or rows, until the work is done."""
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True, highlight=False)) as progress:
        bar = FileBar(progress, progress.add_task("reading", total=size, rows=0))
        yield bar
        bar.say("done")
