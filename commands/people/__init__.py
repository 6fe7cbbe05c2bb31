"""Commands about users: sign-up, exchange keys and preferences."""
