// What is measured, by name. Each brings up the hosts it needs.
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { highestMemory, median, run } from './measure.mjs';

let stamps = Date.now();

export const sections = {
  async converged({ hosts, results, play, here, work }) {
    await hosts.up(1);
    const { inventory, ssh } = hosts.files('one', 1);
    const rivals = ansible(join(here, 'mixed.yml'), inventory, work);
    const args = [join(here, 'mixed.ts'), '-i', inventory];
    run(play, args, { cwd: work });
    const ours = await treeOf(hosts);
    rivals['ansible-playbook, pipelining'][0]();
    if ((await treeOf(hosts)) !== ours) throw new Error('play and Ansible leave different trees');
    results.compare(
      'one host, 100 mixed tasks, converged',
      {
        'ssh HOST true': () => run('ssh', ['-F', ssh, 'bench1', 'true']),
        'play': () => run(play, args, { cwd: work }),
        ...rivals,
      },
      { base: 'ssh HOST true', target: { ratio: 1.4 } },
    );
  },

  async persist({ hosts, results, play, here, work }) {
    await hosts.up(1);
    const { inventory, ssh } = hosts.files('one', 1);
    const args = [join(here, 'mixed.ts'), '-i', inventory, '--persist', '60'];
    run(play, args, { cwd: work });
    await connectionKept(play, args, work);
    results.compare(
      'the run after a run, 100 mixed tasks, converged',
      {
        'ssh HOST true': () => run('ssh', ['-F', ssh, 'bench1', 'true']),
        'play': () => run(play, args, { cwd: work }),
        'play -C': () => run(play, [...args, '-C'], { cwd: work }),
      },
      { base: 'ssh HOST true', target: { ratio: 1 } },
    );
  },

  async far({ hosts, results, play, here, work }) {
    await hosts.up(1);
    await hosts.farAway(100, async ({ inventory, ssh }) => {
      const args = [join(here, 'mixed.ts'), '-i', inventory];
      const kept = [...args, '--persist', '60'];
      run(play, kept, { cwd: work });
      await connectionKept(play, kept, work);
      const rivals = ansible(join(here, 'mixed.yml'), inventory, work);
      results.compare(
        'the same over a link of 100 ms round trip',
        {
          'ssh HOST true': () => run('ssh', ['-F', ssh, 'bench1', 'true']),
          'play': () => run(play, args, { cwd: work }),
          'play, the run after a run': () => run(play, kept, { cwd: work }),
          'ansible-playbook, Mitogen': rivals['ansible-playbook, Mitogen'],
        },
        { base: 'ssh HOST true', target: { ratio: 1.15 } },
      );
    });
  },

  async files({ hosts, results, play, here, work }) {
    await hosts.up(1);
    const { inventory } = hosts.files('one', 1);
    const fresh = () => ['-e', `stamp=${stamps++}`];
    const rivals = ansible(join(here, 'files.yml'), inventory, work, fresh);
    results.compare(
      'one host, 100 small files, first run',
      {
        'play': () => run(play, [join(here, 'files.ts'), '-i', inventory, ...fresh()], { cwd: work }),
        'ansible-playbook, pipelining': rivals['ansible-playbook, pipelining'],
      },
      { base: 'play' },
    );
  },

  async tasks({ hosts, results, play, here, work }) {
    await hosts.up(1);
    const { inventory } = hosts.files('one', 1);
    const many = (tasks) => [join(here, 'many.ts'), '-i', inventory, '-e', `tasks=${tasks}`];
    run(play, many(1000), { cwd: work });
    const rows = results.compare('converged tasks of one host', {
      '100 tasks': () => run(play, many(100), { cwd: work }),
      '1,000 tasks': () => run(play, many(1000), { cwd: work }),
    });
    const slope = ((rows[1].seconds - rows[0].seconds) / 900) * 1000;
    results.figure('each task beyond a hundred', Number(slope.toFixed(2)), 'ms', 0.3);
  },

  async thousand({ hosts, results, play, here, work }) {
    await hosts.up(1);
    await hosts.farAway(26, async ({ inventory }) => {
      const fresh = () => ['-e', `folder=/srv/many${stamps++}`];
      const args = () => [join(here, 'many.ts'), '-i', inventory, '-e', 'tasks=1001', '-e', 'kind=files', ...fresh()];
      results.compare(
        '1,000 small files, first run, over a link of 26 ms',
        { play: () => run(play, args(), { cwd: work }) },
        { target: { seconds: 5 } },
      );
    });
  },

  async large({ hosts, results, play, here, work }) {
    await hosts.up(1);
    const { inventory, ssh } = hosts.files('one', 1);
    const src = join(work, 'large');
    spawnSync('sh', ['-c', `head -c 500000000 /dev/urandom >"$1"`, 'sh', src]);
    const args = () => {
      // Another file each time, so that all of it travels.
      appendFileSync(src, 'x');
      return [join(here, 'large.ts'), '-i', inventory, '-e', `src=${src}`, '-e', 'dest=/srv/large'];
    };
    results.compare(
      'a file of 500 MB',
      {
        scp: () => run('scp', ['-q', '-F', ssh, src, 'bench1:/srv/large-scp']),
        play: () => run(play, args(), { cwd: work }),
      },
      { base: 'scp', target: { ratio: 1.3 } },
    );
    results.figure('memory of play with it', highestMemory([play, ...args()], { cwd: work }), 'MB', 150);
  },

  async tree({ hosts, results, play, here, work }) {
    await hosts.up(1);
    const { inventory, ssh } = hosts.files('one', 1);
    const src = join(work, 'tree');
    for (let n = 0; n < 5000; n++) {
      const folder = join(src, `folder${n % 50}`);
      if (n < 50) mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `file${n}`), `This is file ${n}.\n`);
    }
    const changed = () => {
      for (let n = 0; n < 10; n++) appendFileSync(join(src, `folder${n}`, `file${n}`), `${stamps++}\n`);
    };
    const args = [
      join(here, 'large.ts'),
      '-i',
      inventory,
      '-e',
      `src=${src}`,
      '-e',
      'dest=/srv/tree',
      '-e',
      'tree=yes',
    ];
    const rsync = ['-a', '--checksum', '-e', `ssh -F ${ssh}`, `${src}/`, 'bench1:/srv/tree-rsync/'];
    run(play, args, { cwd: work });
    run('rsync', rsync);
    results.compare(
      'a tree of 5,000 files, 10 of them changed',
      {
        'rsync --checksum': () => (changed(), run('rsync', rsync)),
        'play': () => (changed(), run(play, args, { cwd: work })),
      },
      { base: 'rsync --checksum', target: { ratio: 1.5 } },
    );
  },

  async startup({ hosts, results, play, here, work }) {
    await hosts.up(1);
    const { inventory } = hosts.files('one', 1);
    results.compare(
      'start-up: --list-tasks of 100 tasks',
      {
        'node -e 0': () => run(process.execPath, ['-e', '0']),
        'play': () => run(play, [join(here, 'mixed.ts'), '-i', inventory, '--list-tasks'], { cwd: work }),
        'ansible-playbook': () => run('ansible-playbook', [join(here, 'mixed.yml'), '-i', inventory, '--list-tasks']),
      },
      { base: 'node -e 0', target: { ratio: 2.2 } },
    );
  },

  async inventory({ results, play, work }) {
    const many = join(work, 'many');
    writeFileSync(many, `[web]\nweb[00001:10000].example.org\n[all:vars]\nx=1\n`);
    results.compare(
      'inventory of 10,000 hosts',
      {
        'play': () => run(play, ['inventory', '-i', many, '--hosts'], { cwd: work }),
        'ansible-inventory --list': [() => run('ansible-inventory', ['-i', many, '--list']), 1],
      },
      { base: 'play' },
    );
  },

  async twenty({ hosts, results, play, here, work }) {
    const names = await hosts.up(20);
    const { inventory, ssh } = hosts.files('twenty', 20);
    const args = [join(here, 'mixed.ts'), '-i', inventory, '-f', '20'];
    run(play, args, { cwd: work });
    const script = `for h in ${names.join(' ')}; do ssh -F "$1" "$h" true & done; wait`;
    results.compare(
      '20 hosts at once, 100 mixed tasks, converged',
      {
        '20 times ssh HOST true': () => run('sh', ['-c', script, 'sh', ssh]),
        'play': () => run(play, args, { cwd: work }),
      },
      { base: '20 times ssh HOST true', target: { ratio: 1.5 } },
    );
  },

  async memory({ hosts, results, play, here, work }) {
    await hosts.up(100);
    const memory = (count) => {
      const { inventory } = hosts.files(`memory${count}`, count);
      const command = [play, join(here, 'mixed.ts'), '-i', inventory, '-f', '100'];
      run(command[0], command.slice(1), { cwd: work });
      return median([1, 2, 3].map(() => highestMemory(command, { cwd: work })));
    };
    const [few, all] = [memory(20), memory(100)];
    results.figure('memory of play with 100 hosts at once', all, 'MB');
    results.figure('memory for each host beyond 20', Number(((all - few) / 80).toFixed(2)), 'MB', 1);
  },
};

