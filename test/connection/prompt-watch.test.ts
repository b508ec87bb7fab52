/** A password prompt is seen whoever words it, and nothing else is taken for one. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { becomeCommand } from '../../src/connection/become.ts';
import { PromptWatch, type PromptSeen } from '../../src/connection/prompt-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const nonce = 'abc123';
const ours = `[play-${nonce}] `;
const { prompt } = becomeCommand(
  'lane',
  { user: 'root', method: 'sudo', password: { expose: () => 'x' } },
  { nonce, loginIsRoot: false, throughRoot: false },
);

/** What was seen of chunks that come 100 ms apart, with the milliseconds after the last of them. */
function watched(chunks: readonly string[], guesses = true): (PromptSeen & { after: number })[] {
  const seen: (PromptSeen & { after: number })[] = [];
  let last = 0;
  const watch = new PromptWatch({
    exact: prompt,
    guesses,
    onPrompt: (one) => seen.push({ ...one, after: Date.now() - last }),
  });
  for (const chunk of chunks) {
    vi.advanceTimersByTime(100);
    last = Date.now();
    watch.push(chunk);
  }
  vi.advanceTimersByTime(10_000);
  watch.stop();
  return seen;
}

const lecture =
  'We trust you have received the usual lecture. It usually boils down to these three things:\n\n    #1) Respect the privacy of others.\n\n';

test.each<[string, string[], string, number]>([
  ['sudo, our own words', [ours], ours.trim(), 0],
  ['sudo behind a lecture', [lecture, ours], ours.trim(), 0],
  [
    'sudo behind noise of rc files without a line end',
    ['loading profile...', ours],
    `loading profile...${ours}`.trim(),
    0,
  ],
  ['sudo-rs', [`[sudo: ${ours}] Password: `], `[sudo: ${ours}] Password:`, 0],
  ['sudo-rs in pieces', ['[sudo: [play-', 'abc123] ', '] Pass', 'word: '], `[sudo: ${ours}] Password:`, 0],
  ['passprompt_override', ['[sudo] password for bob: '], '[sudo] password for bob:', 400],
  ['another language', ['[sudo] Passwort für bob: '], '[sudo] Passwort für bob:', 400],
  ['a full-width colon', ['パスワード：'], 'パスワード：', 400],
  ['colours', ['\u001b[1;31mKennwort:\u001b[0m '], 'Kennwort:', 400],
  ['a first factor', ['First Factor: '], 'First Factor:', 400],
  ['no end that prompts have', ['Say friend and enter'], 'Say friend and enter', 3000],
])('a prompt is seen: %s', (_what, chunks, text, after) => {
  expect(watched(chunks)).toEqual([{ text, wantsPassword: true, after }]);
});

test.each<[string, string[], boolean]>([
  ['lines that end', [lecture, 'Last login: now\n', 'bob:\n'], true],
  ['a line that goes on', ['checking: ', 'done\n'], true],
  ['no end that prompts have, and nothing to answer', ['Say friend and enter'], false],
])('none is seen: %s', (_what, chunks, guesses) => {
  expect(watched(chunks, guesses)).toEqual([]);
});

test.each([
  'Verification code: ',
  'Enter PASSCODE: ',
  'Second Factor (optional): ',
  'One-time password (OATH) for bob: ',
])('%j is not for the password', (text) => {
  expect(watched([text])).toMatchObject([{ wantsPassword: false }]);
});
