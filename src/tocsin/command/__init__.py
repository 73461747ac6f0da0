"""One command is one file. Each imports its machinery inside the function: `tocsin --help` must not pay for it."""

from __future__ import annotations

from datetime import UTC, datetime

import typer


def register(app: typer.Typer) -> None:
    """Add every command to the application, in the order help lists them."""
    from tocsin.command.bench import bench
    from tocsin.command.cap import cap
    from tocsin.command.cluster import cluster
    from tocsin.command.compare import compare
    from tocsin.command.deliveries import deliveries
    from tocsin.command.demo import demo
    from tocsin.command.doctor import doctor
    from tocsin.command.front import front
    from tocsin.command.import_ import import_
    from tocsin.command.journal import journal
    from tocsin.command.journal_copies import backup, rescue, restore
    from tocsin.command.keys import keys
    from tocsin.command.ledger import ledger
    from tocsin.command.ledger_alerts import alerts as ledger_alerts
    from tocsin.command.ledger_check import check as ledger_check
    from tocsin.command.ledger_check import propose
    from tocsin.command.ledger_decide import apart, merge, undo
    from tocsin.command.ledger_export import export as ledger_export
    from tocsin.command.ledger_import import import_ as ledger_import
    from tocsin.command.ledger_prove import blank, prove
    from tocsin.command.ledger_redact import redact
    from tocsin.command.ledger_report import report as ledger_report
    from tocsin.command.ledger_show import show as ledger_show
    from tocsin.command.ledger_split import split
    from tocsin.command.ledger_stamp import stamp
    from tocsin.command.ledger_verify import verify
    from tocsin.command.people import people
    from tocsin.command.people_record import list_ as people_list
    from tocsin.command.people_record import verify as people_verify
    from tocsin.command.plan import plan
    from tocsin.command.plan_compare import compare as plan_compare
    from tocsin.command.plan_fetch import fetch as plan_fetch
    from tocsin.command.plan_site import site as plan_site
    from tocsin.command.replay import replay
    from tocsin.command.run import run
    from tocsin.command.say import say
    from tocsin.command.score import score
    from tocsin.command.sectors import sectors
    from tocsin.command.sectors_move import move as sectors_move
    from tocsin.command.sensors import sensors
    from tocsin.command.simulate import simulate
    from tocsin.command.siren import siren
    from tocsin.command.spotters import spotters
    from tocsin.command.spotters_gone import erase, revoke
    from tocsin.command.text import text
    from tocsin.command.text_check import check as text_check
    from tocsin.command.text_posts import read as text_read
    from tocsin.command.text_posts import review as text_review
    from tocsin.command.text_sign_in import sign_in as text_sign_in
    from tocsin.command.track import track
    from tocsin.command.zones import zones
    from tocsin.command.zones_check import check
    from tocsin.command.zones_import import import_ as zones_import

    app.command()(demo)
    app.command()(run)
    app.command()(front)
    app.command()(doctor)
    app.command()(replay)
    app.command()(track)
    app.command()(score)
    app.command()(compare)
    app.command()(say)
    app.command()(simulate)
    app.command("import")(import_)
    app.add_typer(cap, name="cap")
    zones.command("import")(zones_import)
    zones.command()(check)
    app.add_typer(zones, name="zones")
    app.add_typer(sensors, name="sensors")
    journal.command()(deliveries)
    journal.command()(backup)
    journal.command()(restore)
    journal.command()(rescue)
    app.add_typer(journal, name="journal")
    ledger.command("import")(ledger_import)
    ledger.command("export")(ledger_export)
    ledger.command("show")(ledger_show)
    ledger.command("check")(ledger_check)
    for more in (propose, merge, split, apart, undo, redact, stamp, verify, prove, blank):
        ledger.command()(more)
    ledger.command()(ledger_alerts)
    ledger.command()(ledger_report)
    app.add_typer(ledger, name="ledger")
    app.add_typer(keys, name="keys")
    app.command()(siren)
    spotters.command()(revoke)
    spotters.command()(erase)
    app.add_typer(spotters, name="spotters")
    people.command("list")(people_list)
    people.command("verify")(people_verify)
    app.add_typer(people, name="people")
    text.command("check")(text_check)
    text.command("sign-in")(text_sign_in)
    text.command("read")(text_read)
    text.command("review")(text_review)
    app.add_typer(text, name="text")
    plan.command()(plan_compare)
    plan.command()(plan_fetch)
    plan.command("site")(plan_site)
    app.add_typer(plan, name="plan")
    sectors.command("move")(sectors_move)
    app.add_typer(sectors, name="sectors")
    app.add_typer(cluster, name="cluster")
    app.command()(bench)


def day_of(date: datetime | None) -> float:
    """POSIX seconds of the midnight that begins a day given on the command line; without one, 1970 begins."""
    return 0.0 if date is None else date.replace(tzinfo=UTC).timestamp()
