"""What a login is tried with: once, and once more where the secret was an access token that another can take the place of."""

from collections.abc import Callable, Iterator


def attempts(password: Callable[[], str], instead_of: Callable[[str], str | None]) -> Iterator[str]:
    """The secret; then, for whoever comes back because it was refused, the one instead of it. Never more: servers count."""
    first = password()
    yield first
    other = instead_of(first)
    if other is not None:
        yield other


def no_other(refused: str) -> None:
    """There is one password, and none instead of it."""
    del refused
