"""Bitcoin requests as a node sends them, for tests of the whole pipeline."""

import json
from typing import Any

from placet_cli.samples import samples


def package(parts: dict[str, Any], request_id: str) -> bytes:
    """The envelope of a request.

    Args:
        parts: {"detail": request_detail, "extra": extra_info}.
        request_id: Of the callback request.
    """
    sample = next(each for each in samples() if each.id == "keysign_btc_segwit_2in")
    request = {
        **sample.request,
        "request_id": request_id,
        "request_detail": json.dumps(parts["detail"]),
        "extra_info": json.dumps(parts["extra"]),
    }
    return json.dumps(request).encode()
