"""The contract type of pyproject.toml's doors: one library, one place where it comes in."""

from grimp import ImportGraph
from importlinter import ContractCheck
from importlinter.contracts.protected import ProtectedContract


class Door(ProtectedContract):
    """A protected contract that also watches over a library nobody imports, or a door that is not built yet.

    import-linter stops at a name that is not in the graph; a name without imports says the same and can be checked.
    """

    type_name = "door"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        for expression in (*self.protected_modules, *self.allowed_importers):
            if expression.expression not in graph.modules:
                graph.add_module(expression.expression)
        return super().check(graph, verbose)
