/**
 * The octal mode that a mode option means for something that now has `current`. Symbolic modes as in chmod(1).
 *
 * @example resolveMode('u=rw,g=r,o=', '0777', false)  // '0640'
 */
export function resolveMode(wanted: string | undefined, current: string, isDirectory: boolean): string {
  if (wanted === undefined) return current;
  if (/^[0-7]+$/.test(wanted)) return wanted.slice(-4).padStart(4, '0');
  let bits = Number.parseInt(current, 8);
  for (const clause of wanted.split(',')) {
    const [, who = '', operator = '=', letters = ''] = /^([ugoa]*)([=+-])(.*)$/.exec(clause) ?? [];
    const classes = who === '' || who.includes('a') ? ['u', 'g', 'o'] : [...who];
    for (const one of classes) bits = applyClause(bits, one, operator, letters, isDirectory);
  }
  return bits.toString(8).padStart(4, '0');
}

const shifts: Record<string, number> = { u: 6, g: 3, o: 0 };

function applyClause(bits: number, who: string, operator: string, letters: string, isDirectory: boolean): number {
  const shift = shifts[who] ?? 0;
  const executable = isDirectory || (bits & 0o111) !== 0;
  let mask = 0;
  if (letters.includes('r')) mask |= 4 << shift;
  if (letters.includes('w')) mask |= 2 << shift;
  if (letters.includes('x') || (letters.includes('X') && executable)) mask |= 1 << shift;
  if (letters.includes('s')) mask |= who === 'u' ? 0o4000 : who === 'g' ? 0o2000 : 0;
  if (letters.includes('t')) mask |= 0o1000;
  if (operator === '+') return bits | mask;
  if (operator === '-') return bits & ~mask;
  return (bits & ~(7 << shift)) | mask;
}

/**
 * What chown(2) leaves of a file's mode: no set-user-ID bit, and no set-group-ID bit where it means more than locking.
 */
export function afterChown(mode: string): string {
  const bits = Number.parseInt(mode, 8);
  return (bits & ((bits & 0o010) === 0 ? 0o3777 : 0o1777)).toString(8).padStart(4, '0');
}
