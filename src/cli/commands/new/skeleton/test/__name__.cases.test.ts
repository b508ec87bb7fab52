import { test } from 'node:test';
import { checkCase, planCases } from 'play/testing';
import { __identifier__ } from '../resources/__name__.ts';

const options = { path: '/etc/__name__', text: 'Hello' };

// What the resource plans on a described host: no real host is needed.
const cases = planCases(__identifier__, {
  'a new file': { options, changes: ['content new file'], writes: { '/etc/__name__': 'Hello\n' } },
  'another text': {
    options,
    host: { paths: { '/etc/__name__': { type: 'file', content: 'Bye\n' } } },
    changes: ['content'],
    writes: { '/etc/__name__': 'Hello\n' },
  },
  'right already': { options, host: { paths: { '/etc/__name__': { type: 'file', content: 'Hello\n' } } } },
});

for (const [name, one] of Object.entries(cases.cases)) test(`__name__: ${name}`, () => checkCase(cases, one));
