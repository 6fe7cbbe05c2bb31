"""An import contract with an allow list, which import-linter does not bring.

source's imports -> less the standard library, the source itself and the allowed -> nothing

A forbidden list can only name the packages somebody thought of; the rule for `trading` is "these
four and nothing else". The interpreter's own list says what the standard library is.
"""

import sys
from typing import Any, override

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OnlyImportsContract(Contract):
    """
    Keeps a package to the standard library and a list of others.

    Options: `source`, the package; `allowed`, the top-level names of what it may import besides.
    Only direct imports count: what an allowed package imports is its own affair.
    """

    type_name = "only_imports"

    source = fields.StringField()
    allowed = fields.SetField(subfield=fields.StringField())

    @override
    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        source = str(self.source)
        allowed = {source, *sys.stdlib_module_names, *_names(self.allowed)}
        importers = {source, *graph.find_descendants(source)}
        strangers = sorted(
            (importer, imported)
            for importer in importers
            for imported in graph.find_modules_directly_imported_by(importer)
            if imported.split(".")[0] not in allowed
        )
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    @override
    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["strangers"]:
            output.print_error(f"{importer} imports {imported}", bold=False)


def _names(declared: Any) -> set[str]:
    return {str(name) for name in declared}
