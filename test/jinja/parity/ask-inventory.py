"""Writes what real Ansible makes of each variable of each host: JSON on stdin, a line `[host, name, answer, has Jinja]` each on stdout.

stdin: {"sources": [...], "folder": "of the playbook", "facts": {...} or null, "most": hosts at most, or 0}
An answer is Python's repr of the value, `!undefined`, `!vault`, or `!error TEXT`; names are those the inventory gives.
"""
import json
import sys

from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.yaml.objects import AnsibleVaultEncryptedUnicode
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager


def plain(value):
    if isinstance(value, AnsibleVaultEncryptedUnicode):
        raise LookupError('vault')
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def answer(templar, value):
    try:
        return repr(plain(templar.template(value)))
    except LookupError as error:
        return '!vault' if str(error) == 'vault' else '!error ' + str(error)[:300]
    except AnsibleUndefinedVariable as error:
        return '!undefined ' + str(error)[:300]
    except RecursionError:
        return '!error recursion'
    except Exception as error:
        return '!vault' if 'vault' in str(error).lower() and 'secret' in str(error).lower() else '!error ' + str(error)[:300]


def main():
    wanted = json.load(sys.stdin)
    loader = DataLoader()
    loader.set_basedir(wanted['folder'])
    inventory = InventoryManager(loader=loader, sources=wanted['sources'])
    manager = VariableManager(loader=loader, inventory=inventory)
    hosts = inventory.get_hosts()
    HostVars(inventory=inventory, variable_manager=manager, loader=loader)
    for host in hosts[:wanted['most'] or None]:
        if wanted['facts'] is not None:
            manager.set_host_facts(host.name, wanted['facts'])
        variables = manager.get_vars(host=host)
        variables['playbook_dir'] = wanted['folder']
        templar = Templar(loader, variables=variables)
        for name in sorted(set(variables) - {'hostvars', 'vars'}):
            raw = str(variables[name])
            print(json.dumps([host.name, name, answer(templar, variables[name]), '{{' in raw or '{%' in raw]))


main()
