/**
 * Python for the interpreter that Ansible is installed for: has Ansible pack a module as it does for its own runs. What is
 * wanted comes as JSON on stdin, the answer goes as JSON to stdout. The arguments are left out, and stand as a mark in
 * the payload: so it can be kept, and no argument passes through a program of its own.
 */
export const packPy = `
import base64, io, json, os, re, sys, zipfile

def answer(**fields):
    json.dump(fields, sys.stdout)
    sys.exit(0)

wanted = json.load(sys.stdin)
try:
    from ansible.executor.module_common import modify_module
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins import loader
    from ansible.release import __version__
    from ansible.template import Templar
    from ansible.utils.collection_loader import AnsibleCollectionConfig
    if hasattr(loader, 'init_plugin_loader'):
        loader.init_plugin_loader()
except ImportError as error:
    answer(problem='import', detail=str(error))

name = wanted['module']
for folder in wanted['folders']:
    loader.module_loader.add_directory(folder)
found = loader.module_loader.find_plugin_with_context(name)
names = [name] + list(found.redirect_list or []) + ([found.resolved_fqcn] if found.resolved_fqcn else [])
if any(loader.action_loader.has_plugin(one) for one in names):
    answer(problem='action', name=names[-1])
roots = list(AnsibleCollectionConfig.collection_paths)
if not found.resolved:
    answer(problem='missing', name=names[-1], version=__version__, roots=roots)
path, name = found.plugin_resolved_path, found.resolved_fqcn or name

# Written as Ansible itself writes the arguments; found again exactly once, or this Ansible packs in another way.
arguments = {'play_arguments': wanted['mark']}
python = {'ansible_python_interpreter': '/usr/bin/python3'}
try:
    data, style, _ = modify_module(name, path, dict(arguments), Templar(loader=DataLoader()), task_vars=python, module_compression='ZIP_DEFLATED')
except (TypeError, ValueError, AttributeError) as error:
    answer(problem='packing', version=__version__, detail=repr(error))
if style != 'new':
    answer(problem='style', name=name, style=style, path=path)
text = data.decode('utf-8')
written = repr(json.dumps({'ANSIBLE_MODULE_ARGS': arguments}))
zipped = re.search(r'ZIPDATA = """(.+?)"""', text, re.S)
if text.count(written) != 1 or zipped is None:
    answer(problem='packing', version=__version__, detail='')

archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(zipped.group(1))))
library = os.path.dirname(os.path.dirname(os.path.abspath(sys.modules['ansible'].__file__)))
sources = {path, os.path.join(library, 'ansible', 'release.py')}
checks = False
for one in archive.namelist():
    if one.endswith('/'):
        continue
    sources.update(p for p in (os.path.join(root, one) for root in [library] + roots) if os.path.isfile(p))
    # Those of Ansible's own know the word, whether or not the module has a check mode.
    if not one.startswith('ansible/module_utils/'):
        checks = checks or b'supports_check_mode' in archive.read(one)
if found.plugin_resolved_collection:
    # A copy of the collection that is installed in front of this one is to be seen.
    parts = found.plugin_resolved_collection.split('.')
    sources.update(os.path.join(root, 'ansible_collections', *parts) for root in roots)
answer(name=name, version=__version__, payload=text.replace(written, wanted['mark']), sources=sorted(sources), hasCheckMode=checks)
`;
