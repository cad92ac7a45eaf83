"""Let people in: sign-in, sessions, who acts."""
