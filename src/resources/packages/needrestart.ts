import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Plan, type Step } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { flag } from '../kit/schemas.ts';
import { aptHost } from './apt-host.probe.ts';
import { matchesVersion } from './apt/packages.ts';
import { outdatedCode, type Outdated, type OutdatedUnit } from './outdated.probe.ts';

/** Something that runs code which is no longer what lies on the disk. */
export interface RunningOldCode {
  /** The unit: `nginx.service`, `session-3.scope`; `init.scope` is systemd itself. `process NAME` if it is in none. */
  readonly unit: string;
  /** The files: programs and libraries. */
  readonly files: readonly string[];
}

/** What later tasks read. */
export interface NeedrestartResult {
  /** Units that were restarted; in check mode, and with `restart: false`, those that can be. */
  readonly services: readonly RunningOldCode[];
  /** What was not restarted, and why. */
  readonly left: readonly (RunningOldCode & {
    /** Why. */
    readonly why: string;
  })[];
  /** Why the host should be rebooted, one sentence each; empty if it need not be. */
  readonly reboot: readonly string[];
}

interface Wanted {
  readonly restart: boolean;
  readonly exclude: readonly string[];
}

/** Services, and systemd itself, after an upgrade of what they run. */
export const needrestart = defineResource({
  name: 'needrestart',
  summary:
    'Restarts services that still run programs or libraries replaced by an upgrade, and reports whether the host needs a reboot. Reads /proc; nothing has to be installed for it.',
  options: {
    restart: flag('False: restart nothing, only report.', true),
    exclude: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.minLength(1))),
        v.description(
          "Units to leave alone; shell patterns: `'app@*.service'`. dbus, display managers, networks, terminals, container engines and user sessions are always left alone.",
        ),
      ),
      [],
    ),
  },
  example: `aptUpgrade({ security: true });
needrestart({ exclude: ['postgresql@*'] })
const found = needrestart({ restart: false });
reboot({}, { when: ({ results }) => results(found).reboot.length > 0 })`,
  title: ({ restart }) => (restart === false ? 'look' : ''),
  prepare: (options): Wanted => options,
  probes: () => [aptHost],
  plan: planRestarts,
});

function planRestarts({ restart, exclude }: Wanted, found: Found): Plan<NeedrestartResult> {
  const { planned } = found.get(aptHost);
  const coming = planned.filter((one) => /^[a-z0-9]/.test(one)).map((one) => one.replace(/=.*/, ''));
  const now = found.get(outdatedCode(coming));
  if (coming.length > 0) found.assume('the scripts of the new packages restart what those of the installed ones do');
  const old = now.units.filter(({ is }) => is !== 'restarted');
  const units = merged(old).map((one) => ({ ...one, why: whyLeft(one, exclude) }));
  const told = ({ unit, files }: RunningOldCode): RunningOldCode => ({ unit, files });
  const due = units.filter(({ why }) => why === undefined);
  const result: NeedrestartResult = {
    services: due.map(told),
    left: units.flatMap((one) => (one.why === undefined ? [] : [{ ...told(one), why: one.why }])),
    reboot: rebootReasons(now, coming),
  };
  const nothing = { ...settled(result), detail: { ...result }, ...messageOf(result, restart) };
  if (!restart || due.length === 0) return nothing;
  return {
    ...nothing,
    changes: due.map(changeOf),
    steps: due.map(({ unit }) => restartStep(unit)),
    after: [
      predict(outdatedCode(coming), {
        ...now,
        units: now.units.filter(({ unit }) => !due.some((one) => one.unit === unit)),
      }),
    ],
    units: due.map(({ unit }) => unit),
    touches: [{ on: 'units' }],
  };
}

/** What a unit runs now and what it will run are one to people. */
function merged(units: readonly OutdatedUnit[]): OutdatedUnit[] {
  const all = new Map<string, OutdatedUnit>();
  for (const one of units) {
    const known = all.get(one.unit);
    all.set(one.unit, known ? { ...known, files: [...new Set([...known.files, ...one.files])] } : one);
  }
  return [...all.values()];
}

