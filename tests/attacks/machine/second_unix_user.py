"""Attacks a running stack as another Unix user; prints one line for each attempt.

python -m tests.attacks.machine.second_unix_user HOME PORT -> "refused ..." or "OPENED ..." lines

Started by root. Attempts run in a child without groups, as `nobody` (uid 65534): files, sockets,
locks and logs of the home, PostgreSQL by its socket and by TCP, Prefect's API, and environment,
memory and open files of each process of the stack under /proc. Command lines and names are open to
everybody on Linux; they must hold no secret of the home. Exit code 1 when anything was opened.
"""

import http.client
import os
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
import psycopg

type Attempt = tuple[str, Callable[[], object]]
"""What is tried, and the attempt; an attempt that returns has opened the target."""
NOBODY = 65534
SECONDS = 5
LEAST_SECRET = 8


def main() -> int:
    """Collect the targets as root, attack as nobody; 1 when anything was opened."""
    home, port = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    paths = [home, *sorted(home.rglob("*"))]
    kinds = {path: path.lstat().st_mode for path in paths if path.exists()}
    secrets = list_secrets(home)
    processes = list_processes(home)
    sockets = find_postgres_sockets(processes)
    load_modules()
    sys.stdout.flush()
    if (child := os.fork()) == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        opened = 0
        for name, attempt in (
            *attack_files(kinds),
            *attack_postgres(sockets),
            *attack_api(port),
            *attack_processes(processes, secrets=secrets),
        ):
            opened += report(name, attempt)
        say(f"attempts opened: {opened}")
        os._exit(min(opened, 1))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def load_modules() -> None:
    """Load what the attempts load late: nobody may not read root's Python."""
    report("closed port", partial(ask_api, 1, path="/"))
    report("no server", partial(log_in, "/nowhere", "nobody"))


def list_secrets(home: Path) -> list[bytes]:
    """The values of all files below secrets/."""
    files = [file for file in (home / "secrets").rglob("*") if file.is_file()]
    values = [file.read_bytes().strip() for file in files]
    return [value for value in values if len(value) >= LEAST_SECRET]


def list_processes(home: Path) -> list[psutil.Process]:
    """Processes that name the home in their command line or environment, without this one."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), *process.environ().values()]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(home) in word for word in words):
            found.append(process)
    family = [child for one in found for child in one.children(recursive=True)]
    return list({one.pid: one for one in (*found, *family)}.values())


def find_postgres_sockets(processes: list[psutil.Process]) -> list[str]:
    """Unix sockets of PostgreSQL that belong to the stack."""
    pids = {process.pid for process in processes}
    return sorted(
        {
            one.laddr
            for one in psutil.net_connections("unix")
            if one.laddr and ".s.PGSQL" in one.laddr and (one.pid in pids or one.pid is None)
        }
    )


def attack_files(kinds: dict[Path, int]) -> Iterator[Attempt]:
    """Read, write and list everything below the home; connect to sockets."""
    for path, mode in kinds.items():
        if stat.S_ISDIR(mode):
            yield f"list {path}", partial(list_folder, path)
            yield f"write into {path}", partial((path / "x").write_text, "x")
        elif stat.S_ISSOCK(mode):
            yield f"connect {path}", partial(connect_unix, str(path))
        elif stat.S_ISREG(mode):
            yield f"read {path}", partial(read_byte, path)
            yield f"lock {path}", partial(os.open, path, os.O_RDWR)


def attack_postgres(sockets: list[str]) -> Iterator[Attempt]:
    """Log in without a password as each role, by each socket and by TCP."""
    for host in ("127.0.0.1", *sorted({str(Path(one).parent) for one in sockets})):
        for role in ("postgres", "quorum_app", "quorum_operator", "prefect"):
            yield f"PostgreSQL {role} at {host}", partial(log_in, host, role)


def attack_api(port: int) -> Iterator[Attempt]:
    """Ask Prefect's API for data without the password."""
    for path in ("/api/admin/settings", "/api/block_documents/filter", "/api/flow_runs/filter"):
        yield f"Prefect {path}", partial(ask_api, port, path=path)


def attack_processes(
    processes: list[psutil.Process], *, secrets: list[bytes]
) -> Iterator[Attempt]:
    """Read what /proc shows of each process."""
    for process in processes:
        folder = Path(f"/proc/{process.pid}")
        for name in ("environ", "mem", "maps"):
            yield f"{folder}/{name}", partial(read_byte, folder / name)
        yield f"{folder}/fd", partial(list_folder, folder / "fd")
        yield f"{folder}/cwd", (folder / "cwd").readlink
        yield f"{folder}/cmdline for secrets", partial(find_secret, folder, secrets)


def list_folder(path: Path) -> None:
    """List a folder."""
    list(path.iterdir())


def read_byte(path: Path) -> None:
    """Open and read."""
    with path.open("rb") as opened:
        opened.read(1)


def log_in(host: str, role: str) -> None:
    """Log in without a password."""
    psycopg.connect(host=host, user=role, dbname="postgres", connect_timeout=SECONDS)


def find_secret(folder: Path, secrets: list[bytes]) -> None:
    """Raise PermissionError when no secret stands in the command line: nothing was opened."""
    words = (folder / "cmdline").read_bytes()
    if not any(secret in words for secret in secrets):
        raise PermissionError("readable, holds no secret")


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def connect_unix(path: str) -> None:
    """Connect to a socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(SECONDS)
        client.connect(path)


def ask_api(port: int, *, path: str) -> None:
    """Raise PermissionError for a refusal of the API."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    is_list = path.endswith("filter")
    connection.request("POST" if is_list else "GET", path, body="{}" if is_list else None)
    status = connection.getresponse().status
    if status in {401, 403}:
        raise PermissionError(f"HTTP {status}")


def report(name: str, attempt: Callable[[], object]) -> int:
    """Print the outcome of an attempt; 1 when the attempt succeeded."""
    try:
        attempt()
    except (OSError, psycopg.OperationalError) as error:
        words = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        say(f"refused {name}: {words}")
        return 0
    say(f"OPENED {name}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
