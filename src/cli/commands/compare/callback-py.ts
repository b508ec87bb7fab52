/**
 * A callback plugin of Ansible's that writes what each task came to, a line of JSON each, to the file descriptor 3. Of
 * arguments only what names things is told; of a task with `no_log` neither texts nor messages.
 */
export const callbackPy = `
import json
import os

from ansible.playbook.handler import Handler
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = '''
    name: play_compare
    type: aggregate
    short_description: tells play what tasks came to
    description: [Tells play what tasks came to.]
'''
NAMES = ('name', 'pkg', 'package', 'path', 'dest', 'destfile', 'user', 'deb', 'creates')
TEXTS = ('_raw_params', 'cmd', 'argv')


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'play_compare'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.out = os.fdopen(3, 'w', encoding='utf-8', errors='surrogateescape')

    def write(self, **event):
        self.out.write(json.dumps(event, default=str) + '\\n')
        self.out.flush()

    def tell(self, result, status, ignored=False):
        task, fields, said = result._task, result._task_fields, result._result
        # What a loop came to has been told item by item.
        if isinstance(said.get('results'), list) and getattr(task, 'loop', None) is not None and status != 'unreachable':
            if said['results'] or status != 'failed':
                return
        hidden = bool(said.get('_ansible_no_log'))
        args = fields.get('args') or {}
        known = {key: args[key] for key in NAMES + (() if hidden else TEXTS) if args.get(key) is not None}
        if status == 'skipped' and 'skip_reason' not in said and 'skipped_reason' not in said:
            status = 'unknown'
        self.write(
            event='task', host=result._host.get_name(), task=str(fields.get('name') or task.get_name()),
            action=getattr(task, 'resolved_action', None) or task.action, status=status, ignored=ignored,
            handler=isinstance(task, Handler), where=task.get_path() or '', args=known,
            at={key: said[key] for key in ('dest', 'path') if isinstance(said.get(key), str)},
            why='' if hidden else str(said.get('msg') or said.get('exception') or '')[:2000],
            stdout='' if hidden or not isinstance(said.get('stdout'), str) else said['stdout'][:100000],
            after=[] if hidden else texts(said.get('diff')),
        )

    def v2_runner_on_ok(self, result):
        self.tell(result, 'changed' if result._result.get('changed') else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.tell(result, 'failed', bool(ignore_errors))

    def v2_runner_on_skipped(self, result):
        self.tell(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        self.tell(result, 'unreachable')

    def v2_runner_item_on_ok(self, result):
        self.item(result, 'changed' if result._result.get('changed') else 'ok')

    def v2_runner_item_on_failed(self, result):
        self.item(result, 'failed')

    def v2_runner_item_on_skipped(self, result):
        self.item(result, 'skipped')

    def item(self, result, status):
        self.tell(result, status, bool(result._task_fields.get('ignore_errors')))

    def v2_playbook_on_stats(self, stats):
        self.write(event='end', hosts={host: stats.summarize(host) for host in stats.processed})


def texts(diff):
    parts = diff if isinstance(diff, list) else [diff]
    return [
        part['after'] for part in parts
        if isinstance(part, dict) and isinstance(part.get('after'), str) and '(file attributes)' not in str(part.get('after_header'))
    ]
`;
