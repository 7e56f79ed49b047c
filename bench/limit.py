"""The ceiling: how many RSA-4096 signatures a second this machine makes when it does nothing else.

Every answer to a node carries one such signature, so no callback server can be faster than this.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def signing_limit(key: rsa.RSAPrivateKey, *, seconds: float, threads: int) -> float:
    """Signatures a second with pyca/cryptography; OpenSSL works outside the interpreter lock.

    Args:
        key: the RSA-4096 key.
        seconds: how long to measure.
        threads: as many as there are cores.
    """
    started = time.perf_counter()
    with ThreadPoolExecutor(max_workers=threads) as pool:
        counts = list(pool.map(partial(_sign_until, key), [started + seconds] * threads))
    return sum(counts) / (time.perf_counter() - started)


def _sign_until(key: rsa.RSAPrivateKey, end: float) -> int:
    message, count = b"x" * 600, 0
    while time.perf_counter() < end:
        key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        count += 1
    return count
