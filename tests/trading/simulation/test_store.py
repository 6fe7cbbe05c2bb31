"""The port of the paper books: what the adapters and the double fill."""

from inspect import getmembers, isfunction, signature

from tests.doubles.paper_store import MemoryPaperStore
from trading.simulation.store import PaperStore


def test_the_double_fills_every_method_of_the_port_with_the_same_arguments() -> None:
    port = {name: fn for name, fn in getmembers(PaperStore, isfunction) if name[0] != "_"}
    double = dict(getmembers(MemoryPaperStore, isfunction))
    assert port
    for name, method in port.items():
        assert list(signature(method).parameters) == list(signature(double[name]).parameters)
