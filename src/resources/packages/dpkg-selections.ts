import * as v from 'valibot';
import { predict, settled, Unknowable, type Found, type Prediction, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { text } from '../kit/schemas.ts';
import { aptHost } from './apt-host.probe.ts';
import { packageState } from './package.probe.ts';
import { dpkgSelection } from './selection.probe.ts';

const selections = ['install', 'hold', 'deinstall', 'purge'] as const;

interface WantedSelection {
  /** The package. */
  readonly name: string;
  /** The selection it has afterwards. */
  readonly selection: (typeof selections)[number];
}

/** Packages on hold. */
export const dpkgSelections = defineResource({
  name: 'dpkgSelections',
  summary: 'Puts a Debian package on hold, so that it is neither upgraded nor removed, or releases it.',
  options: {
    name: v.pipe(
      text('The package; `:ARCH` names an architecture.'),
      v.regex(/^[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?$/, 'must be the name of a package'),
    ),
    selection: v.pipe(
      v.picklist(selections),
      v.description(
        '`hold`: keep it as it is. `install`: no longer on hold. `deinstall`, `purge`: what a later `apt-get dselect-upgrade` removes.',
      ),
    ),
  },
  example: `dpkgSelections({ name: 'postgresql-15', selection: 'hold' })`,
  title: ({ name }) => name ?? '',
  prepare: (given): WantedSelection => given,
  probes: ({ name }) => [dpkgSelection(name), packageState(name)],
  plan,
});

function plan({ name, selection }: WantedSelection, found: Found): Plan<WantedSelection> {
  const result = { name, selection };
  const state = found.get(packageState(name));
  // Check mode: what earlier tasks install is known by then.
  const now = found.get(dpkgSelection(name)) ?? (state.installed ? 'install' : null);
  doubtOtherSpelling(name, found);
  if (now === selection || (now === null && (selection === 'deinstall' || selection === 'purge')))
    return settled(result);
  found.require(now !== null, {
    failure: `dpkg knows no package ${name} on this host`,
    hint: `Install it first: apt({ name: '${name}' })`,
  });
  return {
    changes: [{ what: 'selection', from: now, to: selection }],
    steps: [
      {
        script: 'printf "%s %s\\n" "$1" "$2" | dpkg --set-selections',
        args: [name, selection],
        label: `mark ${name} as ${selection}`,
      },
    ],
    after: [
      predict(dpkgSelection(name), selection),
      predict(packageState(name), { ...state, held: selection === 'hold' }),
    ],
    foreseen: () => toldToApt(name, selection, found),
    touches: [{ on: 'packages' }],
    result,
  };
}

/**
 * Check mode. @throws Unknowable where the package may be told something else before, by its name with or without its
 * architecture
 */
function doubtOtherSpelling(name: string, found: Found): void {
  const other = found.planned(aptHost)?.planned.find((one) => isOtherSpelling(name, one));
  if (other !== undefined) throw new Unknowable(`${other.slice(1)} is set before, which may be the same package`);
}

function isOtherSpelling(name: string, planned: string): boolean {
  const [, other = '', base = ''] = /^!(([^:=]+)[^=]*)=/.exec(planned) ?? [];
  return other !== name && base === name.replace(/:.*/, '') && (other === base || name === base);
}

/** What apt is then asked about must know of it. */
function toldToApt(name: string, selection: string, found: Found): Prediction[] {
  const host = found.get(aptHost);
  return [
    predict(aptHost, {
      ...host,
      planned: [...host.planned.filter((one) => !one.startsWith(`!${name}=`)), `!${name}=${selection}`],
    }),
  ];
}
