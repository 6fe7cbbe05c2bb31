"""Attack: a viewer behind the proxy of docs/security.md tries what only an operator may do."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "security.md"
ROWS = re.compile(r'^    "~(.+)" ([01]);$', re.MULTILINE)


def is_allowed(role: str, method: str, path: str) -> bool:
    """Evaluate the table as nginx does: the first matching row decides, the default refuses."""
    rows = ROWS.findall(PAGE.read_text(encoding="utf-8"))
    assert rows
    request = f"{role} {method} {path}"
    return next((flag == "1" for pattern, flag in rows if re.search(pattern, request)), False)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/deployments/8b1e/create_flow_run"),
        ("POST", "/api/deployments/"),
        ("PATCH", "/api/deployments/8b1e"),
        ("DELETE", "/api/flow_runs/8b1e"),
        ("POST", "/api/flow_runs/8b1e/set_state"),
        ("POST", "/api/flow_runs/bulk_set_state"),
        ("POST", "/api/block_documents/filter"),
        ("GET", "/api/block_documents/8b1e"),
        ("GET", "/api/block_types/slug/x/block_documents"),
        ("POST", "/api/variables/filter"),
        ("GET", "/api/admin/settings"),
        ("POST", "/api/admin/database/clear"),
        ("GET", "/api/events/in"),
        ("GET", "/api/work_pools/quorum/workers/connect"),
        ("POST", "/api/work_pools/quorum/get_scheduled_flow_runs"),
        ("POST", "/api/events"),
        ("POST", "/api/deployments/8b1e/pause_deployment"),
    ],
)
def test_a_viewer_neither_changes_nor_reads_secrets(method: str, path: str) -> None:
    assert not is_allowed("viewer", method, path)
    assert is_allowed("operator", method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/dashboard"),
        ("GET", "/api/health"),
        ("GET", "/api/deployments/8b1e"),
        ("POST", "/api/flow_runs/filter"),
        ("POST", "/api/ui/flow_runs/count-task-runs/filter"),
        ("POST", "/api/logs/filter"),
        ("POST", "/api/artifacts/latest/filter"),
    ],
)
def test_a_viewer_reads_runs_logs_and_artifacts(method: str, path: str) -> None:
    assert is_allowed("viewer", method, path)
