"""What is raised where an invariant does not hold."""

from __future__ import annotations


class Broken(BaseException):
    """An invariant does not hold."""

    def __init__(self, number: str, words: str) -> None:
        super().__init__(f"{number}: {words}")
        self.number = number


def require(holds: object, number: str, words: str) -> None:
    """Raises Broken."""
    if not holds:
        raise Broken(number, words)
