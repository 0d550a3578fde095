"""One test for many values: quicker than many tests, and a failure names all that fail."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

Test = Callable[..., None]


def each(argument: str, values: Collection[Any]) -> Callable[[Test], Test]:
    """
    Return a decorator for a test that takes *argument*; it is tried with each of *values*.

    A tuple of names takes tuples of values, as in ``pytest.mark.parametrize``. Raises ValueError
    where there is nothing to try.
    """
    if not values:
        raise ValueError(f"no {argument} to try")
    names = [name.strip() for name in argument.split(",")]

    def decorate(test: Test) -> Test:
        def tried_with_each() -> None:
            wrong = []
            for value in values:
                given = [value] if len(names) == 1 else value
                try:
                    test(**dict(zip(names, given, strict=True)))
                except AssertionError as error:
                    wrong.append(f"{value!r}: {error}")
            assert not wrong, "\n\n".join([f"{len(wrong)} of {len(values)}", *wrong])

        for name in ("__name__", "__qualname__", "__module__", "__doc__"):
            setattr(tried_with_each, name, getattr(test, name))
        return tried_with_each

    return decorate
