import { uidSh } from '../connection/index.ts';

// root's records live in /var/lib/play; other accounts keep them in the state directory of the XDG base directory
// specification.
/** sh: the folder of an account's records, in $d. */
export const recordsFolderSh = `${uidSh}; if [ "$uid" = 0 ]; then d=/var/lib/play; else d=\${XDG_STATE_HOME:-$HOME/.local/state}/play; fi`;
