#!/usr/bin/python3
"""Records what ansible-core's lineinfile and blockinfile make of texts: `record-edits.py >edit-cases.json`.

The modules' own functions run, with everything around them (argument parsing, atomic writes) left out. Hand-picked cases
first, then a seeded search through the combinations. Run it with the python that has ansible-core.

Where play differs on purpose, what it shall make is recorded, see `wanted`: line ends stay as the file has them, what Ansible
comes to in several runs is made in one, nothing is added again and again, and a last line without its end is a line like others.
"""
import base64, io, itertools, json, os, random, re, sys, tempfile
from ansible.modules import lineinfile, blockinfile

class Done(Exception): pass

class Module:
    check_mode = False
    _diff = False
    def __init__(self, params): self.params = params
    def boolean(self, value): return bool(value)
    def fail_json(self, **kw): raise Done('failed: ' + str(kw.get('msg')))
    def exit_json(self, **kw): raise Done('ok')
    def warn(self, text): pass

written = {}
def keep(module, content, dest, *rest): written['text'] = b''.join(content) if isinstance(content, list) else content
for module in (lineinfile, blockinfile):
    module.write_changes = keep
    module.check_file_attrs = lambda module, changed, message, diff: (message, changed)

def run(kind, before, options):
    written.clear()
    path = os.path.join(folder, 'f')
    with open(path, 'wb') as f: f.write(before)
    params = dict(path=path, create=False, backup=False)
    if kind == 'line':
        params.update(state='present', regexp=None, search_string=None, line=None, insertafter=None, insertbefore=None, backrefs=False, firstmatch=False)
    else:
        params.update(state='present', marker='# {mark} ANSIBLE MANAGED BLOCK', block='', insertafter=None, insertbefore=None, validate=None, marker_begin='BEGIN', marker_end='END')
    params.update(options)
    source = lineinfile if kind == 'line' else blockinfile
    source.AnsibleModule = lambda **kw: Module(params)
    try: source.main()
    except Done as done:
        if str(done) != 'ok': return None
    except IndexError: return None
    return written.get('text', before)

def wanted(kind, before, options):
    crlf = b'\r\n' in before and not re.search(rb'(?<!\r)\n', before)
    source = before.replace(b'\r\n', b'\n') if crlf else before
    after = run(kind, source, options)
    if after is None: return None
    if source and not source.endswith(b'\n') and needs_end(kind, source, options, after): after = run(kind, source + b'\n', options)
    if kind == 'block' and after == source + b'\n' and (options.get('state') == 'absent' or not options['block']): return before
    runs = [after]
    while len(runs) < 20:
        runs.append(run(kind, runs[-1], options))
        if runs[-1] == runs[-2]: break
    # What grows for ever is a line that is added because of where it stands; or a reference that finds what it made.
    grows = runs[-1] != runs[-2]
    if grows and options.get('backrefs'): return None
    after = runs[0] if grows else runs[-1]
    return after.replace(b'\n', b'\r\n') if crlf else after

def needs_end(kind, source, options, after):
    last = source.splitlines(True)[-1]
    if kind == 'block':
        mark = options.get('marker', '# {mark} ANSIBLE MANAGED BLOCK').replace('{mark}', options.get('marker_end', 'END'))
        return last == mark.encode()
    anchor = options.get('insertafter')
    return anchor not in (None, 'EOF', 'BOF') and re.search(anchor.encode(), last) is not None and last + options['line'].encode() + b'\n' in after.splitlines(True)

def text(b): return base64.b64encode(b).decode()

texts = [b'', b'a\n', b'a', b'a=1\nb=2\na=3\n', b'a=1\nb=2\na=3', b'x\r\na=1\r\ny\r\n', b'\n\n', b'# a=1\na=1\n# end\n', b'b=2\n\na=1\n\n', b'a=\xe9\nb\xff=2\n', 'größe=1\nb=2\n'.encode(), b'a=1\na=1\n', b'  a = 1  \n\tb=2\n', b'[one]\na=1\n[two]\na=2\n']
line_cases, block_cases = [], []

def add(kind, before, **options):
    after = wanted(kind, before, options)
    (line_cases if kind == 'line' else block_cases).append(dict(before=text(before), options=options, after=None if after is None else text(after)))

regexps = [None, '^a=', 'a', r'^#?\s*a=', r'^(a)=(\d+)$', r'^(?P<key>\w+)=(?P<value>.*)$', r'\s$', '^$', 'nothing', 'ö', r'a=.', '=3$', '^', '(x)?a=', r'\[two\]']
lines = ['a=1', 'a=9', 'b=2', '', r'\1=7', r'\g<key>=\g<value>!', 'größe=2', r'a\tb', '[two]', 'x']
places = [{}, dict(insertafter='EOF'), dict(insertafter='BOF'), dict(insertbefore='BOF'), dict(insertafter='^b'), dict(insertbefore='^b'), dict(insertafter='a'), dict(insertbefore='a'), dict(insertafter='nothing'), dict(insertbefore='nothing'), dict(insertbefore='EOF')]

with tempfile.TemporaryDirectory() as folder:
    rng = random.Random(7)
    everything = list(itertools.product(texts, regexps, [None, 'a=1', '=', 'zz'], lines, places, [False, True], [False, True], ['present', 'absent']))
    for before, regexp, search, line, place, backrefs, first, state in rng.sample(everything, 6000):
        if regexp is not None and search is not None or backrefs and (regexp is None or search is not None): continue
        # References to groups that are not there are errors on both sides, told differently.
        if backrefs and ('\\1' in line and '(' not in regexp or '\\g' in line and '?P' not in regexp): continue
        if len(line_cases) >= 900: break
        options = dict(line=line, **place)
        if first: options['firstmatch'] = True
        if backrefs: options['backrefs'] = True
        if state == 'absent': options['state'] = state
        if regexp is not None: options['regexp'] = regexp
        if search is not None: options['search_string'] = search
        add('line', before, **options)
    marked = [b'x\n# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK\ny\n', b'# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK', b'# END ANSIBLE MANAGED BLOCK\nq\n# BEGIN ANSIBLE MANAGED BLOCK\nz\n', b'a\n# BEGIN ANSIBLE MANAGED BLOCK\nb\n', b'; BEGIN mine\n1\n; END mine\n# BEGIN ANSIBLE MANAGED BLOCK\nnew\n# END ANSIBLE MANAGED BLOCK\n']
    everything = list(itertools.product(texts + marked, ['', 'new', 'new\n', 'one\n\ntwo', 'größe', '\n'], places, ['present', 'absent'], [{}, dict(marker='; {mark} mine'), dict(marker='<!-- {mark} -->', marker_begin='Anfang', marker_end='Ende'), dict(marker='# {mark} b', marker_begin='one')]))
    for before, block, place, state, marker in rng.sample(everything, 520):
        add('block', before, block=block, **(dict(state=state) if state == 'absent' else {}), **place, **marker)
json.dump(dict(line=line_cases, block=block_cases), sys.stdout, separators=(',', ':'))
