import { describe } from 'vitest';
import type { Task } from '../../src/playbook/index.ts';
import { copy, file, systemd } from '../../src/resources/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';

const host = useLawHost('units1');
const folder = '/etc/systemd/system';
const install = '[Install]\nWantedBy=multi-user.target\n';
const service = (more = '', installation = install): string =>
  `[Service]\nExecStart=/bin/sleep infinity\n${more}${installation}`;
const unit = (name: string, content: string): Task => copy({ dest: `${folder}/${name}`, content });
const gone = (name: string): Task => file({ path: `${folder}/${name}`, state: 'absent' });
/** A unit that was there before, behind play's back. */
const there = (name: string, content: string, then = 'true'): string =>
  `printf '${content.replaceAll('\n', '\\n')}' >${folder}/${name}; systemctl daemon-reload; ${then}; `;

describe('units as planned files make them', () => {
  holdToLaws(host, [
    {
      name: 'written, enabled and started; its timer too',
      tasks: () => [
        unit('f1.service', service()),
        unit('f1.timer', '[Timer]\nOnCalendar=yearly\n[Install]\nWantedBy=timers.target\n'),
        systemd({ name: 'f1', state: 'started', enabled: true }),
        systemd({ name: 'f1.timer', state: 'started', enabled: true }),
      ],
      expect: ['changed', 'changed', 'changed', 'changed'],
    },
    {
      name: '[Install] is added to a unit that is there, and taken from another',
      setup: there('f2.service', service('', '')) + there('f3.service', service()),
      tasks: () => [
        unit('f2.service', service()),
        unit('f3.service', service('', '')),
        systemd({ name: 'f2', enabled: true }),
        systemd({ name: 'f3', enabled: true }),
      ],
      expect: ['changed', 'changed', 'changed', 'ok'],
    },
    {
      name: '[Install] is taken from a unit that is enabled',
      setup: there('f4.service', service(), 'systemctl enable --now f4'),
      tasks: () => [
        unit('f4.service', service('', '')),
        systemd({ name: 'f4', enabled: true, state: 'started' }),
        systemd({ name: 'f4', enabled: false }),
      ],
      expect: ['changed', 'ok', 'changed'],
    },
    {
      name: 'its file is removed, then it is stopped',
      setup: there('f5.service', service(), 'systemctl enable --now f5'),
      tasks: () => [gone('f5.service'), systemd({ name: 'f5', state: 'stopped' })],
      expect: ['changed', 'changed'],
      again: ['ok', 'failed'],
      afterwards: '! systemctl is-active f5',
    },
    {
      name: 'its file is removed, then it is restarted',
      setup: there('f6.service', service(), 'systemctl start f6'),
      tasks: () => [gone('f6.service'), systemd({ name: 'f6', state: 'restarted' })],
      expect: ['changed', 'failed'],
      again: ['ok', 'failed'],
      says: /no unit f6\.service/,
    },
    {
      name: 'masked, then its file is written',
      setup: 'systemctl mask f7',
      tasks: () => [
        unit('f7.service', service()),
        systemd({ name: 'f7', state: 'started' }),
        systemd({ name: 'f7', masked: false }),
      ],
      expect: ['changed', 'changed', 'ok'],
    },
    {
      name: 'another name comes with enabling, and goes with disabling',
      setup: there('f8.service', service('', '[Install]\nAlias=f9.service\n')),
      tasks: () => [
        systemd({ name: 'f8', enabled: true }),
        systemd({ name: 'f9', state: 'started' }),
        systemd({ name: 'f8', state: 'started' }),
        file({ path: `${folder}/f9.service`, src: `${folder}/f8.service`, state: 'link' }),
      ],
      expect: ['changed', 'changed', 'ok', 'ok'],
    },
    {
      name: 'a name that is gone',
      setup: there('f10.service', service('', '[Install]\nAlias=f11.service\n'), 'systemctl enable f10'),
      tasks: () => [systemd({ name: 'f10', enabled: false }), systemd({ name: 'f11', state: 'started' })],
      expect: ['changed', 'failed'],
      again: ['ok', 'failed'],
      says: /no unit f11\.service/,
    },
    {
      name: 'a name that another unit has',
      setup:
        there('f17.service', service('', '[Install]\nAlias=f18.service\n'), 'systemctl enable f17') +
        there('f19.service', service('', '[Install]\nAlias=f18.service\n')),
      tasks: () => [systemd({ name: 'f19', enabled: true })],
      expect: ['failed'],
      again: ['failed'],
      open: 0,
      says: /Could not enable f19/,
    },
    {
      name: 'stopped by one name, started by the other',
      setup: there('f12.service', service('', '[Install]\nAlias=f13.service\n'), 'systemctl enable --now f12'),
      tasks: () => [systemd({ name: 'f12', state: 'stopped' }), systemd({ name: 'f13', state: 'started' })],
      expect: ['changed', 'changed'],
      again: ['changed', 'changed'],
    },
    {
      name: 'a drop-in brings what the unit lacks',
      setup: there('f14.service', service(), 'systemctl start f14'),
      tasks: () => [
        file({ path: `${folder}/f14.service.d`, state: 'directory' }),
        unit('f14.service.d/reload.conf', '[Service]\nExecReload=/bin/true\n'),
        systemd({ name: 'f14', state: 'reloaded' }),
      ],
      expect: ['changed', 'changed', 'changed'],
      again: ['ok', 'ok', 'changed'],
    },
    {
      name: 'a planned unit whose program is planned, and one whose is not',
      tasks: () => [
        copy({ dest: '/usr/local/bin/f15', mode: '0755', content: '#!/bin/sh\nexec sleep 1000\n' }),
        unit('f15.service', '[Service]\nExecStart=/usr/local/bin/f15\n'),
        unit('f16.service', '[Service]\nExecStart=/usr/local/bin/f16\n'),
        systemd({ name: 'f15', state: 'started' }),
        systemd({ name: 'f16', state: 'started' }),
      ],
      expect: ['changed', 'changed', 'changed', 'changed', 'failed'],
      again: ['ok', 'ok', 'ok', 'ok', 'failed'],
      says: /Could not start f16/,
      open: 0,
    },
  ]);
});
