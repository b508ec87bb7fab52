/**
 * Keeps what planned packages bring below /usr, so that checkers among it can be run in check mode (engine/staging.ts).
 * It lies in the lane's own folder, which is private, mostly on tmpfs, and goes with the lane or is swept by the next
 * one.
 */
export const keepSh = String.raw`
kept=${'$'}{0%/*}
case $kept in */play.[0-9]*) kept=$kept/packages;; *) kept=;; esac
unkept='--exclude=./etc --exclude=./var --exclude=./boot --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale --exclude=./usr/share/javascript --exclude=./usr/share/nodejs --exclude=./usr/share/fonts --exclude=./usr/share/icons'
# Memory is not ours to fill: no more than 400 MB in all, and half of what is free. $@: the packages, of which $s/fields tells.
mayKeep() {
  [ -n "$kept" ] || return
  stat -c '%n %s' -- "$@" >"$s/sizes"
  # It is not for every package to say (Debian Policy 5.6.20), and one that says sixteen times the size of its file is
  # mostly what is not kept (libjs-moment-timezone: 218 MB): these are counted.
  odd='FNR == NR { sub(/.*\//, "", $1); bytes[$1] = $2; next } { is = $5 == 0 || $5 * 64 > bytes[$1] }'
  size=$(awk "$odd"' !is { n += $5 } END { print n + 0 }' "$s/sizes" "$s/fields")
  for deb in $(awk "$odd"' is { print $1 }' "$s/sizes" "$s/fields"); do
    size=$(( size + $(dpkg-deb --fsys-tarfile "$s/debs/$deb" | tar -tvf - $unkept | awk '{ n += $3 } END { print int(n / 1024) + 1 }') ))
  done
  free=$(df -Pk "${'$'}{kept%/*}" | awk 'NR == 2 { print $4 + 0 }')
  [ $(( size + $(cat "$kept.size" 2>/dev/null || echo 0) )) -le 409600 ] && [ $((size * 2)) -le "$free" ] && mkdir -p "$kept"
}
# Of a package, as a tar on stdin.
keep() {
  tar -xf - -C "$kept" $unkept >/dev/null 2>&1
}
settleKept() {
  # On the host these are links into /usr.
  for t in bin sbin lib lib64; do
    [ -d "$kept/$t" ] || continue
    mkdir -p -m 0755 "$kept/usr/$t" && cp -a "$kept/$t/." "$kept/usr/$t" && rm -rf "$kept/$t"
  done
  [ ! -d "$kept/usr" ] || chmod 0755 "$kept/usr"
  du -sk "$kept" | cut -f1 >"$kept.size"
} >/dev/null 2>&1
`;
