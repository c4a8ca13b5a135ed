"""`whistle …`: the desk's command line.

Exit codes: 0 done; 1 refused (what was asked cannot be done; one line on stderr says why, or, for
`doctor`, the list says what is bad); 2 set-up (wrong usage, no database, no master key, rule files
that cannot be used, as `rules check` lists them); 130 stopped with Ctrl-C.

Whoever has a shell on this machine, and may read the master key, is trusted: the commands act as
the client `cli`, in any role they name. They write the same journal and access log as everybody.
"""

import importlib

import typer

COMMANDS = {
    "up": ("desk.cli.up", "Start the whole desk and keep it running until Ctrl-C."),
    "demo": ("desk.cli.demo", "Let sample cases live a month on a fast clock."),
    "serve": ("desk.cli.serve", "Run one part of a desk that is spread over machines."),
    "migrate": ("desk.cli.migrate", "Bring both databases of a spread desk to this release."),
    "deploy": ("desk.cli.deploy", "Tell a running Prefect of work pool, deployments and automations."),
    "custody": ("desk.cli.custody", "The master key: make one, split it between two people, join it, try it, put another in its place."),
    "prepare": ("desk.cli.prepare", "Make or migrate the case database, and the master key."),
    "intake": ("desk.cli.intake", "Take in a CSV, XLSX or JSON-lines file, also gzipped."),
    "case": ("desk.cli.case", "Show and list cases, and say something about one."),
    "key": ("desk.cli.key", "Make, list and revoke API keys."),
    "account": ("desk.cli.account", "People who sign in: add, list, end, unlock, give a new password."),
    "links": ("desk.cli.links", "Cases that may be one matter: list, accept, decline; how often people ask again."),
    "units": ("desk.cli.units", "What each unit has on its table, who is away and who stands in."),
    "notices": ("desk.cli.notices", "List alerts that could not be delivered, and send them again."),
    "catalogue": ("desk.cli.catalogue", "Check, try and promote kinds, cues, departments and who leads."),
    "classifier": ("desk.cli.classifier", "Teach, try and promote the learned model beside the cues."),
    "retention": ("desk.cli.retention", "How long words are kept: what is due, legal holds, sealing, its proof."),
    "ledger": ("desk.cli.ledger", "Ledgers of departments: take in an extract, see what was refused and why."),
    "checks": ("desk.cli.checks", "Whether the records agree: run the checks, see findings and tasks."),
    "issues": ("desk.cli.issues", "Common issues: what may be shown, the cases behind one, this week's, an order."),
    "warnings": ("desk.cli.warnings", "Early warning: what rose above what is usual."),
    "orders": ("desk.cli.orders", "Proactive orders: list, show, answer, decide."),
    "topics": ("desk.cli.topics", "Topics of the month: candidates, owners, progress."),
    "report": ("desk.cli.report", "Figures for people outside the desk; small counts are blank."),
    "rules": ("desk.cli.rules", "Check the catalogue, the rules and the channels."),
    "automations": ("desk.cli.automations", "Whom Prefect tells when a run crashes or nobody works."),
    "doctor": ("desk.cli.doctor", "Look for everything that is wrong, and say what to do."),
}
PASS_ON = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}

app = typer.Typer(
    name="whistle",
    help="Whistle: the cases of a minors-protection desk.",
    no_args_is_help=True,
    add_completion=False,
    # A pretty traceback would print values; an ordinary one prints code only.
    pretty_exceptions_enable=False,
)


@app.callback()
def _whistle() -> None:
    """Whistle: the cases of a minors-protection desk."""


def _pass_on(name: str, module: str, about: str) -> None:
    @app.command(name, help=about, add_help_option=False, context_settings=PASS_ON)
    def run(context: typer.Context) -> None:
        # Imported by name and only now: a command must not wait for what another one needs (rules
        # and catalogue take a second to read, Prefect several), nor fail because of it.
        importlib.import_module(module).app(context.args, prog_name=context.command_path)


for _name, (_module, _about) in COMMANDS.items():
    _pass_on(_name, _module, _about)
