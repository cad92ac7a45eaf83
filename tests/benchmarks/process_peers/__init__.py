"""Run the same processes on our engine and on two peers, one step at a time."""
