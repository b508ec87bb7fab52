import { keepSh } from './apt-keep.probe.ts';

/**
 * The sh that asks apt what it would do, without a trace on the host: cache, lists, packages and the state of dpkg as
 * it will be are in private folders. apt's configuration is taken over but for its hooks, which do write (apt.conf(5)),
 * the planner's log, which apt writes under `-s` too, and the marks of what was installed for others only, which it
 * writes under `--print-uris`.
 */

const folderSh = String.raw`
set -f
s=$(mktemp -d /tmp/play.$PPID.apt.XXXXXX) || exit 1
trap 'rm -rf -- "$s"' EXIT; trap 'exit 143' HUP INT TERM
apt-config dump | grep -vE '^(APT::Update::P|DPkg::P(re|ost)-|DPkg::Tools|AptCli::Hooks|Dir::Etc::(main|parts) )' >"$s/apt.conf"
printf '%s;\n' 'Dir::Etc::main "/dev/null"' 'Dir::Etc::parts "/dev/null"' 'Dir::Log::Planner "/dev/null"' 'Debug::NoLocking "1"' 'APT::Sandbox::User "root"' "Dir::State::extended_states \"$s/extended_states\"" >>"$s/apt.conf"
export APT_CONFIG="$s/apt.conf" DEBIAN_FRONTEND=noninteractive
soh=$(printf '\001')
# The marks as the host has them, for each question anew.
marks() { cp /var/lib/apt/extended_states "$s/" 2>/dev/null || rm -f "$s/extended_states"; }
`;

// What apt makes of the lists is seconds of work: the lane's own folder keeps it for the questions that follow, if
// there is room. That is private, mostly on tmpfs, and goes with the lane or is swept by the next one.
const cacheSh = String.raw`
cache() {
  a=${'$'}{0%/*}/apt
  case $a in */play.[0-9]*/apt) ;; *) a=$s;; esac
  if [ ! -d "$a" ]; then
    # Memory is not ours to fill: apt's two caches are about as large again as the lists.
    need=$(( $(du -sk /var/lib/apt/lists | cut -f1) * 3 ))
    if [ $((need * 2)) -le "$(df -Pk "${'$'}{0%/*}" | awk 'NR == 2 { print $4 + 0 }')" ]; then mkdir "$a"; else a=$s; fi
  fi
  [ ! -d "$a/cache" ] || return
  mkdir -p "$a/cache/archives/partial"
  for f in pkgcache srcpkgcache; do cp -p "/var/cache/apt/$f.bin" "$a/cache/" 2>/dev/null; done
}

# Lists fetched anew, once for all questions, as long as the sources are the same: what did not change is not fetched again.
refresh() {
  [ ! -e "$a/refreshed" ] || [ -n "$(find /etc/apt -newer "$a/refreshed" 2>/dev/null | head -n 1)" ] || return 0
  rm -rf "$a/lists" "$a/update.failed"; mkdir "$a/lists"
  cp -a /var/lib/apt/lists/. "$a/lists" 2>/dev/null
  : >"$a/begun"
  apt-get update -q -o Dir::Cache="$a/cache" -o Dir::State::lists="$a/lists" >"$a/update" 2>&1 </dev/null || grep '^E:' "$a/update" >"$a/update.failed"
  mv "$a/begun" "$a/refreshed"
}
`;

/**
 * Makes the private folder `$s`, in which apt can be asked. `cache` then sets `$a`, where `$a/cache` is for apt to
 * write, and `refresh` fetches the lists anew to `$a/lists`.
 */
export const aptScratchSh = folderSh + cacheSh;

