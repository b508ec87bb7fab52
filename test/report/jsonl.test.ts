import { expect, test } from 'vitest';
import type { Event } from '../../src/engine/index.ts';
import { jsonlReport, masked } from '../../src/report/index.ts';
import { Redactor, Secret } from '../../src/secrets/index.ts';
import { taskEvent } from './events.ts';

function lines(...events: Event[]): string[] {
  const written: string[] = [];
  const listener = jsonlReport({ write: (text) => written.push(text), verbosity: 0 });
  for (const event of events) listener(masked(event, new Redactor()));
  return written;
}

test('a task has the documented keys in the documented order, and no other', () => {
  const text = { path: '/etc/x', before: Buffer.from('a\n'), after: Buffer.from('b\n') };
  const [line] = lines(
    taskEvent({
      status: 'changed',
      changed: true,
      changes: [
        { what: 'content', text },
        { what: 'mode', from: '1', to: '2' },
      ],
    }),
  );
  expect(line).toBe(
    '{"event":"task","host":"web1","play":"site","role":"nginx","task":"write config","resource":"template","tags":[],"status":"changed","changed":true,"assumed":[],"may":null,"message":null,' +
      '"diff":[{"path":"/etc/x","unified":"--- /etc/x\\tbefore\\n+++ /etc/x\\tafter\\n@@ -1,1 +1,1 @@\\n-a\\n+b\\n"}],"error":null,"seconds":0.25}\n',
  );
});

test('what a task has to say is told, masked; not where its output is hidden', () => {
  const secret = new Secret('s3cret-s3cret', 'test');
  secret.expose();
  const said = (hidden: boolean): unknown =>
    (JSON.parse(lines(taskEvent({ message: 'kernel 6.1 s3cret-s3cret', hidden }))[0] ?? '') as { message: unknown })
      .message;
  expect([said(false), said(true)]).toEqual(['kernel 6.1 ********', null]);
});

test('secrets are masked, and the line stays JSON whatever they hold', () => {
  const secret = new Secret('a"b\\n{}c', 'test');
  secret.expose();
  const [line = ''] = lines(taskEvent({ task: 'login a"b\\n{}c' }));
  expect((JSON.parse(line) as { task: string }).task).toBe('login ********');
});

test('what is under way is told from -vvv on only', () => {
  expect(lines({ event: 'working', host: 'a', task: 'b' })).toEqual([]);
  expect(lines({ event: 'notice', host: null, text: 'x' })).toEqual(['{"event":"notice","host":null,"text":"x"}\n']);
});
