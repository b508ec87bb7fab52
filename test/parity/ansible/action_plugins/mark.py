"""The counterpart of test/parity/mark.ts: leaves a line in the file of the host it is carried out on. No module, so it costs one fork."""
import os

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase


def applies(given, host):
    return host in given if isinstance(given, list) else bool(given)


class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        args = self._task.args
        host = task_vars["inventory_hostname"]
        place = self._task.delegate_to or host
        if applies(args.get("down"), host) or place in os.environ["PARITY_GONE"].split(","):
            raise AnsibleConnectionFailure("the connection is lost")
        said = args.get("say") or self._task.name
        path = os.path.join(os.environ["PARITY_MARKS"], place)
        with open(path, "a+", encoding="utf-8") as marks:
            marks.write(said + "\n")
            marks.flush()
            marks.seek(0)
            tries = marks.read().splitlines().count(said)
        result = {"changed": not args.get("ok"), "said": said, "tries": tries}
        if applies(args.get("fail"), host):
            result.update(failed=True, changed=False, msg="no luck")
        return result