const questions = String.raw`
# dpkg's status as it will be. $1: name=version of what will be installed, -name of what will be gone,
# ~name of what leaves its configuration, !name=hold of what it is told, @name=auto of what comes for others only; then options.
status() {
  printf '%s\n' "$1" | tr '\001' '\n' >"$s/planned"; shift
  sed -n 's/^@//p' "$s/planned" >"$s/marked"; [ ! -s "$s/marked" ] || remark
  sed -n 's/^!//p; s/^~\(.*\)/\1=~/p' "$s/planned" >"$s/told"; sed -i '/^[@!~]/d' "$s/planned"
  gone=$(sed 's/^-//; s/[=:].*//' "$s/planned" | tr '\n' ' ')
  awk -v RS= -v ORS='\n\n' -v list="$gone" 'BEGIN { n = split(list, a, " "); for (i = 1; i <= n; i++) gone[a[i]] }
    { p = $0; sub(/^(.*\n)?Package: /, "", p); sub(/\n.*/, "", p); if (!(p in gone)) print }' /var/lib/dpkg/status >"$s/status"
  # What only earlier tasks install and remove again is known to dpkg by its configuration all the same.
  sed -n 's/=~$//p' "$s/told" | while read -r name; do grep -qxF "Package: ${'$'}{name%%:*}" "$s/status" || echo "$name"; done >>"$s/planned"
  sed '/^-/d' "$s/planned" | xargs -r apt-cache "$@" show 2>/dev/null | awk -v RS= -v ORS='\n\n' '
    { p = $0; sub(/^(.*\n)?Package: /, "", p); sub(/\n.*/, "", p); if (p in seen) next; seen[p]
      sub(/Package: [^\n]*/, "&\nStatus: install ok installed"); print }' >>"$s/status"
  [ -s "$s/told" ] || return 0
  awk -v RS= -v ORS='\n\n' -v list="$(tr '\n' ' ' <"$s/told")" 'BEGIN { n = split(list, a, " "); for (i = 1; i <= n; i++) { split(a[i], b, "="); sub(/:.*/, "", b[1]); if (b[2] == "~") left[b[1]]; else told[b[1]] = b[2] } }
    { p = $0; sub(/^(.*\n)?Package: /, "", p); sub(/\n.*/, "", p); if (p in left) sub(/\nStatus: [^\n]*/, "\nStatus: deinstall ok config-files"); if (p in told) sub(/\nStatus: [a-z]+ /, "\nStatus: " told[p] " "); print }' "$s/status" >"$s/status.told"
  mv "$s/status.told" "$s/status"
}
# The marks as they will be: of $s/marked.
remark() {
  touch "$s/extended_states"
  awk -v RS= -v ORS='\n\n' -v native="$(dpkg --print-architecture)" -v list="$(tr '\n' ' ' <"$s/marked")" '
    function field(name) { f = "\n" $0; if (!sub(".*\n" name ": *", "", f)) return ""; sub(/\n.*/, "", f); return f }
    BEGIN { n = split(list, a, " "); for (i = 1; i <= n; i++) { split(a[i], b, "="); split(b[1], c, ":"); mark[c[1] " " (c[2] == "" ? native : c[2])] = b[2] } }
    !((field("Package") " " field("Architecture")) in mark)
    END { for (k in mark) if (mark[k] == "auto") { split(k, c, " "); print "Package: " c[1] "\nArchitecture: " c[2] "\nAuto-Installed: 1" } }' "$s/extended_states" >"$s/marks.new"
  mv "$s/marks.new" "$s/extended_states"
}

# Preferences as they will be. $1: path and content in base64 of each file, or - where it will be gone.
preferences() {
  rm -rf "$s/preferences"; mkdir -p "$s/preferences/preferences.d"
  cp -p /etc/apt/preferences "$s/preferences/" 2>/dev/null
  cp -p /etc/apt/preferences.d/. "$s/preferences/preferences.d/" -r 2>/dev/null
  printf '%s\n' "$1" | tr '\001' '\n' | while read -r path text; do
    if [ "$text" = - ]; then rm -f "$s/preferences${'$'}{path#/etc/apt}"; else printf %s "$text" | base64 -d >"$s/preferences${'$'}{path#/etc/apt}"; fi
  done
}
# Sources as they will be, and their lists, which are fetched to $a/lists. $1: path and content in base64 of each file of
# sources and of each key that one of them names, or - where it will be gone. What cannot be fetched is in $s/unfetched.
sources() {
  rm -rf "$s/etc"; mkdir -p "$s/etc/sources.list.d" "$s/etc/new" "$s/etc/keys"
  cp -p /etc/apt/sources.list "$s/etc/" 2>/dev/null
  cp -pR /etc/apt/sources.list.d/. "$s/etc/sources.list.d" 2>/dev/null
  printf '%s\n' "$1" | tr '\001' '\n' >"$s/etc/planned"
  : >"$s/unfetched"
  while read -r path text; do case $path in /etc/apt/sources.list*) ;; *) key=$s/etc/keys/$(printf %s "$path" | md5sum | cut -c1-8).${'$'}{path##*.}; printf %s "$text" | base64 -d >"$key"; printf '%s\n' "$path" "$key" >>"$s/etc/key.names";; esac; done <"$s/etc/planned"
  while read -r path text; do
    case $path in /etc/apt/sources.list*) ;; *) continue;; esac
    f=$s/etc/${'$'}{path#/etc/apt/}
    rm -f "$f"
    [ "$text" != - ] || continue
    printf %s "$text" | base64 -d | awk -v names="$s/etc/key.names" 'BEGIN { while ((getline from <names) > 0 && (getline to <names) > 0) key[from] = to }
      { for (from in key) if (i = index($0, from)) $0 = substr($0, 1, i - 1) key[from] substr($0, i + length(from)); print }' >"$f"
    cp "$f" "$s/etc/new/"
  done <"$s/etc/planned"
  if [ ! -d "$a/lists" ]; then mkdir "$a/lists"; cp -a /var/lib/apt/lists/. "$a/lists" 2>/dev/null; fi
  fetched=$a/fetched-$(printf %s "$1" | md5sum | cut -c1-16)
  if [ ! -e "$fetched" ] || [ "$a/lists" -nt "$fetched" ]; then
    apt-get update -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$s/etc/new" -o Dir::Cache="$a/cache" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::State::lists="$a/lists" -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any >"$s/update" 2>&1 </dev/null || grep '^E:' "$s/update" >"$s/unfetched"
    cp "$s/unfetched" "$fetched"
  fi
  cat "$fetched" >"$s/unfetched"
}
# Versions that are pinned, and what sources offer of the packages that would come. $1: folder of preferences; then options.
pinned() {
  p=$1; shift
  grep -qsiE '^Pin: *version' "$p/preferences" -r "$p/preferences.d" || return 0
  echo '@@preferences'
  { find "$p/preferences" "$p/preferences.d" -type f 2>/dev/null | sort | while IFS= read -r f; do
    case ${'$'}{f##*/} in *.pref) ;; *.*) continue;; esac
    printf '#file /etc/apt%s\n' "${'$'}{f#"$p"}"; cat "$f"; printf '\n\n'
  done; } | base64 -w0; echo
  echo '@@offered'
  sed -n 's/^Inst \([^ ]*\) .*/\1/p' "$s/sim" | sort -u | xargs -r apt-cache "$@" madison 2>/dev/null
}

# What apt-get would install, without the order: -s works out all dependencies a second time, and takes twice as long.
# apt's own lists say it where packages only come or are upgraded, and they add up; all else, refusals too, is for -s.
# $words: what it is asked; then options.
summary() {
  [ -n "$brief" ] || return
  case $command in install*) ;; *) return 1;; esac
  apt-get -V --print-uris -y -q "$@" $words >"$s/summary" 2>&1 </dev/null || return
  awk '/^The following NEW packages will be installed:$/ { is = "new"; next }
    /^The following packages will be upgraded:$/ { is = "newer"; next }
    /^   / && is == "new" && NF == 2 { version = $2; gsub(/[()]/, "", version); print "Inst " $1 " (" version " [any])"; n++; next }
    /^   / && is == "newer" && NF == 4 && $3 == "=>" { from = $2; sub(/^\(/, "", from); to = $4; sub(/\)$/, "", to); print "Inst " $1 " [" from "] (" to " [any])"; n++; next }
    { is = "" }
    /^[0-9]+ upgraded, [0-9]+ newly installed, 0 to remove and [0-9]+ not upgraded\.$/ { all = $1 + $3; summed = 1 }
    /^The following held packages|^WARNING:| not fully installed or removed\.$/ { other = 1 }
    END { exit !summed || other || n + 0 != all }' "$s/summary" >"$s/sim" || return
  code=0
}

# Questions are five strings each, ended by NUL; newlines inside become \001, so that read takes them whole.
tr '\000\n' '\n\001' >"$s/questions"
while IFS= read -r command && IFS= read -r wants && IFS= read -r planned && IFS= read -r prefs && IFS= read -r srcs; do
  marks; set --
  if [ -z "$live" ] || [ -n "$wants$srcs" ]; then cache; set -- -o Dir::Cache="$a/cache"; fi
  if [ -n "$wants" ]; then refresh; set -- "$@" -o Dir::State::lists="$a/lists"; fi
  if [ -n "$srcs" ]; then sources "$srcs"; set -- "$@" -o Dir::State::lists="$a/lists" -o Dir::Etc::sourcelist="$s/etc/sources.list" -o Dir::Etc::sourceparts="$s/etc/sources.list.d"; fi
  if [ -n "$planned" ]; then status "$planned" "$@"; set -- "$@" -o Dir::State::status="$s/status"; fi
  etc=/etc/apt
  if [ -n "$prefs" ]; then preferences "$prefs"; etc=$s/preferences; set -- "$@" -o Dir::Etc::preferences="$etc/preferences" -o Dir::Etc::preferencesparts="$etc/preferences.d"; fi
  # What it would delete is the host's own; only said, under -s.
  case $command in autoclean*) set -- "$@" -o Dir::Cache::archives=/var/cache/apt/archives;; esac
  IFS=$soh; words=$command
  summary "$@" || { apt-get -s -y -q "$@" $words >"$s/sim" 2>&1 </dev/null; code=$?; }
  unset IFS
  echo "@@sim $code"
  cat "$s/sim"
  case $code:$command in
    0:*) pinned "$etc" "$@";;
    *:install*) echo '@@offered'; printf '%s\n' "$command" | tr '\001' '\n' | sed -n '2,$ {/^-/d; s/=.*//; p}' | xargs -r apt-cache "$@" madison 2>/dev/null;;
  esac
  if [ -n "$wants" ] && [ -s "$a/update.failed" ]; then echo '@@notupdated'; cat "$a/update.failed"; fi
  if [ -n "$srcs" ] && [ -s "$s/unfetched" ]; then echo '@@unfetched'; cat "$s/unfetched"; fi
`;

