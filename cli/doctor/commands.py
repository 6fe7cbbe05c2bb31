"""`quorum doctor`: checks each part and explains the repair of broken parts.

checks -> findings -> a table or JSON -> exit status 1 for a broken part
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import JsonOption, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.base.home import Home
    from cli.doctor.findings import Finding

commands = typer.Typer()


@commands.command("doctor")
def examine(
    home: Annotated[
        Path | None, typer.Option(help="Folder of everything Quorum keeps.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check each part, and say how to mend what is broken."""
    from cli.base.home import Home
    from cli.base.prefect_settings import isolate_prefect
    from cli.base.settings import CliSettings
    from cli.doctor.findings import has_broken

    place = Home(root=(home or CliSettings().home).expanduser().absolute())
    isolate_prefect(place)
    findings = asyncio.run(_examine(place))
    if as_json:
        print_json({"is_healthy": not has_broken(findings), "findings": findings})
    else:
        _print_findings(findings)
    raise typer.Exit(1 if has_broken(findings) else 0)


async def _examine(home: "Home") -> "list[Finding]":
    from cli.doctor import (
        feed_checks,
        key_checks,
        machine_checks,
        prefect_checks,
        service_checks,
    )

    findings = [
        machine_checks.check_python(),
        machine_checks.check_packages(),
        machine_checks.check_settings(),
        machine_checks.check_disk(home),
        machine_checks.check_home(home),
        machine_checks.check_secrets(home),
        service_checks.check_models(),
        await service_checks.check_council(home),
        await asyncio.to_thread(service_checks.check_database, home),
        await key_checks.check_keys(home),
    ]
    prefect, market, feeds, telegram, clock = await asyncio.gather(
        prefect_checks.check_prefect(home),
        service_checks.check_market(),
        feed_checks.check_feeds(),
        service_checks.check_telegram(),
        service_checks.check_clock(),
    )
    return [*findings, *prefect, market, feeds, telegram, clock]


def _print_findings(findings: "Sequence[Finding]") -> None:
    from rich.console import Console
    from rich.text import Text

    from cli.doctor.findings import Health

    styles = {Health.GOOD: "green", Health.IDLE: "bright_black", Health.WEAK: "yellow"}
    console = Console(highlight=False, soft_wrap=True)
    for finding in findings:
        line = Text(f"{finding.health:<6}", style=styles.get(finding.health, "bold red"))
        line.append(f"  {finding.part:<12} {finding.detail}", style="default")
        console.print(line)
        if finding.mend:
            console.print(Text(f"{'':22}{finding.mend}", style="italic"))
