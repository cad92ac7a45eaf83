"""Act a quarter of the demo city through the use cases, day by day, as its people would.

Each letter, arrival, assignment, meeting, week and absence is a generator: it does one step of
somebody and says after how much working time the next one follows. `story` runs them all by one
clock. The same seed acts the same quarter.
"""
