import {
  acl,
  alternatives,
  capabilities,
  command,
  copy,
  debconf,
  dpkgDivert,
  dpkgSelections,
  file,
  lineinfile,
  locale,
  stat,
  sync,
  sysctl,
  timezone,
} from '../../../src/resources/index.ts';
import { Secret } from '../../../src/secrets/index.ts';
import type { LawCase } from '../../support/laws.ts';

const secret = new Secret('hunter2hunter2', 'a test');

/** Two programs of one name, whose manual pages follow. */
const followed = `{ update-alternatives --remove-all lawtool || true; rm -f /usr/bin/lawtool /srv/says; mkdir -p /opt/law; for x in a b; do cp /bin/true /opt/law/$x; echo $x >/opt/law/$x.1
  update-alternatives --install /usr/bin/lawtool lawtool /opt/law/$x $([ $x = a ] && echo 10 || echo 20) --slave /usr/share/lawtool.1 lawtool.1 /opt/law/$x.1; done; } >/dev/null 2>&1`;

export const debianCases: readonly LawCase[] = [
  {
    name: 'debconf: answers, one of them secret',
    tasks: () => [
      debconf({ name: 'law-package', question: 'law/kind', vtype: 'select', value: 'Größe x, y' }),
      debconf({ name: 'law-package', question: 'law/password', vtype: 'password', value: secret }),
      debconf({ name: 'law-package', question: 'law/flag', vtype: 'boolean', value: true }),
    ],
    expect: ['changed', 'changed', 'changed'],
    hidden: ['hunter2hunter2'],
    afterwards: `[ "$(echo 'GET law/kind' | debconf-communicate)" = '0 Größe x, y' ]; [ "$(echo 'GET law/flag' | debconf-communicate)" = '0 true' ]`,
  },
  {
    name: 'debconf: seen or not',
    tasks: () => [
      debconf({ name: 'law-package', question: 'law/kind', vtype: 'seen', value: false }),
      debconf({ name: 'law-package', question: 'law/flag', vtype: 'boolean', value: 'True' }),
    ],
    expect: ['changed', 'ok'],
  },
  {
    name: 'debconf: answered for another package, and in another order',
    setup: `printf 'other law/of string x\nlaw-package law/list multiselect b, a\n' | debconf-set-selections`,
    tasks: () => [
      debconf({ name: 'law-package', question: 'law/of', vtype: 'string', value: 'x' }),
      debconf({ name: 'law-package', question: 'law/list', vtype: 'multiselect', value: 'a, b' }),
      debconf({ name: 'law-package', question: 'law/of', vtype: 'string', value: 'x' }, { name: 'again' }),
    ],
    expect: ['changed', 'ok', 'ok'],
    afterwards: `debconf-show law-package | grep -q 'law/of: x'`,
  },
  {
    name: 'debconf: a default is no answer',
    setup: `perl -e 'use Debconf::Db; use Debconf::Template; use Debconf::Question; Debconf::Db->load; my $t = Debconf::Template->new("law/dflt", "law-package", "string"); $t->default("d"); $t->description("d"); Debconf::Db->save'; [ "$(echo GET law/dflt | debconf-communicate 2>/dev/null)" = '0 d' ]`,
    tasks: () => [debconf({ name: 'law-package', question: 'law/dflt', vtype: 'string', value: 'd' })],
    expect: ['changed'],
    afterwards: `grep -A2 '^Name: law/dflt' /var/cache/debconf/config.dat | grep -q '^Value: d'`,
  },
  {
    name: 'debconf: a question nobody asks is not seen',
    tasks: () => [debconf({ name: 'law-package', question: 'law/none', vtype: 'seen', value: true })],
    expect: ['failed'],
    again: ['failed'],
    says: /knows no question law\/none/,
  },
  {
    name: "debconf, dpkg and alternatives are root's",
    tasks: () => [
      debconf(
        { name: 'law-package', question: 'law/mine', vtype: 'string', value: 'x' },
        { becomeUser: 'nobody', ignoreErrors: true },
      ),
      dpkgSelections({ name: 'coreutils', selection: 'hold' }, { becomeUser: 'nobody', ignoreErrors: true }),
      alternatives({ name: 'lawmine', path: '/bin/true', link: '/usr/bin/lawmine' }, { becomeUser: 'nobody' }),
    ],
    expect: ['failed', 'failed', 'failed'],
    again: ['failed', 'failed', 'failed'],
    says: /only root may change/,
  },
  // dpkg takes no line breaks, so not in the folder of the case.
  {
    name: 'diversions: made, moved aside and back, to another place, over what is there, or not',
    setup: `d='/etc/law divert'; mkdir -p "$d/to"; cd "$d"
for f in kept "-q 'o' \\$x" moves 'back ü.distrib' over over.distrib blocked blocked.distrib; do echo "$f" >"$f"; done; chmod 0750 moves
for f in moves 'back ü'; do dpkg-divert --quiet --local --no-rename --divert "$d/$f.distrib" --add "$d/$f"; done; mv moves moves.distrib`,
    tasks: () => [
      dpkgDivert({ path: '/etc/law divert/kept' }),
      dpkgDivert({ path: `/etc/law divert/-q 'o' $x`, rename: true, holder: 'bash' }),
      dpkgDivert({ path: '/etc/law divert/moves', divert: '/etc/law divert/to/moves', rename: true }),
      dpkgDivert({ path: '/etc/law divert/back ü', state: 'absent', rename: true }),
      dpkgDivert({ path: '/etc/law divert/over', rename: true, force: true }),
      dpkgDivert({ path: '/etc/law divert/none', state: 'absent' }),
      copy({ dest: '/etc/law divert/over', content: 'mine\n' }),
      dpkgDivert({ path: '/etc/law divert/blocked', rename: true }, { ignoreErrors: true }),
      dpkgDivert({ path: '/etc/law divert/by nobody' }, { becomeUser: 'nobody', ignoreErrors: true }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed', 'ok', 'changed', 'failed', 'failed'],
    again: ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'failed', 'failed'],
    says: /something is there|only root/,
    afterwards: `set -e; cd '/etc/law divert'; [ "$(ls -A . | tr '\\n' ,)" = "-q 'o' \\$x.distrib,back ü,blocked,blocked.distrib,kept,over,over.distrib,to," ]; [ "$(stat -c %a to/moves)" = 750 ]; [ "$(cat over over.distrib | xargs)" = 'mine over' ]; [ "$(dpkg-divert --truename "$PWD/moves")" = "$PWD/to/moves" ]; [ "$(dpkg-divert --listpackage "$PWD/-q 'o' \\$x")" = bash ]; [ -z "$(dpkg-divert --listpackage "$PWD/back ü")" ]`,
  },
  {
    name: 'hold, and off again',
    tasks: () => [
      dpkgSelections({ name: 'bash', selection: 'hold' }),
      dpkgSelections({ name: 'coreutils', selection: 'install' }),
      dpkgSelections({ name: 'no-such-package', selection: 'purge' }),
    ],
    expect: ['changed', 'ok', 'ok'],
    afterwards: '[ "$(apt-mark showhold)" = bash ]; apt-mark unhold bash >/dev/null; apt-mark hold bash >/dev/null',
  },
  {
    name: 'hold: what dpkg does not know',
    tasks: () => [
      dpkgSelections({ name: 'bash', selection: 'install' }),
      dpkgSelections({ name: 'no-such-package', selection: 'hold' }),
    ],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /knows no package/,
  },
  // Only settings of the host's own network namespace are touched.
  {
    name: 'sysctl: in the file and in the kernel',
    setup: `printf '# mine\\nnet.ipv4.conf.lo.log_martians=0\\nnet/ipv4/conf/lo/log_martians = 0\\n' >f; echo 0 >/proc/sys/net/ipv4/conf/lo/log_martians`,
    tasks: (dir) => [
      sysctl({ name: 'net.ipv4.conf.lo.log_martians', value: true, sysctlFile: `${dir}/f` }),
      sysctl({ name: 'net.ipv4.conf.lo.shared_media', value: 1, sysctlFile: `${dir}/g` }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `printf '# mine\\nnet.ipv4.conf.lo.log_martians = 1\\n' | cmp - f; [ "$(cat /proc/sys/net/ipv4/conf/lo/log_martians)" = 1 ]`,
  },
  {
    name: 'sysctl: what the kernel only tells',
    tasks: (dir) => [sysctl({ name: 'kernel.osrelease', value: 'mine', sysctlFile: `${dir}/f` })],
    expect: ['failed'],
    again: ['failed'],
    says: /kernel\.osrelease is .* and cannot be set/,
    afterwards: '[ ! -e f ]',
  },
  {
    name: 'sysctl: out of the file, only the file, no such setting',
    setup: 'echo "net.ipv4.conf.lo.log_martians = 1" >f',
    tasks: (dir) => [
      sysctl({ name: 'net.ipv4.conf.lo.log_martians', state: 'absent', sysctlFile: `${dir}/f` }),
      sysctl({ name: 'net.no.such', value: 'a  b', ignoreErrors: true, sysctlFile: `${dir}/f` }),
      sysctl({ name: 'net.no.such', value: 1 }),
    ],
    expect: ['changed', 'changed', 'failed'],
    again: ['ok', 'ok', 'failed'],
    says: /no setting net.no.such/,
    afterwards: '[ "$(cat f)" = "net.no.such = a  b" ]',
  },
  {
    name: 'timezone',
    tasks: () => [timezone({ name: 'Asia/Kathmandu' })],
    expect: ['changed'],
    afterwards: '[ "$(date +%z)" = +0545 ]; [ "$(cat /etc/timezone)" = Asia/Kathmandu ]',
  },
  {
    name: 'timezone: no such zone',
    tasks: () => [timezone({ name: 'Europe/Atlantis' })],
    expect: ['failed'],
    again: ['failed'],
    says: /no time zone Europe\/Atlantis/,
  },
  {
    name: 'locale: made',
    tasks: () => [locale({ name: ['de_DE.UTF-8', 'nl_NL@euro'] })],
    expect: ['changed'],
    afterwards: 'locale -a | grep -qx de_DE.utf8; locale -a | grep -qx nl_NL@euro',
  },
  {
    name: 'locale: gone',
    tasks: () => [locale({ name: 'nl_NL@euro', state: 'absent' })],
    expect: ['changed'],
    afterwards: '! locale -a | grep nl_NL; locale -a | grep -qx de_DE.utf8',
  },
  {
    name: 'locale: none of this name',
    tasks: () => [locale({ name: 'xx_XX.UTF-8' })],
    expect: ['failed'],
    again: ['failed'],
    says: /no locale xx_XX.UTF-8/,
  },
  {
    name: 'capabilities: added, taken away, of a file made by the play',
    setup: 'cp /bin/true p; cp /bin/true q; setcap cap_chown,cap_kill=ep q',
    tasks: (dir) => [
      capabilities({ path: `${dir}/p`, capability: 'cap_net_raw+ep' }),
      capabilities({ path: `${dir}/q`, capability: 'CAP_CHOWN', state: 'absent' }),
      capabilities({ path: `${dir}/q`, capability: 'cap_kill+i' }),
      copy({ dest: `${dir}/new`, content: 'x', mode: '0755' }),
      capabilities({ path: `${dir}/new`, capability: 'cap_net_bind_service=ep' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed'],
    afterwards:
      'getcap p | grep -q "cap_net_raw=ep$"; getcap q | grep -q "cap_kill=eip$"; getcap new | grep -q "cap_net_bind_service=ep$"',
  },
  {
    name: 'capabilities: lost with the old file',
    setup: 'echo old >p; setcap cap_net_raw=ep p',
    tasks: (dir) => [
      copy({ dest: `${dir}/p`, content: 'new\n' }),
      capabilities({ path: `${dir}/p`, capability: 'cap_net_raw=ep' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: 'getcap p | grep -q "cap_net_raw=ep$"',
  },
  {
    name: 'capabilities: a mode leaves them, another owner takes them away',
    setup: 'cp /bin/true a; cp /bin/true b; setcap cap_net_raw+ep a; setcap cap_net_raw+ep b',
    tasks: (dir) => [
      file({ path: `${dir}/a`, mode: '0750' }),
      capabilities({ path: `${dir}/a`, capability: 'cap_net_raw+ep' }),
      file({ path: `${dir}/b`, owner: 'daemon' }),
      capabilities({ path: `${dir}/b`, capability: 'cap_net_raw+ep' }),
    ],
    expect: ['changed', 'ok', 'changed', 'changed'],
  },
  {
    name: 'capabilities: no file',
    tasks: (dir) => [
      capabilities({ path: `${dir}/p`, capability: 'cap_kill', state: 'absent' }),
      capabilities({ path: `${dir}/p`, capability: 'cap_kill=ep' }),
    ],
    expect: ['ok', 'failed'],
    again: ['ok', 'failed'],
    says: /not there/,
  },
  {
    name: 'alternatives: a new name',
    setup: 'cp /bin/true /srv/one; cp /bin/true /srv/two',
    tasks: () => [
      alternatives({ name: 'lawalt', path: '/srv/one', link: '/usr/bin/lawalt' }),
      alternatives({ name: 'lawalt', path: '/srv/two', priority: 70, state: 'present' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: '[ "$(readlink -f /usr/bin/lawalt)" = /srv/one ]',
  },
  {
    name: 'alternatives: by priority, then another priority',
    tasks: () => [
      alternatives({ name: 'lawalt', path: '/srv/one', state: 'auto' }),
      alternatives({ name: 'lawalt', path: '/srv/one', priority: 90, state: 'present' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: '[ "$(readlink -f /usr/bin/lawalt)" = /srv/one ]',
  },
  {
    name: 'alternatives: gone',
    tasks: () => [
      alternatives({ name: 'lawalt', path: '/srv/one', state: 'absent' }),
      alternatives({ name: 'lawalt', path: '/srv/three', state: 'absent' }),
    ],
    expect: ['changed', 'ok'],
    afterwards: '[ "$(readlink -f /usr/bin/lawalt)" = /srv/two ]',
  },
  {
    name: 'alternatives: those that follow stay with a new priority; what is chosen by it is known to later tasks',
    setup: followed,
    tasks: () => [
      alternatives({ name: 'lawtool', path: '/opt/law/a', priority: 50 }),
      stat({ path: '/usr/share/lawtool.1' }),
      copy({ dest: '/srv/says', content: 'x\n' }),
      command({ cmd: 'readlink -f /usr/bin/lawtool /usr/share/lawtool.1', changes: 'never' }),
    ],
    expect: ['changed', 'ok', 'changed', 'ok'],
    afterwards: '[ "$(readlink -f /usr/share/lawtool.1)" = /opt/law/a.1 ]',
  },
  {
    name: 'alternatives: the one chosen has no follower, then one is given',
    setup: `${followed}; update-alternatives --install /usr/bin/lawtool lawtool /opt/law/b 20`,
    tasks: () => [
      alternatives({ name: 'lawtool', path: '/opt/law/b' }),
      file({ path: '/usr/share/lawtool.1', state: 'absent' }),
      alternatives({ name: 'lawtool', path: '/opt/law/a' }),
      alternatives({
        name: 'lawtool',
        path: '/opt/law/b',
        subcommands: [
          { name: 'lawtool.1', path: '/opt/law/b.1' },
          { name: 'lawtool.2', path: '/opt/law/a.1', link: '/usr/share/lawtool.2' },
        ],
        state: 'present',
      }),
      alternatives({ name: 'lawtool', path: '/opt/law/b' }),
    ],
    expect: ['ok', 'ok', 'changed', 'changed', 'changed'],
    again: ['ok', 'changed', 'changed', 'ok', 'changed'],
    afterwards:
      '[ "$(readlink -f /usr/share/lawtool.2)" = /opt/law/a.1 ]; [ "$(readlink -f /usr/share/lawtool.1)" = /opt/law/b.1 ]',
  },
  {
    name: 'alternatives: preferred less, it stays the one that is selected; of two alike it stays',
    setup: followed,
    tasks: () => [
      alternatives({ name: 'lawtool', path: '/opt/law/b', priority: 5 }),
      alternatives({ name: 'lawtool', path: '/opt/law/b', priority: 10, state: 'auto' }),
    ],
    expect: ['changed', 'changed'],
    again: ['changed', 'changed'],
    afterwards: '[ "$(readlink -f /usr/bin/lawtool)" = /opt/law/b ]',
  },
  {
    name: 'alternatives: a link that was lost comes back',
    setup: `${followed}; rm /usr/bin/lawtool`,
    tasks: () => [alternatives({ name: 'lawtool', path: '/opt/law/b' })],
    expect: ['changed'],
    afterwards: '[ "$(readlink -f /usr/bin/lawtool)" = /opt/law/b ]',
  },
  {
    name: 'alternatives: what follows and was lost, or shows something else, comes back',
    setup: `${followed}; rm /usr/share/lawtool.1`,
    tasks: () => [
      alternatives({ name: 'lawtool', path: '/opt/law/b' }),
      file({ path: '/etc/alternatives/lawtool.1', state: 'link', src: '/opt/law/a.1', force: true }),
      alternatives({ name: 'lawtool', path: '/opt/law/b' }, { name: 'again' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    again: ['ok', 'changed', 'changed'],
    afterwards: '[ "$(readlink -f /usr/share/lawtool.1)" = /opt/law/b.1 ]',
  },
  {
    name: 'alternatives: links turned or taken away by tasks before',
    setup: followed,
    tasks: () => [
      file({ path: '/usr/bin/lawtool', state: 'absent' }),
      alternatives({ name: 'lawtool', path: '/opt/law/b' }),
      file({ path: '/etc/alternatives/lawtool', state: 'link', src: '/opt/law/a', force: true }),
      alternatives({ name: 'lawtool', path: '/opt/law/b', state: 'auto' }),
      file({ path: '/etc/alternatives/lawtool', state: 'absent' }),
      alternatives({ name: 'lawtool', path: '/opt/law/a' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'changed', 'changed'],
    again: ['changed', 'changed', 'changed', 'changed', 'changed', 'changed'],
    afterwards: '[ "$(readlink -f /usr/bin/lawtool)" = /opt/law/a ]',
  },
  {
    name: 'alternatives: turned by hand to another, which automatic mode does not tell',
    setup: `${followed}; ln -sf /opt/law/a /etc/alternatives/lawtool`,
    tasks: () => [alternatives({ name: 'lawtool', path: '/opt/law/b', state: 'auto' })],
    expect: ['changed'],
    afterwards: '[ "$(readlink -f /usr/bin/lawtool)" = /opt/law/b ]',
  },
  {
    name: 'alternatives: turned by hand to something else, it is left there until one is chosen',
    setup: `${followed}; cp /bin/true /opt/law/c; ln -sf /opt/law/c /etc/alternatives/lawtool`,
    tasks: () => [
      alternatives({ name: 'lawtool', path: '/opt/law/a', priority: 99, state: 'present' }),
      alternatives({ name: 'lawtool', path: '/opt/law/a', state: 'auto' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: '[ "$(readlink -f /usr/bin/lawtool)" = /opt/law/a ]',
  },
  {
    name: 'alternatives: what is chosen is not there any more',
    setup: `${followed}; rm /opt/law/b`,
    tasks: () => [alternatives({ name: 'lawtool', path: '/opt/law/b' })],
    expect: ['failed'],
    again: ['failed'],
    says: /\/opt\/law\/b is not there/,
  },
  {
    name: 'alternatives: what is no link is left alone',
    setup: `${followed}; rm /usr/bin/lawtool; echo mine >/usr/bin/lawtool`,
    tasks: () => [alternatives({ name: 'lawtool', path: '/opt/law/a' })],
    expect: ['failed'],
    again: ['failed'],
    says: /is no link of lawtool/,
    afterwards: '[ "$(cat /usr/bin/lawtool)" = mine ]',
  },
  {
    name: 'alternatives: the last one goes, with all links',
    setup: followed,
    tasks: () => [
      alternatives({ name: 'lawtool', path: '/opt/law/a', state: 'absent' }),
      alternatives({ name: 'lawtool', path: '/opt/law/b', state: 'absent' }),
      file({ path: '/usr/share/lawtool.1', state: 'absent' }),
      file({ path: '/etc/alternatives/lawtool', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'ok', 'ok'],
    afterwards: '[ ! -L /usr/bin/lawtool ]',
  },
  // mv(1) of busybox will not rename such links.
  {
    name: 'a link that leads through itself, by force',
    setup: 'mkdir d; touch d/f; ln -s d l',
    tasks: (dir) => [file({ path: `${dir}/l`, state: 'link', src: 'l/f', force: true })],
    expect: ['changed'],
  },
  {
    name: 'links that lead round in a circle, or ever farther',
    setup: 'ln -s m m; ln -s l/x l',
    tasks: (dir) => [
      file({ path: `${dir}/l`, state: 'link', src: 'there', force: true }),
      file({ path: `${dir}/m`, mode: '0600' }),
    ],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /is not there/,
  },
  {
    name: 'acl: an entry, a default one, for all below',
    setup: 'mkdir d; touch d/a "d/b\nc"; mkdir d/sub',
    tasks: (dir) => [
      acl({ path: `${dir}/d`, etype: 'user', entity: 'daemon', permissions: 'rX', recursive: true }),
      acl({ path: `${dir}/d`, etype: 'group', entity: 'adm', permissions: 'rwx', default: true }),
      acl({ path: `${dir}/d/a`, entry: 'user:games:r' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    // What setfacl --recursive makes of modes, by masks, is not worked out.
    open: 2,
    afterwards:
      'getfacl -p d/sub 2>/dev/null | grep -qx user:daemon:r-x; getfacl -p d/a 2>/dev/null | grep -qx user:daemon:r--; getfacl -p d 2>/dev/null | grep -qx default:group:adm:rwx',
  },
  {
    name: 'acl: beside a mode, which stays as it was asked for',
    tasks: (dir) => [
      copy({ dest: `${dir}/f`, content: 'x\n', mode: '0600' }),
      acl({ path: `${dir}/f`, etype: 'user', entity: 'daemon', permissions: 'r' }),
      file({ path: `${dir}/f`, mode: '0600' }),
    ],
    expect: ['changed', 'changed', 'ok'],
    afterwards: '[ "$(getfacl -cp f | tr "\n" " ")" = "user::rw- user:daemon:r-- group::--- mask::r-- other::---  " ]',
  },
  {
    name: 'acl: a mode changed behind it, by name, by number and with a mask',
    setup: 'touch f g h; setfacl -m u:daemon:rw,u:games:rw f g; chmod 0666 f',
    tasks: (dir) => [
      file({ path: `${dir}/f`, mode: '0640' }),
      acl({ path: `${dir}/f`, etype: 'user', entity: '1', permissions: 'rw' }),
      acl({ path: `${dir}/g`, etype: 'user', entity: 'daemon', permissions: 'rw' }),
      acl({ path: `${dir}/g`, etype: 'mask', permissions: 'r' }),
      file({ path: `${dir}/g`, mode: 'g-w,o=' }),
      acl({ path: `${dir}/h`, etype: 'group', entity: 'adm', permissions: '6' }),
      file({ path: `${dir}/h`, mode: '0664' }),
    ],
    expect: ['changed', 'changed', 'ok', 'changed', 'changed', 'changed', 'ok'],
    again: ['ok', 'ok', 'changed', 'changed', 'ok', 'ok', 'ok'],
  },
  {
    name: 'acl: default entries of a directory, and what is made there',
    setup: 'mkdir d; setfacl -m d:u:daemon:rwx d',
    tasks: (dir) => [
      copy({ dest: `${dir}/d/a`, content: 'x', mode: '0600' }),
      copy({ dest: `${dir}/d/b`, content: 'x' }),
      file({ path: `${dir}/d/b`, mode: '0644' }),
      file({ path: `${dir}/d/c`, state: 'touch', mode: '0644', accessTime: 'preserve', modificationTime: 'preserve' }),
      acl({ path: `${dir}/d/b`, etype: 'user', entity: 'games', permissions: 'r' }),
      acl({ path: `${dir}/d`, etype: 'user', entity: 'games', permissions: 'rX', default: true }),
      acl({ path: `${dir}/d/a`, etype: 'user', entity: 'games', permissions: 'r', default: true }),
    ],
    expect: ['changed', 'changed', 'ok', 'changed', 'changed', 'changed', 'failed'],
    again: ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'failed'],
    says: /not a directory/,
    afterwards:
      'set -e; [ "$(stat -c %a d/a d/c | tr "\n" " ")" = "600 644 " ]; getfacl -cp d/b | grep -q user:daemon:rwx',
  },
  {
    name: 'who rewrites a file keeps its list and attributes, and drops the capabilities of the old program',
    setup:
      'apt-get install -qy attr >/dev/null 2>&1; for f in a b c d; do printf old >$f; setfacl -m u:daemon:r $f; setfattr -n user.note -v "a b" $f; setcap cap_net_raw+ep $f; done; chown daemon b; chmod 4750 b',
    tasks: (dir) => [
      copy({ dest: `${dir}/a`, content: 'new' }),
      lineinfile({ path: `${dir}/b`, line: 'new' }),
      copy({ dest: `${dir}/c`, content: 'new', mode: '0600', owner: 'games', backup: true }),
      capabilities({ path: `${dir}/d`, capability: 'cap_net_raw+ep' }),
      copy({ dest: `${dir}/d`, content: '' }),
    ],
    expect: ['changed', 'changed', 'changed', 'ok', 'changed'],
    again: ['ok', 'ok', 'ok', 'changed', 'ok'],
    afterwards:
      'set -e; for f in a b c d c.*~; do getfacl -cp "$f" | grep -q user:daemon:r || exit 1; [ "$(getfattr --only-values -n user.note "$f")" = "a b" ] || exit 2; done; [ -z "$(getcap a b c d)" ]; [ "$(stat -c "%a %U" b)" = "4750 daemon" ]; [ "$(stat -c "%a %U" c)" = "600 games" ]; [ "$(cat c.*~)" = old ]',
  },
  {
    name: 'acl: beside a mode in a directory with default entries',
    setup: 'mkdir d; setfacl -m d:u:daemon:rwx d',
    tasks: (dir) => [
      copy({ dest: `${dir}/d/a`, content: 'x', mode: '0600' }),
      acl({ path: `${dir}/d/a`, etype: 'user', entity: 'games', permissions: 'r' }),
    ],
    expect: ['changed', 'changed'],
  },
  {
    name: 'acl: links below a directory are not followed, the path itself is',
    setup: 'mkdir -p out d/sub; ln -s ../out d/l; ln -s d dl',
    tasks: (dir) => [acl({ path: `${dir}/dl`, etype: 'user', entity: 'daemon', permissions: 'rwx', recursive: true })],
    expect: ['changed'],
    afterwards: 'getfacl -p d/sub 2>/dev/null | grep -qx user:daemon:rwx; ! getfacl -p out 2>/dev/null | grep daemon',
  },
  {
    name: 'acl: default entries, and a tree with modes of its own',
    setup: 'mkdir d; chmod 0555 d; setfacl -d -m g::rX d',
    tasks: (dir) => [sync({ dest: `${dir}/d`, generated: { 'f': 'x', 's/g': 'y' } })],
    expect: ['changed'],
    afterwards: '[ "$(stat -c %a d/f d/s/g | sort -u)" = 644 ]',
  },
  {
    name: 'alternatives: a program behind a link that leads nowhere',
    setup: 'ln -s none p',
    tasks: (dir) => [alternatives({ name: 'lawlost', path: `${dir}/p`, link: '/usr/bin/lawlost' })],
    expect: ['failed'],
    again: ['failed'],
    says: /is not there/,
  },
  {
    name: 'acl: gone, and what was never there',
    setup: 'touch f; setfacl -m u:daemon:r f',
    tasks: (dir) => [
      acl({ path: `${dir}/f`, etype: 'user', entity: 'daemon', state: 'absent' }),
      acl({ path: `${dir}/f`, etype: 'group', entity: 'adm', state: 'absent' }),
      acl({ path: `${dir}/none`, etype: 'user', entity: 'daemon', state: 'absent' }),
    ],
    expect: ['changed', 'ok', 'ok'],
    afterwards: '! getfacl -p f 2>/dev/null | grep daemon',
  },
  {
    name: 'acl: on a directory made by the play, for nobody',
    tasks: (dir) => [
      file({ path: `${dir}/d`, state: 'directory' }),
      acl({ path: `${dir}/d`, etype: 'user', entity: 'daemon', permissions: 'rwx' }),
      acl({ path: `${dir}/d`, etype: 'user', entity: 'nobody-here', permissions: 'rwx' }),
    ],
    expect: ['changed', 'changed', 'failed'],
    again: ['ok', 'ok', 'failed'],
    says: /there is no user nobody-here/,
    open: 0,
  },
];