/** As needrestart(1) leaves them: what would cut off people, the network or containers. */
const never =
  /^(?:dbus|dbus-broker|gdm|gdm3|lightdm|sddm|xdm|lxdm|wdm|slim|NetworkManager|networking|ifup@.*|wpa_supplicant|systemd-logind|user@.*|getty@.*|serial-getty@.*|console-getty|docker|containerd|podman|libvirtd|lxc.*|emergency|rescue)\.service$/;

/** @returns undefined for what can be restarted */
function whyLeft({ unit, service }: OutdatedUnit, exclude: readonly string[]): string | undefined {
  if (unit === 'init.scope') return undefined;
  if (unit.endsWith('.scope')) return 'a session: it ends when its user logs out';
  if (service === undefined) return 'no service of systemd';
  if (exclude.some((pattern) => matchesVersion(pattern, unit) || matchesVersion(`${pattern}.service`, unit)))
    return 'excluded';
  if (unit.startsWith('user@')) return 'a session: it ends when its user logs out';
  if (never.test(unit)) return 'its restart would interrupt more than itself';
  if (service.refusesRestart) return 'it refuses to be restarted by hand';
  if (service.type === 'oneshot') return 'a job that is running: it ends by itself';
  return service.isActive ? undefined : 'it is starting or stopping';
}

function unitText(unit: string): string {
  return unit === 'init.scope' ? 'systemd itself' : unit;
}

function changeOf({ unit, files }: RunningOldCode): Change {
  return {
    what: unitText(unit),
    from: `runs the old ${namesOf(files)}`,
    to: unit === 'init.scope' ? 're-executed' : 'restarted',
  };
}

function restartStep(unit: string): Step {
  return unit === 'init.scope'
    ? { script: 'systemctl daemon-reexec', label: 're-execute systemd' }
    : {
        script: 'systemctl reset-failed -- "$1" 2>/dev/null; systemctl restart -- "$1"',
        args: [unit],
        label: `restart ${unit}`,
      };
}

/** @example namesOf(['/usr/lib/x86_64-linux-gnu/libssl.so.3'])  // 'libssl.so.3' */
function namesOf(files: readonly string[]): string {
  const names = [...new Set(files.map((file) => file.replace(/^.*\//, '')))];
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}

function rebootReasons({ flag, kernel, units, willAsk }: Outdated, coming: readonly string[]): string[] {
  const newKernels = kernel === null ? [] : coming.filter((name) => /^linux-image-\d/.test(name));
  return [
    ...(kernel !== null && kernel.newest !== kernel.running
      ? [`kernel ${kernel.running} runs, ${kernel.newest} is installed`]
      : []),
    ...newKernels.map((name) => `a new kernel: ${name}`),
    ...(flag === null ? [] : [flag.length === 0 ? '/run/reboot-required' : `asked for by ${flag.join(', ')}`]),
    ...(willAsk.length === 0 ? [] : [`asked for by ${willAsk.join(', ')}`]),
    ...merged(units)
      .filter(({ unit, is }) => is !== 'restarted' && /^dbus(?:-broker)?\.service$/.test(unit))
      .map(({ unit, files }) => `${unit} runs the old ${namesOf(files)}`),
  ];
}

function messageOf({ services, left, reboot }: NeedrestartResult, restart: boolean): { readonly message?: string } {
  const lines = [
    ...(restart ? [] : services.map(({ unit, files }) => `${unitText(unit)} runs the old ${namesOf(files)}`)),
    ...left.map(({ unit, files, why }) => `${unit} runs the old ${namesOf(files)}: ${why}`),
    ...reboot.map((why) => `needs a reboot: ${why}`),
  ];
  return lines.length === 0 ? {} : { message: lines.join('\n') };
}
