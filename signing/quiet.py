"""Keep pyHanko's remarks out of the log.

It warns at every signature that nothing may be fetched, which is our rule, and prints
tracebacks for files that fail; a verdict says the same in one line.
"""

import logging
import warnings


def quieten() -> None:
    """Let the libraries log errors only."""
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # X.520 bounds characters, cryptography warns by UTF-8 bytes: every long Vietnamese name.
    warnings.filterwarnings("ignore", message="Attribute's length must be", category=UserWarning)
