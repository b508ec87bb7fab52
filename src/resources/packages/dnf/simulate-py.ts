/**
 * Asks dnf 4 what it would do, by its own command line code: the same parser, the same marks, the same solver; only the
 * transaction is read in place of being carried out. Read by the Python that dnf itself runs with.
 *
 * Questions are five strings each: how to ask (`live`: with the host's own cache, as a run does anyway; `private`:
 * without a trace), what is wanted, and whether earlier tasks bring a key; the arguments of dnf; what earlier tasks will
 * have done; files of repositories as they will be; the names asked for. Answers are lines of JSON.
 */
export const simulatePy = String.raw`
import base64, glob, json, logging, os, shutil, signal, sys, tempfile, traceback
import dnf, dnf.cli.cli, dnf.cli.option_parser, dnf.exceptions, dnf.subject
import hawkey, libdnf.error, libdnf.transaction as kinds

ARITY = 5

def lines(text):
    return [one for one in text.split('\n') if one]

# What of the host's cache is good enough is used: links to its files, which dnf replaces and never writes into. Of those
# that tell the age of the rest, it does set the times: these are copied.
def borrow(there, here):
    for folder, _, names in os.walk(there):
        to = os.path.join(here, os.path.relpath(folder, there))
        os.makedirs(to, exist_ok=True)
        for name in names:
            path = os.path.join(folder, name)
            if 'primary' in name or name.endswith(('.json', '.lock', '.pid', 'repomd.xml', 'metalink.xml', 'mirrorlist')):
                shutil.copy2(path, os.path.join(to, name))
            elif not name.endswith('.rpm'):
                os.symlink(path, os.path.join(to, name))

def private(files, folder):
    made = {}
    for key, there in (('cachedir', '/var/cache/dnf'), ('persistdir', '/var/lib/dnf')):
        made[key] = os.path.join(folder, key)
        os.mkdir(made[key])
        if key == 'cachedir':
            borrow(there, made[key])
        else:
            for name in os.listdir(there) if os.path.isdir(there) else []:
                if name.startswith('history.sqlite'):
                    shutil.copy2(os.path.join(there, name), made[key])
    if files:
        made['reposdir'] = os.path.join(folder, 'repos')
        os.mkdir(made['reposdir'])
        for there in ('/etc/yum.repos.d', '/etc/yum/repos.d', '/etc/distro.repos.d'):
            for name in os.listdir(there) if os.path.isdir(there) else []:
                if name.endswith('.repo'):
                    shutil.copy2(os.path.join(there, name), made['reposdir'])
        for path, text in files:
            to = os.path.join(made['reposdir'], os.path.basename(path))
            if text == '-':
                if os.path.exists(to):
                    os.remove(to)
            else:
                with open(to, 'wb') as out:
                    out.write(base64.b64decode(text))
    return made

def evr(pkg):
    return '%s:%s-%s' % (pkg.epoch, pkg.version, pkg.release)

def nevra(pkg):
    return '%s-%s.%s' % (pkg.name, evr(pkg), pkg.arch)

def action_of(pkg, before, after, at=None, older=False):
    return {'name': pkg.name, 'arch': pkg.arch, 'from': before, 'to': after, 'at': at, 'isOlder': older}

def marked(history, which):
    return sorted(set(getattr(history.group, which)) | set(getattr(history.env, which)))

def changes(base):
    new, old = {}, {}
    for item in base.transaction:
        if item.action in (kinds.TransactionItemAction_INSTALL, kinds.TransactionItemAction_UPGRADE, kinds.TransactionItemAction_DOWNGRADE):
            new[nevra(item.pkg)] = (item.action, item.pkg)
        elif item.action in (kinds.TransactionItemAction_REMOVE, kinds.TransactionItemAction_UPGRADED, kinds.TransactionItemAction_DOWNGRADED, kinds.TransactionItemAction_OBSOLETED):
            old[nevra(item.pkg)] = item.pkg
    return new, old

# What earlier tasks will have installed or removed (-) is marked beside what is asked for.
def mark(base, planned):
    known = set()
    for one in planned:
        try:
            if one.startswith('-'):
                # The version that goes may be planned itself; another is there until then.
                there = list(base.sack.query().installed().filter(name=one[1:].rsplit('-', 2)[0]))
                for pkg in [pkg for pkg in there if '-' + nevra(pkg) == one] or there:
                    base.package_remove(pkg)
                    known.add('-' + nevra(pkg))
                continue
            elif one.startswith('/') or '://' in one:
                for pkg in base.add_remote_rpms([one]):
                    base.package_install(pkg)
                    known.add(nevra(pkg))
                continue
            else:
                base.install(one)
        except dnf.exceptions.Error:
            pass
        known.add(one)
    return known

# Whether a package was named by this path or address of its file.
def is_file(pkg, spec):
    return pkg.reponame == hawkey.CMDLINE_REPO_NAME and os.path.basename(pkg.location) == os.path.basename(spec)

def matching(base, spec, among):
    if spec.startswith('@'):
        return []
    files = [pkg for pkg in among if is_file(pkg, spec)]
    if files:
        return files
    names = {nevra(pkg) for pkg in dnf.subject.Subject(spec).get_best_query(base.sack)}
    return [pkg for pkg in among if nevra(pkg) in names]

def solve(state, argv, planned, files, names, folder, is_private, gets_key):
    made = private(files, folder) if is_private else {}
    made['logdir'] = folder
    options = ['--setopt=%s=%s' % pair for pair in made.items()]
    with dnf.cli.cli.BaseCli(dnf.conf.Conf()) as base:
        cli = dnf.cli.cli.Cli(base)
        if gets_key:
            # dnf refuses early where rpm trusts no key at all.
            base._gpg_key_check = lambda: True
        cli.configure(['-y', '-q'] + options + argv, dnf.cli.option_parser.OptionParser())
        opts = cli.command.opts
        if state == 'present':
            history = base.history
            opts.grp_specs = [one for one in opts.grp_specs if not history.group.search_by_pattern(one) and not history.env.search_by_pattern(one)]
        cli.run()
        known = mark(base, planned)
        base.resolve(cli.demands.allow_erasing)
        cli.command.run_resolved()
        new, old = changes(base)
        actions = []
        for key, (action, pkg) in new.items():
            before = [] if action == kinds.TransactionItemAction_INSTALL else [
                one for one in old.values() if one.name == pkg.name and (one.arch == pkg.arch or 'noarch' in (one.arch, pkg.arch))]
            for one in before:
                del old[nevra(one)]
            if key in known:
                continue
            at = next((one for one in names if is_file(pkg, one)), None)
            actions.append(action_of(pkg, evr(before[0]) if before else None, evr(pkg), at, action == kinds.TransactionItemAction_DOWNGRADE))
        actions += [action_of(pkg, evr(pkg), None) for key, pkg in old.items() if '-' + key not in known]
        final = [pkg for pkg in base.sack.query().installed() if nevra(pkg) not in old and not any(
            one.name == pkg.name and action != kinds.TransactionItemAction_INSTALL for action, one in new.values())]
        final += [pkg for _, pkg in new.values()]
        after = {spec: [[pkg.name, evr(pkg), pkg.arch] for pkg in matching(base, spec, final)] for spec in names}
        history = base.history
        modules = ['%s:%s' % pair for pair in sorted(dict(base._moduleContainer.getEnabledStreams()).items())] if base._moduleContainer else []
        return {'actions': actions, 'groups': marked(history, '_installed'), 'gone': marked(history, '_removed'), 'modules': modules, 'after': after}

class Heard(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []
    def emit(self, record):
        self.said.append(record)

def ask(how, argv, planned, files, names):
    is_private, state, *gets_key = how.split(' ')
    heard = Heard()
    logging.getLogger('dnf').addHandler(heard)
    folder = tempfile.mkdtemp(prefix='play.%d.dnf.' % os.getppid(), dir='/var/tmp')
    try:
        return solve(state, lines(argv), lines(planned), [one.split(' ') for one in lines(files)], lines(names), folder, is_private == 'private', bool(gets_key))
    except (dnf.exceptions.Error, hawkey.Exception, libdnf.error.Error, OSError) as error:
        # What it is about stands in warnings before the error at times, and some errors say nothing.
        said = str(error) if getattr(error, 'value', True) else ''
        texts = [said] + [one.getMessage() for one in heard.said if 'match' in one.getMessage() or (not said and one.levelno >= logging.ERROR)]
        return {'problem': '\n'.join(dict.fromkeys(one.strip() for one in texts if one.strip()))}
    finally:
        shutil.rmtree(folder, ignore_errors=True)

# What a question that was killed has left.
def sweep():
    for path in glob.glob('/var/tmp/play.*.dnf.*'):
        pid = os.path.basename(path).split('.')[1]
        try:
            if os.lstat(path).st_uid == os.getuid() and not os.path.exists('/proc/' + pid):
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            pass

def leave(*_):
    sys.exit(143)

def main():
    sweep()
    strings = sys.stdin.buffer.read().decode('utf-8', 'surrogateescape').split('\0')[:-1]
    # dnf prints what it likes; the answers have a way of their own.
    out = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    for i in range(0, len(strings), ARITY):
        # Each in a process of its own: dnf keeps things in globals.
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            code = 1
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, leave)
            try:
                out.write(json.dumps(ask(*strings[i:i + ARITY])) + '\n')
                out.flush()
                code = 0
            except SystemExit:
                out.write(json.dumps({'problem': 'dnf does not take these arguments: ' + strings[i + 1].replace('\n', ' ')}) + '\n')
                out.flush()
                code = 0
            except Exception:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if status != 0:
            out.write('null\n')
            out.flush()

os.umask(0o077)
main()
`;
