"""Tell people what happened: their list, their choice of mail, and the sending of it."""