const done = String.raw`
  echo '@@end'
done <"$s/questions"
`;

const contents = String.raw`
  if [ "$code" = 0 ]; then
    rm -rf "$s/debs"; mkdir "$s/debs"; : >"$s/units"
    if grep -q '^Inst ' "$s/sim"; then
      sed -n 's/^Inst \([^ ]*\) \(\[[^]]*\] \)\{0,1\}(\([^ ]*\) .*/\1=\3/p' "$s/sim" >"$s/wanted"
      # A file that is asked for is at hand, and no source need have it.
      case $command in *.deb) printf '%s' "$command" | tr '\001' '\n' | sed -n '2,$ {/^\/.*\.deb$/p}' | own "$s/wanted";; esac
      if ! (cd "$s/debs" && xargs -r apt-get -q "$@" download <"$s/wanted") >"$s/fetch" 2>&1; then echo "@@nodebs"; grep '^E:' "$s/fetch" || tail -n 3 "$s/fetch"; fi
    fi
    tell
    sed -n 's/^\(Remv\|Purg\) \([^ ]*\).*/\2/p' "$s/sim" | sort -u | while IFS= read -r name; do gone "$name"; done
    if [ -s "$s/units" ]; then presets >"$s/presets"; sort -u "$s/units" | while IFS= read -r unit; do held "$unit"; done; fi
    [ -d /run/systemd/system ] || echo '@@nosystemd'
  fi
`;

