import { planCases } from '../../testing/index.ts';
import { pause } from './pause.ts';

export const cases = planCases(pause, {
  'a time': { options: { seconds: 5 }, changes: ['pause 5 s'], result: { userInput: '' } },
  'minutes': { options: { minutes: 2 }, changes: ['pause 120 s'] },
  'a question': { options: { prompt: 'Look at the dashboard' }, changes: ['pause Look at the dashboard'] },
  'left out in check mode': { options: { seconds: 5 }, behind: {}, message: '5 s: left out in check mode' },
  'two at once': {
    options: { seconds: 5, minutes: 1 },
    fails: 'pause: give one of `seconds`, `minutes` and `prompt`',
  },
});
