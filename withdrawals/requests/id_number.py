"""Numbers of resident identity cards (居民身份证)."""

LENGTH = 18
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"


def is_id_number(number: str) -> bool:
    """Whether the last digit agrees with the others (GB 11643-1999, ISO 7064 MOD 11-2)."""
    if len(number) != LENGTH or not number.isascii() or not number[:-1].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:-1], WEIGHTS, strict=True))
    return number[-1] == CHECK[total % 11]
