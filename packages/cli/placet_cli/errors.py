"""What goes wrong in a command and is the user's to mend.

    CliError                 one sentence for the terminal and an exit code
    └── (each module's own)  opa.OpaUnavailable, keys.KeyProblem, policy.BuildError, node.config.ConfigError, …

Anything else that escapes a command is a defect and keeps its traceback.
"""

EXIT_FAILED = 1
"""The command could not do its work. 2 is taken: the command line itself was wrong."""


class CliError(Exception):
    """A failure that the command line reports as one sentence, without a traceback.

    Attributes:
        exit_code: The process's exit code; never 0.
    """

    exit_code: int = EXIT_FAILED
