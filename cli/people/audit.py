"""`quorum audit`: who did what; `quorum audit verify`: whether the log is complete and unchanged.

audit log -> lines;  chain of hashes, heads from the digests -> faults, exit code 1
"""

from typing import Annotated

import typer

from cli.base.output import JsonOption, print_json, show_time
from cli.base.user_session import run_command, run_for_all
from trading.security.audit_chain import AuditEntry

commands = typer.Typer()
audit = typer.Typer(help="Show and verify the audit log.", invoke_without_command=True)
commands.add_typer(audit, name="audit")


@audit.callback()
def show_audit(
    context: typer.Context,
    user: Annotated[
        str, typer.Option("--user", metavar="NAME|ID", help="Whose; everybody's when left out.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Newest entries.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """Show the newest entries: time, user, actor, action, detail."""
    if context.invoked_subcommand is not None:
        return
    from commands.operations import load_all_entries, load_own_entries

    if user:
        entries = run_command(user, lambda one: load_own_entries(one, limit=limit))
    else:
        entries = run_for_all(lambda one: load_all_entries(one.database, limit=limit))
    if as_json:
        print_json({"entries": entries})
        return
    for entry in reversed(entries):
        print(_describe(entry))


@audit.command("verify")
def verify(
    head: Annotated[
        list[str] | None, typer.Option("--head", help="A head from a digest; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find edits, deletions and a cut end; exit code 1 when something is wrong."""
    from commands.operations import verify_audit

    count, faults = run_for_all(lambda one: verify_audit(one.database, heads=head or ()))
    if as_json:
        print_json({"links": count, "faults": faults})
    elif not faults:
        print(f"The audit log is unchanged: {count} entries are sealed.")
    else:
        for found in faults:
            print(f"Entry {found.sequence} of {count}: {found.fault}.")
    if faults:
        raise typer.Exit(1)


def _describe(entry: AuditEntry) -> str:
    detail = " ".join(f"{name}={value}" for name, value in entry.detail.items())
    about = f"user {entry.user_id}" if entry.user_id is not None else "system"
    return f"{show_time(entry.at)}  {about}  {entry.actor}  {entry.action}  {detail}".rstrip()
