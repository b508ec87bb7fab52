import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rehearse, whyNoSandbox } from 'play/testing';

// On a throwaway Debian made on this machine: check mode, a run that does what check mode said, and a second run that
// changes nothing. Needs root and Debian; elsewhere it is skipped and says so.
test('the role __name__', { skip: whyNoSandbox() }, async () => {
  await rehearse('test/__name__.playbook.ts', {
    inventory: 'test1,',
    verify: async (hosts) => {
      assert.equal(await hosts.run('test1', 'cat /etc/__name__.conf'), 'greeting = Hello from test1\n');
    },
  });
});
