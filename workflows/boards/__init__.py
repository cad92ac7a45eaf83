"""Show how assignments stand: boards, and the page a day begins with."""
