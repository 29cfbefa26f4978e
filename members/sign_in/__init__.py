"""How staff sign in: lock-out, password reset, second factor and the end of idle sessions."""
