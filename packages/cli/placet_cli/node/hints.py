"""What a person at the terminal can do about a connection that fails, where the cause has one usual remedy."""

_HINTS = {
    "certificate verify failed": (
        "the server's certificate is from an authority that this machine does not trust; --ca FILE names another one"
        " (tls/ca.pem in the state folder of `placet up`)"
    ),
    "Connection refused": (
        "nobody listens at that address; `placet up` takes another port at each start unless --port is given"
    ),
}


def hint(why: str) -> str | None:
    """Tell what to do about a missing answer.

    Args:
        why: The cause as ``Answer.why`` has it.

    Returns:
        One phrase, or None where there is nothing to say that the cause does not.
    """
    return next((words for cause, words in _HINTS.items() if cause in why), None)
