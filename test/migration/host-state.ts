/**
 * What a host is, as lines that can be compared: files with kinds, modes, owners and contents, packages, units,
 * accounts, settings of the kernel.
 */
import { expectNamed } from './known-differences.ts';

/** Roots of what is compared; below them nothing is left out but `passedOver`. */
const script = String.raw`set -eu
cd /
find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /var/cache -o -path /var/log/journal \
  -o -path /var/lib/apt/lists -o -path /var/lib/systemd -o -path /var/lib/dpkg -o -name __pycache__ -o -path /root/.ansible -o -path /home/admin/.ansible -o -path /var/lib/play \) -prune -o \
  -type l -printf 'file %p %y %U:%G -> %l\n' -o -type f -printf 'file %p %y %m %U:%G %n\n' -o -printf 'file %p %y %m %U:%G\n'
find /etc /opt /srv /usr/local /home /root /var/lib /var/spool /var/www /var/log -xdev -type f ! -path '/var/lib/apt/lists/*' ! -path '/var/lib/systemd/*' ! -path '/var/lib/dpkg/info/*' ! -path '*/.ansible/*' \
  ! -path '*/__pycache__/*' ! -path '/var/log/journal/*' ! -path '/var/lib/play/*' -exec sha256sum {} + 2>/dev/null | sed 's/^\([0-9a-f]*\)  \(.*\)/content \2 \1/'
# Of these only a part may differ: the rest is compared by itself.
for file in /var/spool/cron/crontabs/*; do [ ! -f "$file" ] || printf 'crontab %s %s\n' "$file" "$(sed '/ installed on /d' "$file" | sha256sum)"; done
for file in /etc/sysctl.d/*; do [ ! -f "$file" ] || printf 'settings %s %s\n' "$file" "$(tr -d ' ' <"$file" | sha256sum)"; done
printf 'hosts %s\n' "$(sort /etc/hosts | sha256sum)"
[ ! -d /opt/lumen/tools ] || printf 'commit %s\n' "$(git -C /opt/lumen/tools rev-parse HEAD)"
[ ! -S /run/postgresql/.s.PGSQL.5433 ] || su postgres -c "psql -p 5433 -XAtF ' ' -c 'select datname, pg_get_userbyid(datdba), encoding from pg_database' -c 'select rolname, rolsuper, rolcreatedb, rolcanlogin from pg_roles'
psql -p 5433 -XAtF ' ' -d ledger -c 'select extname from pg_extension' -c 'select nspname, nspacl from pg_namespace'" | sed 's/^/database /'
dpkg-query -W -f='package ${'$'}{Package} ${'$'}{Version} ${'$'}{Status}\n'
apt-mark showmanual | sed 's/^/manual /'
debconf-show --listowners | sed 's/^/debconf owner /'
systemctl list-unit-files --no-legend --no-pager --full | awk '{ print "unit-file", $1, $2 }'
systemctl list-units --all --no-legend --no-pager --plain --full --type=service,socket,timer,path,mount | awk '{ print "unit", $1, $3, $4 }'
for table in passwd group shadow gshadow; do getent "$table" | sed "s/^/$table /"; done
sysctl -a 2>/dev/null | grep -E '^(net\.(ipv4|ipv6|core)|kernel|vm|fs)\.' | sed 's/^/sysctl /'
getfacl -Rsp /srv /opt /etc 2>/dev/null | sed 's/^/acl /' || true
`;

export const stateScript = script;

/** What came to a fresh host, and what went, a line each. */
export function changesOf(fresh: string, now: string): ReadonlySet<string> {
  const before = new Set(fresh.split('\n'));
  const after = new Set(now.split('\n'));
  return new Set([
    ...[...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`),
    ...[...before].filter((line) => !after.has(line)).map((line) => `- ${line}`),
  ]);
}

/** What only one of them has, without differences that are named. */
export function differences(ansible: ReadonlySet<string>, play: ReadonlySet<string>): readonly string[] {
  const only = (own: ReadonlySet<string>, other: ReadonlySet<string>, who: string): string[] =>
    [...own].filter((line) => !other.has(line)).map((line) => `${who}: ${line}`);
  return expectNamed([...only(ansible, play, 'ansible'), ...only(play, ansible, 'play')]);
}
