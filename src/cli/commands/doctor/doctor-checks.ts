/** One thing looked at, and what to do where it is not as it should be. */
export interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'bad';
  readonly what: string;
  readonly fix?: string;
}

/**
 * What `play doctor` asks of a host, as the account it may become: read-only. Lines of `KEY<tab>VALUE...`, so that
 * whatever is missing on a host is one line less. $1 is who logs in: the login shell looked at is that account's, not
 * root's.
 */
export const doctorScript = `say() { printf '%s\\t' "$@"; echo; }
has() { command -v "$1" >/dev/null 2>&1; }
slow() { if has timeout; then timeout "$@"; else shift; "$@"; fi; }
say time "$(date +%s)"
say uid "$(id -u)"
for tool in dd mktemp stat readlink head tail cut tr awk sed sort xargs sha256sum timeout setsid; do has "$tool" || say missing "$tool"; done
say shell "$( { getent passwd "$1" || grep "^$1:" /etc/passwd; } 2>/dev/null | tail -n 1 | cut -d: -f7)"
for folder in / /var /var/lib /tmp /run /boot /home; do
  [ -d "$folder" ] || continue
  slow 5 df -Pk "$folder" 2>/dev/null | tail -n 1 | { read -r device size used free percent mount; say space "$mount" "$size" "$free"; }
  slow 5 df -Pi "$folder" 2>/dev/null | tail -n 1 | { read -r device size used free percent mount; say inodes "$mount" "$size" "$free"; }
done
# What fstab has read-only is meant to be, and so is what containers and images bring along elsewhere.
while read -r device mount type options rest; do
  case $mount in /|/etc|/var|/var/*|/home|/srv|/tmp|/boot) ;; *) continue;; esac
  case ",$options," in *,ro,*) m=$mount awk '$2==ENVIRON["m"] && (","$4",") ~ /,ro,/ {found=1} END{exit !found}' /etc/fstab 2>/dev/null || say readonly "$mount" "$type";; esac
done </proc/mounts
awk '/^MemAvailable:/{a=$2} /^MemTotal:/{t=$2} END{printf "memory\\t%d\\t%d\\n", t, a}' /proc/meminfo 2>/dev/null
if has apt-get; then
  name=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^[^#]*https\\{0,1\\}:\\/\\/\\([^/ :]*\\).*/\\1/p' | head -n 1)
  proxy=$(apt-config dump 2>/dev/null | sed -n 's/^Acquire::https\\{0,1\\}::Proxy "\\(..*\\)";/\\1/p' | head -n 1)
fi
if [ -n "\${proxy:-}" ]; then say proxy "$proxy"
elif [ -n "\${name:-}" ] && has getent; then if slow 10 getent hosts "$name" >/dev/null 2>&1; then say dns "$name" yes; else say dns "$name" no; fi
fi
if has dpkg; then
  broken=$(slow 20 dpkg --audit 2>/dev/null | sed -n 's/^ \\([^ ]*\\) .*/\\1/p' | sort -u | head -n 10 | tr '\\n' ' ')
  [ -z "$broken" ] || say broken "$broken"
  for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock; do
    inode=$(stat -c %i "$file" 2>/dev/null) || continue
    while read -r n kind mode access pid where rest; do
      case $where in *:"$inode") say aptlock "$file" "$pid" "$(cat "/proc/$pid/comm" 2>/dev/null)";; esac
    done </proc/locks
  done
fi
[ ! -e /var/run/reboot-required ] || say reboot "$(cat /var/run/reboot-required.pkgs 2>/dev/null | sort -u | head -n 5 | tr '\\n' ' ')"
if [ -d /run/systemd/system ]; then
  say systemd "$(slow 10 systemctl is-system-running 2>/dev/null)"
  slow 10 systemctl --failed --no-legend --plain 2>/dev/null | while read -r unit rest; do say failed "$unit"; done
fi
if [ "$(id -u)" = 0 ] && has sshd; then sshd -T 2>/dev/null | sed -n 's/^\\(maxsessions\\|maxstartups\\|usedns\\) /sshd\\t\\1\\t/p'; fi
# What play itself needs on the host.
for folder in /run /dev/shm /tmp; do if [ -d "$folder" ]; then if [ -w "$folder" ]; then say room "$folder" yes; else say room "$folder" no; fi; fi; done
exit 0
`;

/** What the host told: lines of words. */
export type Told = readonly (readonly string[])[];

export function parseTold(text: string): Told {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [line.replace(/\t$/, '').split('\t')]));
}

/**
 * What the host's answers mean. Pure.
 *
 * @param asked seconds since the epoch by our clock, when the host was asked and when it had answered
 */
