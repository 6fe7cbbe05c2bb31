"""The paper exchange behind the `Exchange` port."""
