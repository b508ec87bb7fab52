// Which document stands where in the site: each exactly once, which a test looks after.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const docs = (...names) => names.map((name) => `docs/${name}.md`);
const folder = (name) => {
  const found = readdirSync(fileURLToPath(new URL(`../${name}`, import.meta.url))).filter((one) => one.endsWith('.md'));
  return found.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).map((one) => `docs/${name}/${one}`);
};
/** A folder's own page comes first. */
const rank = (name) => (name === 'README.md' ? 0 : 1);

export const sections = [
  { name: 'Tutorial', isOpen: true, pages: ['README.md', ...docs('tutorial')] },
  {
    name: 'How-to',
    isOpen: true,
    pages: docs(
      'editors',
      'reports',
      'ci',
      'ui',
      'graph',
      'plans',
      'rehearse',
      'secrets',
      'rolling',
      'red-black',
      'commit-confirm',
      'transactions',
      'restore-files',
      'patching',
      'drift',
      'incidents',
      'who-did-what',
      'fallback-operator',
      'runbooks-as-code',
      'clusters',
      'workers',
      'pull',
      'deployer',
      'own-resources',
      'runner',
      'other-systems',
      'seeds',
      'placeholders',
    ),
  },
  {
    name: 'Moving in from Ansible',
    isOpen: true,
    pages: docs('migration', 'differences', 'ansible-files', 'ansible-modules', 'jinja'),
  },
  {
    name: 'Reference',
    isOpen: true,
    pages: docs('commands', 'config', 'api', 'resource-api', 'runner-api', 'templates', 'jsonl'),
  },
  { name: 'Resources', isOpen: false, pages: folder('resources') },
  { name: 'Roles', isOpen: false, pages: folder('roles') },
  { name: 'Runbooks', isOpen: false, pages: folder('runbooks') },
  {
    name: 'Explanation',
    isOpen: true,
    pages: [
      ...docs('architecture', 'security', 'performance', 'faults', 'releasing', 'roadmap'),
      'CONTRIBUTING.md',
      'SECURITY.md',
      'CHANGELOG.md',
    ],
  },
];
