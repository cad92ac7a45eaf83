"""Show pages, answer the API, run the command line: the only room that knows Flask."""
