/**
 * Python for the interpreter that Ansible is installed for: calls one filter or lookup of it. What is wanted comes as JSON
 * on stdin, the value goes as JSON to stdout, so that neither stands in a list of processes.
 */
export const pluginPy = `
import json, os, sys

wanted = json.load(sys.stdin)
out, sys.stdout = sys.stdout, sys.stderr

def answer(**fields):
    json.dump(fields, out, default=as_json)
    out.flush()
    os._exit(0)

def as_json(value):
    if isinstance(value, (bytes, bytearray)):
        return value.decode('utf-8', 'surrogateescape')
    try:
        return dict(value)
    except (TypeError, ValueError):
        pass
    try:
        return list(value)
    except TypeError:
        return str(value)

try:
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins import loader
    from ansible.template import Templar
    if hasattr(loader, 'init_plugin_loader'):
        loader.init_plugin_loader()
except ImportError as error:
    answer(problem='import', detail=str(error))

kind, name = wanted['kind'], wanted['name']
plugins = loader.filter_loader if kind == 'filter' else loader.lookup_loader
for folder in wanted['folders']:
    plugins.add_directory(folder)
files = DataLoader()
files.set_basedir(wanted['basedir'])
templar = Templar(loader=files, variables={'playbook_dir': wanted['basedir']})
try:
    if kind == 'filter':
        env = templar.environment
        try:
            found = name in env.filters
        except Exception:
            found = False
        if not found:
            answer(problem='missing')
        value = env.call_filter(name, wanted['input'], wanted['args'], wanted['named'], context=env.from_string('').new_context())
    else:
        plugin = plugins.get(name, loader=files, templar=templar)
        if plugin is None:
            answer(problem='missing')
        value = plugin.run(wanted['args'], variables=templar.available_variables, **wanted['named'])
    answer(value=value)
except SystemExit:
    raise
except Exception as error:
    answer(problem='failed', detail='%s: %s' % (type(error).__name__, error))
`;
