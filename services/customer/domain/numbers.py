"""Customer numbers: the id of the billing system where there is one, else made here."""

import re
from dataclasses import dataclass

from common.errors import FieldError
from customer.errors import NumberPattern


@dataclass(frozen=True, slots=True)
class Numbering:
    """`pattern` is a regular expression that the whole number must match, or empty; `form` writes the next automatic
    one, as `K{:05d}` does."""

    pattern: str = ""
    form: str = "{}"

    def __post_init__(self) -> None:
        """Raises ValueError where the automatic numbers would not match the pattern."""
        example = self.form.format(10_001)
        if self.pattern and not re.fullmatch(self.pattern, example):
            raise ValueError(f"automatic numbers such as {example} do not match the pattern {self.pattern}")

    def accepts(self, number: str) -> bool:
        """Whether a number that somebody gives has the right form."""
        return not self.pattern or re.fullmatch(self.pattern, number) is not None

    def check(self, number: str) -> None:
        """Raises NumberPattern."""
        if not self.accepts(number):
            raise NumberPattern(
                f"The number must match {self.pattern}, as those of the billing system do.",
                errors=[FieldError("/number", f"Must match {self.pattern}.")],
            )
