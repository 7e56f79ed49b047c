"""Runs inside the stand-in's pod: asks the edge again and again for a while, and prints how often it was answered.

``python - KEY SAMPLE SECONDS PAUSE`` reads this file from its standard input. With the node's own key every request is
decided; with a ``foreign`` one the edge refuses each token by itself, and the policy tier hears of none.
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from placet_cli.node.check import load_config
from placet_cli.node.config import CONFIG_PATH
from placet_cli.node.request_file import find_request
from placet_cli.node.send import ask
from placet_cli.node.store import node_key
from placet_cli.node.transport import http_client

NODE = Path("/node")


def main(key_name: str, sample: str, seconds: float, pause: float) -> None:
    """Ask one request after the other, each with an id of its own."""
    (server,) = load_config(NODE / CONFIG_PATH).servers
    foreign = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = node_key(NODE) if key_name == "own" else foreign
    answers: Counter[str] = Counter()
    deadline = time.monotonic() + seconds
    with http_client(ca_file=NODE / "ca.pem") as client:
        while time.monotonic() < deadline:
            request = find_request(sample)
            answer = ask(server, key, request.package, request_id=request.request_id, client=client)
            answers[answer.kind.name] += 1
            time.sleep(pause)
    print(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
