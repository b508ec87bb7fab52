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
  case ",$options," in *,ro,*) awk -v m="$mount" '$2==m && (","$4",") ~ /,ro,/ {found=1} END{exit !found}' /etc/fstab 2>/dev/null || say readonly "$mount" "$type";; esac
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
