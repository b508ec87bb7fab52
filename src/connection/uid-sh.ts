/**
 * sh: sets `uid`, the number of the account that the shell works as. Of /proc, as a start of id(1) takes the host a
 * millisecond, and every run needs it several times. One line without a single quote.
 */
export const uidSh =
  'uid=; { while read -r uid_key uid_real uid uid_rest; do case $uid_key in Uid:) break;; esac; uid=; done </proc/$$/status; } 2>/dev/null; [ -n "$uid" ] || uid=$(id -u)';
