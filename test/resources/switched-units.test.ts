import { expect, test } from 'vitest';
import { switchedUnits } from '../../src/resources/commands/switched-units.ts';

const sh = (text: string): string[] => ['/bin/sh', '-c', text];

test.each([
  [['systemctl', 'restart', 'nginx'], ['nginx.service']],
  [
    ['/usr/bin/systemctl', '--no-block', 'stop', 'a.timer', 'b@1'],
    ['a.timer', 'b@1.service'],
  ],
  [['systemctl', '-s', 'HUP', 'kill', 'nginx'], ['nginx.service']],
  [['systemctl', 'is-active', 'nginx'], []],
  [['systemctl', 'daemon-reload'], []],
  [['service', 'nginx', 'reload'], ['nginx.service']],
  [['service', 'nginx', 'status'], []],
  [['invoke-rc.d', 'nginx', 'restart'], ['nginx.service']],
  [['echo', 'restart', 'nginx'], []],
  [sh('nginx -t && systemctl reload nginx || sudo service php-fpm restart'), ['nginx.service', 'php-fpm.service']],
  [sh('if true; then systemctl enable --now "app"; fi'), ['app.service']],
  [sh('systemctl restart "$unit"'), []],
  [sh('sudo supervisorctl restart worker web:web_00'), ['supervisor:worker', 'supervisor:web']],
  [['supervisorctl', 'status', 'worker'], []],
  [sh(''), []],
])('%j switches %j', (argv, units) => {
  expect(switchedUnits(argv)).toEqual(units);
});
