/**
 * Installation scripts are followed as a first installation runs them, without running anything: what they surely do is
 * foretold for sure, all else is a guess and said to be one.
 */
import { describe, expect, test } from 'vitest';
import { readScript, UnreadShell } from '../../src/formats/shell/index.ts';
import { readSysusers, readTmpfiles } from '../../src/resources/packages/apt/scripts/declared.ts';
import type { ScriptEffect } from '../../src/resources/packages/apt/scripts/effects.ts';
import { followScript } from '../../src/resources/packages/apt/scripts/follow.ts';
import type { World } from '../../src/resources/packages/apt/scripts/world.ts';

interface Told {
  readonly sure: string[];
  readonly maybe: string[];
  readonly doubted: string[];
  isBlurred: boolean;
}

const nobody = { mode: '0755', uid: 0, gid: 0, owner: 'root', group: 'root', size: 0 } as const;
const files = new Set(['/etc/init.d/p', '/usr/bin/systemd-tmpfiles', '/srv/file']);
const folders = new Set(['/run/systemd/system', '/srv']);

/** One line an effect: `own /etc/x root:adm`. */
function words(effect: ScriptEffect): string {
  const { do: what, ...rest } = effect;
  const told = Object.entries(rest).filter(([name]) => !['isWhole', 'makesHome', 'adjusts', 'isEmpty'].includes(name));
  return [what, ...told.flatMap(([, value]) => (typeof value === 'string' && value !== '' ? [value] : []))].join(' ');
}

/** A host with a few files and the users root and there; of what lies below /open nothing is known. */
function follow(text: string, script: 'preinst' | 'postinst' = 'postinst'): Told {
  const told: Told = { sure: [], maybe: [], doubted: [], isBlurred: false };
  const users = new Set(['root', 'there']);
  const groups = new Set(['root', 'adm']);
  const world: World = {
    at: (path) =>
      path.startsWith('/open')
        ? undefined
        : files.has(path)
          ? { ...nobody, type: 'file' }
          : folders.has(path)
            ? { ...nobody, type: 'directory' }
            : { type: 'absent' },
    wasThere: () => false,
    linkTarget: () => undefined,
    hasUser: (name) => users.has(name),
    hasGroup: (name) => groups.has(name),
    groupsOf: (name) => (users.has(name) ? [name] : undefined),
    isOverridden: (path) => path === '/etc/overridden',
    bringsUnit: (name) => name === 'p.service',
    does(effect, isSure) {
      if (effect.do === 'user') users.add(effect.name);
      (isSure ? told.sure : told.maybe).push(words(effect));
    },
    declares: (kind, file) => [{ do: 'group', name: `${kind} ${file}` }],
    doubtPath: (path) => void told.doubted.push(path),
    doubtAccount: (name) => void told.doubted.push(name),
    blur: () => void (told.isBlurred = true),
  };
  followScript(text.startsWith('#!') ? text : `#!/bin/sh\nset -e\n${text}`, { package: 'p', script }, world);
  return told;
}

const snippet = `# Automatically added by dh_installsystemd/13.11.4
if [ "$1" = "configure" ] || [ "$1" = "abort-upgrade" ] ; then
	deb-systemd-helper unmask 'p.service' >/dev/null || true
	if deb-systemd-helper --quiet was-enabled 'p.service'; then
		deb-systemd-helper enable 'p.service' >/dev/null || true
	else
		deb-systemd-helper update-state 'p.service' >/dev/null || true
	fi
	if [ -d /run/systemd/system ]; then
		systemctl --system daemon-reload >/dev/null || true
		if [ -n "$2" ]; then _dh_action=restart; else _dh_action=start; fi
		deb-systemd-invoke $_dh_action 'p.service' >/dev/null || true
	fi
fi
# End automatically added section
`;
const up = ['enable p.service', 'start p.service'];

