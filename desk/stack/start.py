"""`whistle up`: start everything the desk needs, keep it running, stop it in order.

The supervisor itself stays light: it never imports Prefect, it only starts what does.
"""

from collections.abc import Callable
from pathlib import Path

from desk.stack.home_lock import HomeInUseError, hold_home
from desk.stack.orphans import stop_orphans
from desk.stack.ports import NoFreePortError, pick_port
from desk.stack.programs import Programs, addresses, whistle_programs
from desk.stack.progress import Progress
from desk.stack.supervisor import REFUSED, Stack, StackError, StopAskedError, StopRequest
from models.settings import DeskSettings


def run_stack(settings: DeskSettings, plan: Callable[[DeskSettings], Programs] = whistle_programs) -> int:
    """Run the desk until told to stop.

    Args:
        settings: Ports are wishes: an occupied one gives way to the next free one.
        plan: What to run, once home and ports are settled.

    Returns:
        0 after an orderly stop; 2 if the start was refused (home in use, no port, database or
        key not usable); 1 if a program did not come up.
    """
    settings = settings.model_copy(update={"home": settings.home.resolve()})
    make_home(settings.home)
    progress = Progress(settings.home / "logs" / "stack.log")
    try:
        with hold_home(settings.home):
            progress.open_log()
            return _run_on_own_home(settings, plan, progress)
    except (HomeInUseError, NoFreePortError) as error:
        progress.say(f"cannot start: {error}")
        return REFUSED


def make_home(home: Path) -> None:
    """Create the data folder, for its owner only: it holds keys."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in ("run", "logs", "prefect"):
        (home / folder).mkdir(exist_ok=True)


def settle_ports(settings: DeskSettings, progress: Progress) -> DeskSettings:
    """The settings with ports that are free now."""
    prefect_port = pick_port("127.0.0.1", settings.prefect_port, "Prefect server")
    port = pick_port(settings.host, settings.port, "desk", reserved=[prefect_port])
    metrics_port = settings.worker_metrics_port
    if metrics_port:
        metrics_port = pick_port("127.0.0.1", metrics_port, "figures of the worker", reserved=[prefect_port, port])
    for name, wanted, got in (
        ("Prefect server", settings.prefect_port, prefect_port),
        ("desk", settings.port, port),
        ("figures of the worker", settings.worker_metrics_port, metrics_port),
    ):
        if wanted != got:
            progress.say(f"port {wanted} is taken: the {name} takes {got}")
    ports = {"prefect_port": prefect_port, "port": port, "worker_metrics_port": metrics_port}
    return settings.model_copy(update=ports)


def _run_on_own_home(
    settings: DeskSettings, plan: Callable[[DeskSettings], Programs], progress: Progress
) -> int:
    stop = StopRequest()
    left_over = stop_orphans(settings.home / "run")
    if left_over:
        progress.say(f"stopped what an earlier start left running: {', '.join(left_over)}")
    settings = settle_ports(settings, progress)
    stack = Stack(plan(settings), settings.home, progress, stop)
    try:
        stack.start()
        progress.show(addresses(settings))
        stack.watch()
    except StopAskedError:
        progress.say("stopping")
    except StackError as error:
        progress.say(f"cannot start: {error}")
        return error.exit_code
    finally:
        stack.stop()
    progress.say("stopped")
    return 0
