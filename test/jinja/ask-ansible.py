"""Writes what real Ansible makes of each text of expressions.json: python3 ask-ansible.py

Run it where ansible-core 2.14 is installed; the answers are stored, so that the tests need none. An answer is Python's
repr of the value, `!undefined` where a name or key is missing, `!error` where templating fails otherwise.
"""
import json
import os

from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

folder = os.path.dirname(os.path.abspath(__file__))


def plain(value):
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def answer(text, variables):
    try:
        return repr(plain(Templar(DataLoader(), variables=variables).template(text)))
    except AnsibleUndefinedVariable:
        return '!undefined'
    except (AnsibleError, TypeError, ValueError, KeyError, ZeroDivisionError, OverflowError, AttributeError, IndexError):
        return '!error'
    except Exception as error:
        return '!error' if type(error).__module__.startswith(('jinja2', 'json', 're')) else f'!{type(error).__name__}'


def main():
    with open(os.path.join(folder, 'variables.json'), encoding='utf-8') as file:
        variables = json.load(file)
    name = os.path.join(folder, 'expressions.json')
    with open(name, encoding='utf-8') as file:
        groups = json.load(file)
    for cases in groups.values():
        for case in cases:
            case[1:] = [answer(case[0], variables)]
    with open(name, 'w', encoding='utf-8') as file:
        file.write('{\n')
        parts = []
        for group, cases in groups.items():
            lines = ',\n'.join('    ' + json.dumps(case, ensure_ascii=False) for case in cases)
            parts.append(f'  {json.dumps(group)}: [\n{lines}\n  ]')
        file.write(',\n'.join(parts) + '\n}\n')


main()
