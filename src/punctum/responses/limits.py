"""How often one address may do a thing.

Conventions: addresses are never kept, only a hash under a key that each process draws anew, and that only until the
limit would let them through again. Of IPv6 the network counts (/64), which is what one household has.
"""

import ipaddress
import math
import secrets
import threading
import time
from collections.abc import Callable
from hashlib import blake2b

MOST_KNOWN = 50_000


class Limiter:
    """A bucket each: ``most`` at once, and as many again within ``within_s``.

    Examples
    --------
    >>> limiter = Limiter(2, 60, clock=lambda: 0.0)
    >>> [limiter.take("192.0.2.1") for _ in range(3)]
    [True, True, False]
    """

    def __init__(self, most: int, within_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.within_s, self._clock = most, within_s, clock
        self._key = secrets.token_bytes(32)
        self._taken: dict[bytes, tuple[float, float]] = {}
        self._lock = threading.Lock()
        self._swept = -math.inf

    def take(self, address: str) -> bool:
        """Take one, if there is one."""
        now, name = self._clock(), self._name(address)
        with self._lock:
            if now - self._swept > self.within_s / 10 or len(self._taken) > MOST_KNOWN:
                self._sweep(now)
            used, when = self._taken.get(name, (0.0, now))
            used = max(used - (now - when) * self.most / self.within_s, 0.0)
            if used + 1 > self.most + 1e-9:
                self._taken[name] = (used, now)
                return False
            self._taken[name] = (used + 1, now)
            return True

    def forget(self, address: str) -> None:
        """Forget what an address took."""
        with self._lock:
            self._taken.pop(self._name(address), None)

    def __len__(self) -> int:
        """How many are remembered."""
        return len(self._taken)

    def _sweep(self, now: float) -> None:
        """Forget whoever would be let through in full again; in a flood, the oldest too."""
        self._swept = now
        rate = self.most / self.within_s
        self._taken = {name: (used, when) for name, (used, when) in self._taken.items() if used > (now - when) * rate}
        for name in list(self._taken)[: max(len(self._taken) - MOST_KNOWN, 0)]:
            del self._taken[name]

    def _name(self, address: str) -> bytes:
        try:
            known = ipaddress.ip_address(address)
            if known.version == 6:
                address = str(ipaddress.ip_network((known, 64), strict=False))
        except ValueError:
            pass
        return blake2b(address.encode("utf-8", "replace"), key=self._key, digest_size=16).digest()
