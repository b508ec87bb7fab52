"""Answers questions about inventories with ansible-core's own code, many in one process. JSON on stdin and stdout."""
import contextlib
import io
import json
import sys

from ansible import context
from ansible.cli.inventory import InventoryCLI
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.utils.context_objects import GlobalCLIArgs
from ansible.utils.display import Display

warnings = []
Display.warning = lambda self, msg, formatted=False: warnings.append(msg)


def command(args):
    # The parsed options are a singleton, and here are many command lines.
    GlobalCLIArgs._Singleton__instance = None
    out = io.StringIO()
    real_display = Display.display
    Display.display = lambda self, msg, *a, **k: out.write(str(msg) + "\n")
    try:
        InventoryCLI(["ansible-inventory"] + args).run()
    except SystemExit:
        pass
    finally:
        Display.display = real_display
    return out.getvalue()


def told_apart(text):
    """JSON in which floats, and whole numbers that JavaScript cannot hold, are told apart from others."""
    return json.loads(
        text,
        parse_float=lambda number: {"float": number},
        parse_constant=lambda name: {"float": name},
        parse_int=lambda number: int(number) if abs(int(number)) < 2**53 else {"int": number},
    )


def answer(job):
    sources = [part for source in job["sources"] for part in ("-i", source)]
    extra = [part for given in job.get("extra", []) for part in ("-e", given)]
    playbook = ["--playbook-dir", job["playbookDir"]] if job.get("playbookDir") else []
    if job.get("onlyPatterns"):
        return {"patterns": match(job)}
    try:
        listed = told_apart(command(sources + extra + playbook + ["--list"]))
        graph = command(sources + ["--graph"])
    except Exception as error:
        return {"error": str(error)}
    return {"list": listed, "graph": graph, "patterns": match(job)}


def match(job):
    manager = InventoryManager(loader=DataLoader(), sources=job["sources"])
    patterns = []
    for pattern, limit in job["patterns"]:
        # A pattern met before would not warn again.
        del warnings[:]
        manager.clear_caches()
        try:
            manager.subset(limit)
            hosts = [host.name for host in manager.get_hosts(pattern)]
            patterns.append({"hosts": hosts, "unknown": any("Could not match" in w for w in warnings)})
        except Exception as error:
            patterns.append({"error": str(error)})
    return patterns


def main():
    with contextlib.redirect_stderr(io.StringIO()):
        print(json.dumps([answer(job) for job in json.load(sys.stdin)]))


main()
