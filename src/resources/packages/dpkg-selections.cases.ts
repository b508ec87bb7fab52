import { predict, type Prediction } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { aptHost } from './apt-host.probe.ts';
import { dpkgSelections } from './dpkg-selections.ts';
import { packageState } from './package.probe.ts';
import { dpkgSelection } from './selection.probe.ts';

const name = 'postgresql-15';

const plannedForApt = (...planned: string[]): Prediction =>
  predict(aptHost, { listsAge: 60, refreshed: false, planned });

/** What dpkg was told of the package (null: nothing), and whether it is there. */
const told = (selection: string | null, installed = selection === 'install'): HostDescription => ({
  answers: [
    predict(dpkgSelection(name), selection),
    predict(packageState(name), {
      installed,
      configFiles: false,
      version: installed ? '15.5' : '',
      held: selection === 'hold',
      broken: false,
    }),
    plannedForApt(),
  ],
});

export const cases = planCases(dpkgSelections, {
  'on hold': {
    options: { name, selection: 'hold' },
    host: told('install'),
    changes: ['selection install -> hold'],
    args: [[name, 'hold']],
    leaves: [plannedForApt(`!${name}=hold`)],
    result: { name, selection: 'hold' },
  },
  'on hold already': { options: { name, selection: 'hold' }, host: told('hold', true) },
  'no longer on hold': {
    options: { name, selection: 'install' },
    host: told('hold', true),
    changes: ['selection hold -> install'],
  },
  'to be removed by a later dselect-upgrade': {
    options: { name, selection: 'purge' },
    host: told('install'),
    changes: ['selection install -> purge'],
  },
  'what dpkg does not know needs not be removed': { options: { name, selection: 'deinstall' }, host: told(null) },
  'what dpkg does not know cannot be held': {
    options: { name, selection: 'hold' },
    host: told(null),
    fails: `dpkg knows no package ${name} on this host`,
    hint: `Install it first: apt({ name: '${name}' })`,
  },
  'a package that a command may bring': {
    options: { name, selection: 'hold' },
    host: told(null),
    behind: { command: true },
    may: `dpkg knows no package ${name} on this host yet ("a command" runs before)`,
  },
  'a package that is planned': {
    options: { name, selection: 'hold' },
    host: told(null),
    behind: {
      planned: [
        predict(packageState(name), {
          installed: true,
          configFiles: false,
          version: '15.5',
          held: false,
          broken: false,
        }),
      ],
    },
    changes: ['selection install -> hold'],
  },
  'another package that is told something before': {
    options: { name, selection: 'hold' },
    host: told('install'),
    behind: { planned: [plannedForApt('!nginx:amd64=hold', `!${name}=install`)] },
    changes: ['selection install -> hold'],
  },
  'told by its other name before': {
    options: { name, selection: 'hold' },
    host: told('install'),
    behind: { planned: [plannedForApt(`!${name}:amd64=hold`)] },
    may: `${name}:amd64=hold is set before, which may be the same package`,
  },
});
