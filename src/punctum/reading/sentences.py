"""How a figure is written in a sentence: durations, times of the film, shares, counts.

Conventions: no more digits than a figure deserves; a decimal point; minus is "−"; nothing here
rounds a value that is kept, only what is read.
"""

import math

MINUTE_S, HOUR_S = 60, 3600


def write_duration(seconds: float) -> str:
    """Write how long something lasts.

    Tenths below twenty seconds, whole seconds to the hour, whole minutes above.

    Examples
    --------
    >>> [write_duration(s) for s in (0.04, 0.42, 4.23, 12.6, 59.7, 91.0, 120.0, 7443.0)]
    ['0.04 s', '0.4 s', '4.2 s', '12.6 s', '1 min', '1 min 31 s', '2 min', '2 h 4 min']
    """
    if seconds < 0:
        return "−" + write_duration(-seconds)
    if seconds < 0.095:
        return f"{seconds:.2f} s"
    if seconds < 19.95:
        return f"{seconds:.1f} s"
    whole = math.floor(seconds + 0.5)
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        minutes, rest = divmod(whole, MINUTE_S)
        return f"{minutes} min" + (f" {rest} s" if rest else "")
    hours, minutes = divmod(math.floor(seconds / MINUTE_S + 0.5), MINUTE_S)
    return f"{hours} h" + (f" {minutes} min" if minutes else "")


def write_clock(seconds: float, decimals: int = 0) -> str:
    """Write where in the film something is, as a player shows it: digits that have not passed are not shown.

    Examples
    --------
    >>> [write_clock(s) for s in (0.0, 62.4, 7443.9)], write_clock(62.44, 1)
    (['0:00', '1:02', '2:04:03'], '1:02.4')
    """
    unit = 10**decimals
    whole, part = divmod(int(max(seconds, 0.0) * unit + 1e-6), unit)
    hours, rest = divmod(whole, HOUR_S)
    minutes, rest = divmod(rest, MINUTE_S)
    text = f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
    return f"{text}.{part:0{decimals}d}" if decimals else text


def write_number(value: float, decimals: int) -> str:
    """Write a number with so many decimals; zero has no sign.

    Examples
    --------
    >>> write_number(-0.123, 2), write_number(-0.001, 2), write_number(23.0, 0)
    ('−0.12', '0.00', '23')
    """
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def write_percent(share: float) -> str:
    """Write a share of one as a percentage that is 0 or 100 only where it is so exactly.

    Examples
    --------
    >>> [write_percent(p) for p in (0.0, 0.003, 0.424, 0.997, 1.0)]
    ['none', 'fewer than 1 %', '42 %', 'more than 99 %', 'all']
    """
    if share <= 0:
        return "none"
    if share >= 1:
        return "all"
    if share < 0.01:
        return "fewer than 1 %"
    if share > 0.99:
        return "more than 99 %"
    return f"{share * 100:.0f} %"


def write_count(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> write_count(1, "shot"), write_count(1076, "shot"), write_count(0, "fade")
    ('1 shot', '1 076 shots', 'no fades')
    """
    noun = one if count == 1 else many or one + "s"
    return f"{count:,} {noun}".replace(",", " ") if count else f"no {noun}"


def write_rank(percentile: float, more: str, less: str, group: str) -> str:
    """Write which share of a group a value lies above, or below where that is the larger.

    Examples
    --------
    >>> write_rank(86.2, "longer than in", "shorter than in", "130 films")
    'longer than in 86 % of 130 films'
    >>> write_rank(13.8, "longer than in", "shorter than in", "130 films")
    'shorter than in 86 % of 130 films'
    >>> write_rank(100.0, "longer than in", "shorter than in", "130 films")
    'longer than in any of 130 films'
    """
    word, share = (more, percentile / 100) if percentile >= 50 else (less, 1 - percentile / 100)
    if share >= 1:
        return f"{word} any of {group}"
    return f"{word} {write_percent(share)} of {group}"
