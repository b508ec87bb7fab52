/** The parts of a script that debhelper wrote (dh_installsystemd(1) and its like): the same in every package. */
const section = /^# Automatically added by (dh_\w+)(?:\/\S*)?\n([^]*?)^# End automatically added section$/gm;

/**
 * What people wrote into a script, as far as a first installation gets there: without comments, debhelper's parts,
 * calls of dpkg for other occasions, and upgrades.
 */
export function byHand(script: string): string {
  return script
    .replace(section, '')
    .replace(/(^|\s)#.*$/gm, '$1')
    .replace(otherOccasions, '')
    .replace(ofUpgrades, '');
}

/** Branches of `case "$1" in` for what is no installation (deb-postinst(5)). */
const otherOccasions = /^[ \t]*(?:(?:triggered|upgrade|abort-\w+)[ \t]*\|?[ \t]*)+\)(?:(?!;;)[^])*;;/gm;

/** dpkg(1): to these comparisons no version at all is a later one; `$2` is the version before. */
const ofUpgrades =
  /\bif[ \t]+dpkg[ \t]+--compare-versions[ \t]+"\$2"[ \t]+(?:l[te]-nl|g[te])[ \t]+\S+[ \t]*;?\s*then\b(?:(?!\b(?:if|fi|else|elif)\b)[^])*\bfi\b/g;
