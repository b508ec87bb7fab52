"""
Runs playbooks with ansible-core's own code: one import, a fork each, two at a time. JSON on stdin and stdout.

A job: {"args": [...], "env": {...}}; its answer: {"exit": n, "output": "..."}.
"""
import json
import os
import sys
import tempfile

from ansible.cli.playbook import PlaybookCLI


def run(job, output):
    os.environ.update(job["env"])
    os.chdir(job["cwd"])
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    code = 1
    try:
        PlaybookCLI.cli_executor(["ansible-playbook"] + job["args"])
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def main():
    jobs = json.load(sys.stdin)
    answers = [None] * len(jobs)
    running = {}

    def reap():
        pid, status = os.wait()
        index, output = running.pop(pid)
        output.seek(0)
        answers[index] = {"exit": os.waitstatus_to_exitcode(status), "output": output.read().decode("utf-8", "replace")}

    for index, job in enumerate(jobs):
        if len(running) >= 2:
            reap()
        output = tempfile.TemporaryFile()
        pid = os.fork()
        if pid == 0:
            run(job, output)
        running[pid] = (index, output)
    while running:
        reap()
    json.dump(answers, sys.stdout)


main()