export function judgeHost(told: Told, asked: { readonly from: number; readonly to: number }): Finding[] {
  const all = (key: string): readonly (readonly string[])[] =>
    told.filter(([first]) => first === key).map(([, ...rest]) => rest);
  const one = (key: string): readonly string[] => all(key)[0] ?? [];
  return [
    judgeShell(one('shell')[0] ?? ''),
    judgeTools(all('missing').map(([tool = '']) => tool)),
    judgeRoom(all('room')),
    ...judgeSpace(all('space'), all('inodes')),
    ...all('readonly').map(([mount = '', type = '']): Finding => ({
      check: 'mounts',
      verdict: 'bad',
      what: `${mount} (${type}) is mounted read-only`,
      fix: `dmesg shows whether the disk failed; then: mount -o remount,rw ${mount}`,
    })),
    judgeMemory(one('memory')),
    judgeClock(Number(one('time')[0]), asked),
    ...judgeNames(one('dns'), one('proxy')),
    ...judgePackages(all('aptlock'), one('broken')[0]),
    ...judgeSystemd(
      one('systemd')[0],
      all('failed').map(([unit = '']) => unit),
    ),
    ...judgeSshd(all('sshd')),
    ...all('reboot').map(([packages = '']): Finding => ({
      check: 'reboot',
      verdict: 'warning',
      what: `a reboot is due${packages === '' ? '' : ` for ${packages.trim()}`}`,
      fix: 'Reboot when it suits.',
    })),
  ];
}

function judgeShell(shell: string): Finding {
  if (/\/(?:nologin|false)$/.test(shell))
    return {
      check: 'login shell',
      verdict: 'bad',
      what: `${shell} does not let anybody work`,
      fix: 'usermod -s /bin/sh USER',
    };
  return { check: 'login shell', verdict: 'ok', what: shell === '' ? '/bin/sh (none is set)' : shell };
}

function judgeTools(missing: readonly string[]): Finding {
  if (missing.length === 0) return { check: 'tools', verdict: 'ok', what: 'all tools that play uses are there' };
  const spared = missing.every((tool) => tool === 'setsid' || tool === 'timeout');
  return {
    check: 'tools',
    verdict: spared ? 'warning' : 'bad',
    what: `missing: ${missing.join(', ')}`,
    fix: 'Install coreutils, mawk, sed, findutils and util-linux, or a busybox with these applets.',
  };
}

function judgeRoom(rooms: readonly (readonly string[])[]): Finding {
  const writable = rooms.filter(([, is]) => is === 'yes').map(([folder]) => folder);
  if (writable.length > 0) return { check: 'room to work', verdict: 'ok', what: writable.join(', ') };
  return {
    check: 'room to work',
    verdict: 'bad',
    what: 'none of /run, /dev/shm and /tmp can be written',
    fix: 'mount -t tmpfs tmpfs /tmp, or chmod 1777 /tmp',
  };
}

/** Below these a package upgrade or a log soon fails. */
const leastPercent = 5;
const leastKib = 200 * 1024;

function judgeSpace(space: readonly (readonly string[])[], inodes: readonly (readonly string[])[]): Finding[] {
  const mounts = [...new Set(space.map(([mount = '']) => mount))];
  const findings = mounts.flatMap((mount): Finding[] => {
    const [, size = 0, free = 0] = (space.find(([name]) => name === mount) ?? []).map(Number);
    const [, nodes = 0, freeNodes = 0] = (inodes.find(([name]) => name === mount) ?? []).map(Number);
    const what = `${mount}: ${sizeText(free)} of ${sizeText(size)} free`;
    const fix = `du -xh ${mount} | sort -h | tail; journalctl --vacuum-size=200M and apt-get clean free some at once`;
    if (size > 0 && free === 0) return [{ check: 'disk', verdict: 'bad', what: `${mount}: full`, fix }];
    if (size > 0 && ((free / size) * 100 < leastPercent || (free < leastKib && size > 10 * leastKib)))
      return [{ check: 'disk', verdict: 'warning', what, fix }];
    // Some file systems (btrfs) count no inodes.
    if (nodes > 0 && (freeNodes / nodes) * 100 < leastPercent)
      return [
        {
          check: 'disk',
          verdict: freeNodes === 0 ? 'bad' : 'warning',
          what: `${mount}: ${freeNodes} of ${nodes} inodes free`,
          fix: `for d in ${mount === '/' ? '' : mount}/*; do find "$d" -xdev | wc -l; done finds the folder with the many small files`,
        },
      ];
    return [];
  });
  if (findings.length > 0 || mounts.length === 0) return findings;
  const root = space.find(([mount]) => mount === '/') ?? space[0] ?? [];
  return [
    {
      check: 'disk',
      verdict: 'ok',
      what: `${root[0]}: ${sizeText(Number(root[2]))} of ${sizeText(Number(root[1]))} free${mounts.length > 1 ? `; so have ${mounts.length - 1} more` : ''}`,
    },
  ];
}

