"""The council's question: facts, wording by edition, and the check of quoted figures."""