describe('what is sure', () => {
  test.each<[what: string, script: string, effects: readonly string[]]>([
    ["debhelper's part", snippet, up],
    [
      'behind a case for other occasions',
      `case "$1" in\n  configure)\n    chmod 700 /x\n    if dpkg --compare-versions "$2" lt-nl "8-1"; then\n      exit 0\n    fi\n    ;;\n  triggered) exit 0 ;;\n  abort-upgrade|abort-remove) exit 0 ;;\n  *) exit 1 ;;\nesac\n${snippet}exit 0\n`,
      ['mode /x 700', ...up],
    ],
    [
      'behind the way out of what is no installation',
      `action="$1"\nif [ "$action" != configure ]; then\n  exit 0\nfi\n${snippet}`,
      up,
    ],
    ['behind a failure, which is taken not to come', `unknown || { echo no >&2; exit 1; }\n${snippet}`, up],
    [
      'behind a function that returns',
      `f() {\n  [ -f "$1" ] || return 0\n  mv "$1" "$2"\n}\nf /none /y\n${snippet}`,
      up,
    ],
    ['behind quotes within quotes', `x="$(md5sum "\${y}" | sed -e 's/ .*//')"\n${snippet}`, up],
    [
      'an account that is not there',
      'if ! getent passwd p >/dev/null; then\n  adduser --system $quiet --home /var/lib/p \\\n    --no-create-home --group --gecos "The P" p\nfi',
      ['group p', 'user p /var/lib/p /usr/sbin/nologin The P p'],
    ],
    ['and no second time', 'getent passwd there >/dev/null || adduser --system --home /x there', []],
    [
      'a pipe that is empty',
      'id=`getent passwd p | cut -d : -f 3`\nif [ "$id" ]; then exit 0; else chown p /srv; fi',
      ['own /srv p'],
    ],
    [
      'a variable',
      'dir="/var/log/p"\nif ! dpkg-statoverride --list "$dir" >/dev/null; then chown root:adm $dir; fi',
      ['own /var/log/p root adm'],
    ],
    [
      'what an operator has overridden',
      'dpkg-statoverride --list /etc/overridden >/dev/null || chmod 600 /etc/overridden',
      [],
    ],
    [
      'a link',
      'if [ -z "$2" ] && [ ! -e /etc/p/on ] && [ -d /srv ]; then ln -s /a /etc/p/on; fi',
      ['link /etc/p/on /a'],
    ],
    ['a loop', 'for d in a b; do mkdir -p "/var/$d/p"; done', ['directory /var/a/p', 'directory /var/b/p']],
    ['a unit by systemctl', '[ -n "$2" ] || systemctl enable --now app', ['enable app.service', 'start app.service']],
    [
      'an init script that has a unit',
      'if [ -x /etc/init.d/p ]; then invoke-rc.d --skip-systemd-native p start || exit 1; fi',
      [],
    ],
    ['sysusers.d', 'systemd-sysusers ${DPKG_ROOT:+--root="$DPKG_ROOT"} p.conf', ['group sysusers p.conf']],
    [
      'tmpfiles.d',
      'if [ -x "$(command -v systemd-tmpfiles)" ]; then systemd-tmpfiles --create p.conf || true; fi',
      ['group tmpfiles p.conf'],
    ],
    ['the name of the package', 'VERSION=${DPKG_MAINTSCRIPT_PACKAGE##*-}\ntouch "/srv/$VERSION"', ['file /srv/p']],
    [
      "PostgreSQL's first cluster",
      'VERSION=${DPKG_MAINTSCRIPT_PACKAGE##*-}\n. /usr/share/postgresql-common/maintscripts-functions\nconfigure_version $VERSION "$2"',
      expect.arrayContaining(['directory /etc/postgresql/p/main/conf.d 0755 postgres postgres']),
    ],
    ['no comment', '# chown a /etc/x', []],
    ['here-documents are no commands', 'cat >/etc/p.conf <<EOF\nchown a /etc/x \nEOF\n', ['file /etc/p.conf']],
  ])('%s', (_, script, effects) => expect(follow(script)).toMatchObject({ sure: effects, isBlurred: false }));

  test('in a preinst', () =>
    expect(follow('case "$1" in install) rm -f /etc/old;; upgrade) rm -f /etc/x;; esac', 'preinst').sure).toEqual([
      'remove /etc/old',
    ]));
});

