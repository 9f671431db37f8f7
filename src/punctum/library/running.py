"""Who reads many films: this process, several of this computer's, or a Ray cluster's; each as the built-in ``map``.

Results come as they are ready, not in order. A cluster's computers see the films and the bundles under the same
addresses as this one, and have the same Punctum installed.
"""

import contextlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from punctum.errors import ClusterUnready, quoted
from punctum.library.reading import Errand, Result

Map = Callable[[Callable[[Errand], Result], Iterable[Errand]], Iterable[Result]]

PATIENCE_S = 20.0
"""A cluster that has not answered for so long is given up."""

CONNECT_S = 5.0

TRIES = 3
"""A film whose computer or process dies is read again so many times; what was finished of it is kept."""

HELD_S = 60.0
"""So long is waited for the lock of a reading whose computer died: its processes may outlive it for moments."""

_IDLE_S = 60.0

_PROBE = "import sys, ray; ray.init(address=sys.argv[1], logging_level='ERROR', log_to_driver=False); ray.shutdown()"


@contextmanager
def processes(jobs: int) -> Iterator[Map]:
    """Give a ``map`` of so many processes of this computer; one is this process itself."""
    if jobs == 1:
        yield map
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    def pool(size: int) -> ProcessPoolExecutor:
        # spawned: decoders and tables have threads, which a fork would break
        return ProcessPoolExecutor(size, multiprocessing.get_context("spawn"))

    def run(function: Callable[[Errand], Result], errands: Iterable[Errand]) -> Iterator[Result]:
        left = list(errands)
        while left:
            with pool(jobs) as several:
                waiting = {several.submit(function, errand): errand for errand in left}
                try:
                    for done in as_completed(waiting):
                        with contextlib.suppress(BrokenProcessPool):
                            result = done.result()
                            left.remove(waiting[done])
                            yield result
                finally:
                    several.shutdown(wait=False, cancel_futures=True)
            # one process died and took the pool along: those that may have been its are tried alone
            suspects, left = left[:jobs], left[jobs:]
            for errand in suspects:
                with pool(1) as alone:
                    try:
                        yield alone.submit(function, errand).result()
                    except BrokenProcessPool:
                        why = "its process died, perhaps for lack of memory"
                        yield Result(errand.film, "", False, why, "run the same command again, with fewer `--jobs`", 1)

    yield run


@contextmanager
def ray_cluster(address: str, say: Callable[[str], None] = lambda _: None) -> Iterator[Map]:
    """Give a ``map`` of a Ray cluster: a film a processor, read by one thread.

    Parameters
    ----------
    address : str
        ``HOST:PORT`` of the cluster's head, from a computer that belongs to it; ``ray://HOST:PORT`` from any other;
        ``auto`` for the cluster that this computer belongs to
    say : callable
        told where the cluster has no processor to give

    Raises
    ------
    ClusterUnready
        where Ray is not installed, or the cluster does not answer
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise ClusterUnready("Ray is not installed", '`pip install "punctum[cluster]"` brings it') from None
    if not address:
        raise ClusterUnready("an empty address is no cluster", "HOST:PORT, ray://HOST:PORT or auto")
    _check_answer(address)
    try:
        ray.init(address=address, logging_level="ERROR", log_to_driver=False)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        raise ClusterUnready(_unready(address, str(error)), _HINT) from None

    def run(function: Callable[[Errand], Result], errands: Iterable[Errand]) -> Iterator[Result]:
        far = ray.remote(num_cpus=1, max_retries=TRIES)(function)
        waiting = {far.remote(_for_elsewhere(errand)): errand for errand in errands}
        idle_s = 0.0
        while waiting:
            done, _ = ray.wait(list(waiting), num_returns=1, timeout=_IDLE_S)
            for ref in done:
                errand = waiting.pop(ref)
                try:
                    result = ray.get(ref)._replace(film=errand.film)
                except ray.exceptions.RayError as error:
                    result = _lost(errand, error)
                yield result
            idle_s = 0.0 if done else idle_s + _IDLE_S
            if idle_s == _IDLE_S and ray.cluster_resources().get("CPU", 0) < 1:
                say("the cluster has no processor to give: waiting for one")

    try:
        yield run
    finally:
        with contextlib.suppress(Exception):
            ray.shutdown()


_HINT = "`ray status` on one of its computers says whether it runs; HOST:PORT, ray://HOST:PORT or auto"


def _check_answer(address: str) -> None:
    """See to it that a cluster answers, by a process that can be ended: Ray itself waits for minutes."""
    place = re.fullmatch(r"(?:ray://)?\[?([\w.:-]+?)\]?:(\d{1,5})", address)
    if place and int(place[2]) < 1 << 16:
        try:
            socket.create_connection((place[1], int(place[2])), timeout=CONNECT_S).close()
        except OSError as error:
            why = error.strerror or "it takes too long"
            raise ClusterUnready(f"the cluster {quoted(address)} does not answer: {why}", _HINT) from None
    command = [sys.executable, "-c", _PROBE, address]
    try:
        probe = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise ClusterUnready(f"the cluster {quoted(address)} does not answer", _HINT) from None
    if probe.returncode:
        lines = probe.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ClusterUnready(_unready(address, lines[-1] if lines else ""), _HINT)


def _unready(address: str, said: str) -> str:
    why = quoted(said.splitlines()[0][:200]) if said.strip() else "no reason is given"
    return f"the cluster {quoted(address)} cannot be had: {why}"


def _for_elsewhere(errand: Errand) -> Errand:
    """Give an errand as another computer takes it: whole addresses, one thread, waiting for a dead one's lock."""
    return Errand(
        str(Path(errand.film).absolute()),
        str(Path(errand.out).absolute()) if errand.out else "",
        {"threads": 1, **errand.options},
        HELD_S,
    )


def _lost(errand: Errand, error: Exception) -> Result:
    """Tell of a film that the cluster did not read."""
    said = str(error).strip().splitlines() or [""]
    lacks = "ModuleNotFoundError" in str(error) or "No module named" in str(error)
    why = f"the cluster did not read it: {type(error).__name__}: {said[0] if not lacks else said[-1]}"
    hint = "install the same Punctum on all its computers" if lacks else "run the same command again"
    return Result(errand.film, "", False, why, hint, 1)