/** What is below /srv/bench, as one digest: names, kinds, permissions, owners, contents. */
async function treeOf(hosts) {
  return await hosts.exec(
    'bench1',
    'cd /srv/bench && { find . -printf "%p %y %m %U %G %l\\n" | sort; find . -type f -exec sha256sum {} + | sort; } | sha256sum',
  );
}

/** Waits for the keeper of the run before: it logs in once that is over. */
async function connectionKept(play, args, cwd) {
  for (let tried = 0; tried < 50; tried++) {
    const { stdout } = spawnSync(play, [...args, '-v'], { cwd, encoding: 'utf8' });
    if (/kept since the last run/.test(stdout)) return;
  }
  throw new Error('no connection was kept');
}

/** The rivals, one round each: they take a hundred times as long. @param more further arguments, made anew each time */
function ansible(playbook, inventory, cwd, more = () => []) {
  const { stdout } = spawnSync(
    'python3',
    [
      '-c',
      'import ansible_mitogen, os; print(os.path.join(os.path.dirname(ansible_mitogen.__file__), "plugins/strategy"))',
    ],
    { encoding: 'utf8', env: { ...process.env, PATH: '/usr/bin:/bin' } },
  );
  const plugins = stdout.trim();
  const by = (env) => [() => run('ansible-playbook', [playbook, '-i', inventory, ...more()], { cwd, env }), 1];
  return {
    'ansible-playbook, pipelining': by({ ANSIBLE_PIPELINING: 'True' }),
    'ansible-playbook, default': by({}),
    'ansible-playbook, Mitogen':
      plugins === '' ? undefined : by({ ANSIBLE_STRATEGY: 'mitogen_linear', ANSIBLE_STRATEGY_PLUGINS: plugins }),
  };
}