describe('what is a guess', () => {
  test.each<[what: string, script: string, effects: readonly string[]]>([
    [
      'behind a condition that nobody knows',
      'if unknown; then chmod 600 /x; else chmod 644 /x; fi',
      ['mode /x 600', 'mode /x 644'],
    ],
    ['behind what may be the end', `unknown || exit 0\n${snippet}`, up],
    ['behind a file that may be there', '[ -e /open/x ] || chmod 600 /x', ['mode /x 600']],
    ['behind what others define', `. /usr/share/p/functions\n${snippet}`, up],
    [
      'for an answer of debconf',
      '. /usr/share/debconf/confmodule\ndb_get p/x\nif [ "$RET" = true ]; then chmod 600 /x; fi',
      ['mode /x 600'],
    ],
    ['in a loop over files', 'for f in /etc/p/*; do chmod 600 /x; done', ['mode /x 600']],
    ['with a word that is not known', 'deb-systemd-invoke "$(unknown)" p.service', ['start p.service']],
    ['what hangs on records of others', 'ucf /usr/share/p.conf /etc/p.conf', ['file /etc/p.conf']],
  ])('%s', (_, script, effects) => expect(follow(script)).toMatchObject({ sure: [], maybe: effects }));

  test('once something is altered of which nobody knows what, all is', () =>
    expect(follow('chown a "$(unknown)"').isBlurred).toBe(true));
  test('temporary files are nothing of the kind', () =>
    expect(follow('t=$(mktemp)\nchmod 644 $t\nrm -f "$t"').isBlurred).toBe(false));
  test('what commands that are not understood were given is in doubt', () =>
    expect(follow('unknown --file=/etc/x /etc/y; usermod -s /bin/sh there').doubted).toEqual(
      expect.arrayContaining(['/etc/x', '/etc/y', 'there']),
    ));
  test.each([
    ['another language', '#!/usr/bin/perl\nchmod 0600, "/x";'],
    ['no sh', 'if true; then chmod 600 /x'],
  ])('%s is not read', (_, script) => expect(follow(script)).toMatchObject({ sure: [], isBlurred: true }));
});

describe('scripts of sh', () => {
  test.each([
    'if true; then\n  :\nfi # end',
    'case $x in\n  (a|b*) y;;\n  *) z\nesac',
    'f () {\n  local a=$(b "$(c)")\n}\nf 2>&1 | { read -r x; echo "$x"; }',
    'for i; do while [ "$i" ]; do i=${i%?}; done; done',
    "cat <<-'EOF' >x\n\t`unread` $(\n\tEOF\necho done",
    "a=1 b='2 3' c d >/dev/null 2>&1 || ! e && (f; g) &",
    'x="`echo \\`date\\``"',
    'echo $((1 + (2)))',
  ])('%j is read', (text) => expect(readScript(text).length).toBeGreaterThan(0));
  test.each(['if true; then :', 'echo "open', 'a )', 'case x in a) b', '{ a', 'x=$(a'])('%j is none', (text) =>
    expect(() => readScript(text)).toThrow(UnreadShell),
  );
});

test('sysusers.d and tmpfiles.d', () => {
  expect(readSysusers('# x\nu app - "The app" /var/lib/app\ng extra -\nm app extra\n')).toEqual([
    { do: 'group', name: 'app' },
    expect.objectContaining({ do: 'user', name: 'app', home: '/var/lib/app', comment: 'The app' }),
    { do: 'group', name: 'extra' },
  ]);
  expect(readTmpfiles('d /var/run/app 0750 app app -\nf /run/x\nd /run/%i\n')).toEqual([
    { do: 'directory', path: '/run/app', mode: '0750', owner: 'app', group: 'app', adjusts: true },
  ]);
});