const contentsFunctions = String.raw`
# Package files of the host among those that are looked into. $1: packages that would be fetched.
own() {
  n=0
  while IFS= read -r f || [ -n "$f" ]; do
    cp -- "$f" "$s/debs/own_$((n += 1)).deb"
    dpkg-deb -f "$f" Package Version | sed 's/^[^:]*: *//' | paste -sd= >"$s/own"
    grep -vxF -f "$s/own" "$1" >"$1.left"
    mv "$1.left" "$1"
  done
}
# What the packages in $s/debs hold. A host is asked for hundreds at once, and each fork counts: what can be is asked for all together.
tell() {
  rm -rf "$s/control" "$s/lists" "$s/files"; mkdir "$s/control" "$s/lists" "$s/files"
  set +f
  set -- "$s/debs"/*.deb
  if [ -f "$1" ]; then
    for deb; do dpkg-deb -e "$deb" "$s/control/${'$'}{deb##*/}"; done
    fields "$s/control"/*.deb/control >"$s/fields"
    keeps=; ! mayKeep "$@" || keeps=1
    for deb; do unpack "$deb"; done
    [ -z "$keeps" ] || settleKept
    set -- "$s/lists"/*.deb
    sed -nE 's,^.* \./(usr/)?lib/systemd/system/([^/ ]+\.(service|socket|target|path|timer|mount|automount|slice))( -> .*)?$,\2,p' "$@" >"$s/units"
    while read -r deb name version arch size; do tellOne; done <"$s/fields"
  fi
  set -f
}
# Takes a package apart, in one go: to decompress it is what takes long. A reader that ends early must not end the others.
unpack() {
  deb=${'$'}{1##*/}; mkdir "$s/files/$deb"
  [ -p "$s/listed" ] || mkfifo "$s/listed" "$s/configuration"
  tar -tvf "$s/listed" >"$s/lists/$deb" &
  tar -xf "$s/configuration" -C "$s/files/$deb" --no-same-owner --wildcards './etc/*' './lib/systemd/system/*' './usr/lib/systemd/system/*' './usr/lib/sysusers.d/*' './usr/lib/tmpfiles.d/*' './lib/sysusers.d/*' './lib/tmpfiles.d/*' 2>/dev/null &
  dpkg-deb --fsys-tarfile "$1" | (trap '' PIPE; exec tee "$s/listed" "$s/configuration") | if [ -n "$keeps" ]; then keep; else cat >/dev/null; fi
  wait
}
# FILE NAME VERSION ARCHITECTURE SIZE of each package, the size in KiB or 0. $@: their control files (deb-control(5): names of fields are of any case).
fields() {
  awk 'function out() { if (file != "") print file, field["package"], field["version"], field["architecture"], field["installed-size"] + 0 }
    FNR == 1 { out(); file = FILENAME; sub(/\/control$/, "", file); sub(/.*\//, "", file); split("", field) }
    /^[^ \t#:]+:/ { name = tolower($0); sub(/:.*/, "", name); value = $0; sub(/^[^:]*:[ \t]*/, "", value); sub(/[ \t\r]+$/, "", value); field[name] = value }
    END { out() }' "$@"
}
tellOne() {
  control=$s/control/$deb
  echo "@@pkg $name $version $arch"
  cat "$s/lists/$deb"
  for f in preinst postinst; do
    if [ -f "$control/$f" ]; then printf '@@%s ' "$f"; base64 -w0 "$control/$f"; echo; fi
  done
  if [ -f "$control/conffiles" ]; then
    while IFS= read -r p; do
      case $p in /*) conffile;; esac
    done <"$control/conffiles"
  fi
  (cd "$s/files/$deb" && find . -type f -size -256k) | while IFS= read -r f; do printf '@@file '; base64 -w0 "$s/files/$deb/$f"; printf ' %s\n' "${'$'}{f#.}"; done
}
# What dpkg would do with a conffile turns on what is on disk.
conffile() {
  sum=-
  if [ -f "$p" ]; then sum=$(md5sum <"$p"); fi
  echo "@@conf ${'$'}{sum%% *} $p"
}

# The host's presets, the first that matches a unit counts; a file hides those of its name in folders further on (systemd.preset(5)).
presets() {
  for d in /etc/systemd/system-preset /run/systemd/system-preset /usr/local/lib/systemd/system-preset /usr/lib/systemd/system-preset; do
    for f in $(ls "$d" 2>/dev/null | grep '\.preset$'); do echo "$f $d/$f"; done
  done | sort -s -u -k1,1 | while read -r _ f; do sed -nE 's/^[[:space:]]*(enable|disable|ignore)[[:space:]]+([^[:space:]]+).*/\1 \2/p' "$f"; done
}
# What deb-systemd-helper(1p) and deb-systemd-invoke(1p) would heed. policy-rc.d is there to be asked, and says 101 for no.
held() {
  while read -r verb pattern; do case $1 in $pattern) [ "$verb" = enable ] || echo "@@held preset $1"; break;; esac; done <"$s/presets"
  if [ -x /usr/sbin/policy-rc.d ]; then /usr/sbin/policy-rc.d "$1" start >/dev/null 2>&1 </dev/null; [ $? != 101 ] || echo "@@held policy $1"; fi
  for f in /etc/systemd/system/"$1" /run/systemd/system/"$1"; do
    if [ "$(readlink "$f")" = /dev/null ]; then echo "@@held mask $1"; elif [ -e "$f" ]; then echo "@@held doubt $1"; fi
  done
  for f in /etc/systemd/system/"$1".d /run/systemd/system/"$1".d /var/lib/systemd/deb-systemd-helper-enabled/"$1".dsh-also /var/lib/systemd/deb-systemd-helper-masked/"$1"; do
    [ ! -e "$f" ] || echo "@@held doubt $1"
  done
}
gone() {
  echo "@@gone $1"
  dpkg-query -L "$1" >"$s/brought" 2>/dev/null
  : >"$s/dirs"
  while IFS= read -r p; do
    if [ ! -d "$p" ] || [ -L "$p" ]; then echo "$p"; elif [ "$p" != /. ]; then echo "$p" >>"$s/dirs"; fi
  done <"$s/brought"
  dpkg-query -W -f '${'$'}{Conffiles}\n' "$1" 2>/dev/null | sed -n 's/^ \(\/[^ ]*\) .*/@@goneconf \1/p'
  n=${'$'}{1%%:*}
  for f in "/var/lib/dpkg/info/$n.postrm" "/var/lib/dpkg/info/$n:$(dpkg --print-architecture).postrm"; do [ ! -e "$f" ] || { echo '@@gonescript'; break; }; done
  # Folders of no other package go, too, unless something else lies in them.
  tr '\n' '\000' <"$s/dirs" | xargs -r -0 dpkg-query -S 2>/dev/null | sed -n "s/^$n\(:[^ ,]*\)\{0,1\}: //p" >"$s/dirs.own"
  sed 's/^/@@gonefolder /' "$s/dirs.own"
  tr '\n' '\000' <"$s/dirs.own" | xargs -r -0 sh -c 'exec find "$@" -mindepth 1 -maxdepth 1' sh | grep -vxF -f "$s/brought" | sed 's/^/@@goneelse /'
}
`;

/** Questions to apt-get alone: which packages would come and go, in no order that counts. */
export const simulateSh = `live= brief=1${aptScratchSh}${questions}${done}`;

/**
 * The same in a run that is about to carry it out: apt may write its cache where the run is to find it.
 */
export const simulateLiveSh = `live=1 brief=1${aptScratchSh}${questions}${done}`;

/** Questions to apt-get, and what the packages hold that it would install or remove: in the order of that. */
export const contentsSh = `live= brief=${keepSh}${contentsFunctions}${aptScratchSh}${questions}${contents}${done}`;
