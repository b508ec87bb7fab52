"""Writes what happened as JSON lines, in the words test/parity compares."""
import json
import os

from ansible.playbook.handler import Handler
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "record"

    def __init__(self):
        super().__init__()
        self.out = open(os.environ["PARITY_EVENTS"], "w", encoding="utf-8")

    def write(self, **event):
        self.out.write(json.dumps(event) + "\n")
        self.out.flush()

    def task(self, result, status, ignored=False):
        task = result._task
        kind = "handler " if isinstance(task, Handler) else ""
        self.write(event="task", host=result._host.get_name(), told=status + " " + kind + task.get_name() + (" (ignored)" if ignored else ""))

    def v2_playbook_on_play_start(self, play):
        self.write(event="batch")

    def v2_runner_on_ok(self, result):
        self.task(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.task(result, "failed", bool(ignore_errors))

    def v2_runner_on_skipped(self, result):
        self.task(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self.task(result, "unreachable", bool(result._task.ignore_unreachable))

    def v2_playbook_on_stats(self, stats):
        self.write(event="recap", hosts={host: stats.summarize(host) for host in stats.processed})
