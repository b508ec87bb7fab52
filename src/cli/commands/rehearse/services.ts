/** Units and sockets of a host at a moment, and what became of them. */

export interface Services {
  readonly units: ReadonlyMap<string, Unit>;
  /** `tcp 0.0.0.0:80 nginx`. */
  readonly listening: readonly string[];
}

export interface Unit {
  /** `active`, `inactive`, `failed`, `activating` ... */
  readonly active: string;
  readonly sub: string;
  /** `enabled`, `disabled`, `static`, `masked`; empty where it has no file. */
  readonly file: string;
  /** Why it failed: `exit-code`, `timeout` ... */
  readonly result: string;
  /** Another one after each start. */
  readonly invocation: string;
}

export const servicesSh = `systemctl show --all --property=Id,LoadState,ActiveState,SubState,UnitFileState,Result,InvocationID '*.service' '*.socket' '*.timer' '*.path' 2>/dev/null
echo ---
systemctl list-unit-files --no-legend --no-pager --type=service,socket,timer,path 2>/dev/null
echo ---
ss -Hlntup 2>/dev/null || :`;

export function decodeUnits(text: string): Services {
  const [shown = '', files = '', sockets = ''] = text.split('---\n');
  const units = new Map<string, Unit>();
  for (const record of shown.split('\n\n')) {
    const fields = new Map(
      record.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const name = fields.get('Id') ?? '';
    if (!isUnitName(name) || fields.get('LoadState') === 'not-found') continue;
    units.set(name, {
      active: fields.get('ActiveState') ?? '',
      sub: fields.get('SubState') ?? '',
      file: fields.get('UnitFileState') ?? '',
      result: fields.get('Result') ?? '',
      invocation: fields.get('InvocationID') ?? '',
    });
  }
  for (const line of files.split('\n')) {
    const [name = '', file = ''] = line.split(/\s+/);
    if (isUnitName(name) && !units.has(name) && !name.includes('@.'))
      units.set(name, { active: 'inactive', sub: 'dead', file, result: 'success', invocation: '' });
  }
  return { units, listening: [...new Set(sockets.split('\n').flatMap((line) => socketOf(line) ?? []))].toSorted() };
}

/** systemd.unit(5). A host may say anything, and these become names of files here. */
const isUnitName = (text: string): boolean => /^[\w:.\\@-]{1,255}$/.test(text);

/** `tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=812,fd=6))` */
function socketOf(line: string): string | undefined {
  const [protocol, , , , address, , ...rest] = line.split(/\s+/);
  if (protocol === undefined || address === undefined) return undefined;
  const program = /\(\("([^"]*)"/.exec(rest.join(' '))?.[1];
  return [protocol, address, ...(program === undefined ? [] : [program])].join(' ');
}

/** What a rehearsal did to one unit. */
export interface UnitChange {
  readonly unit: string;
  /** `active`, or `failed (exit-code)`; `absent` where there is no such unit. */
  readonly before: string;
  readonly after: string;
  /** It was well before, and is not any more. */
  readonly isBroken: boolean;
}

export interface ServicesChange {
  readonly changed: readonly UnitChange[];
  readonly restarted: readonly string[];
  readonly failed: readonly string[];
  readonly listensNoMore: readonly string[];
  readonly listensNow: readonly string[];
}

/** Compares a host before and after. */
export function compareServices(before: Services, after: Services): ServicesChange {
  const names = [...new Set([...before.units.keys(), ...after.units.keys()])]
    .filter((name) => !isPassing(name))
    .toSorted();
  const changed = names.flatMap((unit): UnitChange[] => {
    const was = stateText(before.units.get(unit));
    const is = stateText(after.units.get(unit));
    const isBroken = isFailing(after.units.get(unit)) && !isFailing(before.units.get(unit));
    return was === is ? [] : [{ unit, before: was, after: is, isBroken }];
  });
  return {
    changed,
    restarted: names.filter((name) => {
      const was = before.units.get(name);
      const is = after.units.get(name);
      return was?.active === 'active' && is?.active === 'active' && was.invocation !== is.invocation;
    }),
    failed: names.filter((name) => isFailing(after.units.get(name))),
    listensNoMore: before.listening.filter((one) => !after.listening.includes(one)),
    listensNow: after.listening.filter((one) => !before.listening.includes(one)),
  };
}

/** Of our own logins, and of what runs once and ends by itself. */
const isPassing = (name: string): boolean =>
  /^(?:user(?:-runtime-dir)?@|session-|run-|play-|systemd-tmpfiles-clean|systemd-hostnamed)/.test(name);

export function isFailing(unit: Unit | undefined): boolean {
  return unit?.active === 'failed' || unit?.sub === 'auto-restart' || unit?.sub === 'auto-restart-queued';
}

function stateText(unit: Unit | undefined): string {
  if (unit === undefined) return 'absent';
  const why = unit.active === 'failed' && unit.result !== 'success' ? ` (${unit.result})` : '';
  const restarting = isFailing(unit) && unit.active !== 'failed' ? ' (keeps restarting)' : '';
  const enabled = unit.file === 'enabled' || unit.file === 'disabled' || unit.file === 'masked' ? `, ${unit.file}` : '';
  return `${unit.active}${why}${restarting}${enabled}`;
}