function sizeText(kib: number): string {
  return kib >= 1024 * 1024 ? `${(kib / 1024 / 1024).toFixed(1)} GiB` : `${Math.round(kib / 1024)} MiB`;
}

function judgeMemory([total = '0', available = '0']: readonly string[]): Finding {
  const [all, free] = [Number(total), Number(available)];
  const what = `${sizeText(free)} of ${sizeText(all)} available`;
  if (all > 0 && free / all < 0.03)
    return { check: 'memory', verdict: 'warning', what, fix: 'ps aux --sort=-rss | head shows who has it.' };
  return { check: 'memory', verdict: 'ok', what };
}

/** Beyond this certificates, Kerberos and one-time passwords begin to fail. */
const mostSeconds = 5;

function judgeClock(theirs: number, { from, to }: { readonly from: number; readonly to: number }): Finding {
  if (!Number.isFinite(theirs))
    return {
      check: 'clock',
      verdict: 'warning',
      what: 'the host does not report its time',
      fix: 'Run date on the host.',
    };
  // It tells whole seconds, some time between our asking and its answer.
  const off = theirs + 1 < from ? theirs + 1 - from : theirs > to ? theirs - to : 0;
  if (Math.abs(off) < mostSeconds)
    return { check: 'clock', verdict: 'ok', what: off === 0 ? 'as ours' : `${Math.abs(off).toFixed(1)} s off` };
  const what = `${Math.abs(off) < 600 ? `${Math.round(Math.abs(off))} s` : `${Math.round(Math.abs(off) / 60)} min`} ${off < 0 ? 'behind' : 'ahead of'} ours`;
  return {
    check: 'clock',
    verdict: Math.abs(off) > 60 ? 'bad' : 'warning',
    what,
    fix: 'timedatectl shows whether a time service runs there: systemd-timesyncd or chrony. Or is it our clock?',
  };
}

function judgeNames([name, works]: readonly string[], [proxy]: readonly string[]): Finding[] {
  if (proxy !== undefined) return [{ check: 'names', verdict: 'ok', what: `apt goes through the proxy ${proxy}` }];
  if (name === undefined) return [];
  if (works === 'yes') return [{ check: 'names', verdict: 'ok', what: `${name} is found` }];
  return [
    {
      check: 'names',
      verdict: 'bad',
      what: `${name} of its package sources is not found`,
      fix: 'Look at /etc/resolv.conf and at whether its name servers answer: getent hosts NAME',
    },
  ];
}

function judgePackages(locks: readonly (readonly string[])[], broken: string | undefined): Finding[] {
  const findings: Finding[] = [];
  const holders = new Map(locks.map(([, pid = '', name = '']) => [pid, name]));
  for (const [pid, name] of holders)
    findings.push({
      check: 'packages',
      verdict: 'warning',
      what: `${name || 'a process'} (pid ${pid}) holds the lock of dpkg or apt`,
      fix: `Wait for it; ps -o pid,etime,args -p ${pid} shows since when. Stopping it halfway leaves packages broken.`,
    });
  if (broken !== undefined)
    findings.push({
      check: 'packages',
      verdict: 'bad',
      what: `half installed: ${broken.trim()}`,
      fix: 'dpkg --configure -a; apt-get -f install',
    });
  return findings.length > 0 || locks.length > 0
    ? findings
    : [{ check: 'packages', verdict: 'ok', what: 'no lock is held, nothing is half installed' }];
}

function judgeSystemd(state: string | undefined, failed: readonly string[]): Finding[] {
  if (state === undefined) return [];
  if (failed.length > 0)
    return [
      {
        check: 'systemd',
        verdict: 'warning',
        what: `failed: ${failed.join(', ')}`,
        fix: `systemctl status ${failed[0]}; journalctl -u ${failed[0]} -n 50`,
      },
    ];
  const isFine = state === 'running' || state === 'degraded';
  return [
    {
      check: 'systemd',
      verdict: isFine ? 'ok' : 'warning',
      what: state || 'does not answer',
      ...(isFine ? {} : { fix: 'systemctl list-jobs shows what it waits for.' }),
    },
  ];
}

/** The login lane, root's, another account's, and one for live output. */
const leastSessions = 4;

function judgeSshd(settings: readonly (readonly string[])[]): Finding[] {
  const sessions = Number(settings.find(([name]) => name === 'maxsessions')?.[1]);
  if (!Number.isFinite(sessions)) return [];
  if (sessions >= leastSessions) return [{ check: 'sshd', verdict: 'ok', what: `${sessions} sessions a connection` }];
  return [
    {
      check: 'sshd',
      verdict: 'warning',
      what: `only ${sessions} ${sessions === 1 ? 'session' : 'sessions'} a connection: a run needs one an account, and one for live output`,
      fix: 'MaxSessions 10 in /etc/ssh/sshd_config, then reload ssh.',
    },
  ];
}
