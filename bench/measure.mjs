// Commands with their time and memory, and what came of them as tables, JSON and a picture.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** Runs a command and gives its seconds. */
export function run(command, args, { cwd, env = {} } = {}) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd,
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout.slice(-2000)}${stderr.slice(-2000)}`);
  return (performance.now() - started) / 1000;
}

/** In MB, what the process that a command becomes needed at most (VmHWM in proc(5)). */
export function highestMemory(command, { cwd, env = {} } = {}) {
  const watch = `"$@" >/dev/null 2>&1 & p=$!; m=0; while kill -0 $p 2>/dev/null; do r=$(awk '/VmHWM/{print $2}' /proc/$p/status 2>/dev/null); [ -n "$r" ] && m=$r; sleep 0.02; done; wait $p && echo $m`;
  const { stdout } = spawnSync('bash', ['-c', watch, 'sh', ...command], {
    encoding: 'utf8',
    cwd,
    env: { ...process.env, ...env },
  });
  if (stdout === '') throw new Error(`${command.join(' ')} failed`);
  return Math.round(Number(stdout) / 1024);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Tables of medians, each row beside the first one's target. */
export class Results {
  #sections = [];
  #rounds;

  constructor(rounds) {
    this.#rounds = rounds;
  }

  /**
   * Measures in turn (A B A B), so that what the machine does beside it meets all alike.
   *
   * @param ways name -> a function that gives seconds, or `[function, rounds]` for what takes long
   * @param base the row the others are told as multiples of
   * @param target the most that `play` may be of `base`, or in seconds
   */
  compare(title, ways, { base, target, note } = {}) {
    console.log(`\n${title}`);
    const known = Object.entries(ways).filter(([, way]) => way !== undefined);
    const seconds = new Map(known.map(([name]) => [name, []]));
    for (let round = 0; round < this.#rounds; round++)
      for (const [name, way] of known) {
        const [measure, most] = Array.isArray(way) ? way : [way, this.#rounds];
        if (round < most) seconds.get(name).push(measure());
      }
    const rows = [...seconds].map(([name, all]) => ({ name, seconds: median(all), all }));
    const of = rows.find(({ name }) => name === base)?.seconds;
    for (const row of rows) if (of !== undefined) row.ratio = row.seconds / of;
    const section = { title, base, rows, target, note };
    const ours = rows.find(({ name }) => name === 'play');
    if (target !== undefined && ours)
      section.isMet = target.ratio === undefined ? ours.seconds <= target.seconds : ours.ratio <= target.ratio;
    for (const { name, seconds: each, ratio } of rows)
      console.log(
        `  ${name.padEnd(34)} ${each.toFixed(2).padStart(8)} s${ratio === undefined ? '' : `   ${ratio.toFixed(2).padStart(6)}x`}`,
      );
    if (section.isMet !== undefined)
      console.log(`  target: ${said(target, base)}: ${section.isMet ? 'met' : 'MISSED'}`);
    this.#sections.push(section);
    return rows;
  }

  /** A figure of another kind. */
  figure(title, value, unit, most) {
    const isMet = most === undefined ? undefined : value <= most;
    console.log(
      `\n${title}\n  ${value} ${unit}${most === undefined ? '' : `   target: ${most}: ${isMet ? 'met' : 'MISSED'}`}`,
    );
    this.#sections.push({ title, value, unit, most, isMet });
  }

  /**
   * Writes `<name>.json`, `<name>.svg`, and the table into `<name>.md` between its marks.
   *
   * @param about what it was measured with
   */
  write(name, about) {
    const measured = { measured: new Date().toISOString().slice(0, 10), ...about, rounds: this.#rounds };
    writeFileSync(`${name}.json`, `${JSON.stringify({ ...measured, sections: this.#sections }, null, 2)}\n`);
    writeFileSync(`${name}.svg`, picture(this.#sections.filter(({ rows }) => rows !== undefined)));
    const [before, , after] = readFileSync(`${name}.md`, 'utf8').split(/^<!-- (?:results|end) -->$/m);
    if (after === undefined) throw new Error(`${name}.md has no <!-- results --> and <!-- end -->`);
    writeFileSync(`${name}.md`, `${before}<!-- results -->\n${table(measured, this.#sections)}<!-- end -->${after}`);
    console.log(`\nwritten: ${name}.md, .json, .svg`);
  }
}

/** Results as Markdown. */
function table(measured, sections) {
  const about = Object.entries(measured).map(([what, value]) => `${what} ${value}`);
  const lines = sections.flatMap(({ title, rows, base, target, isMet, value, unit, most }) => {
    const verdict = isMet === undefined ? '' : isMet ? ', met' : ', **missed**';
    if (rows === undefined)
      return [`| ${title} | | ${value} ${unit} | | ${most === undefined ? '' : `${most} ${unit}${verdict}`} |`];
    return rows.map(({ name, seconds, ratio }, i) => {
      const aim = name === 'play' && target !== undefined ? `${said(target, base)}${verdict}` : '';
      return `| ${i === 0 ? title : ''} | ${name} | ${seconds.toFixed(2)} s | ${ratio === undefined ? '' : `${ratio.toFixed(2)}x`} | ${aim} |`;
    });
  });
  return `\n${about.join(', ')}.\n\n| | | median | | target |\n| --- | --- | --- | --- | --- |\n${lines.join('\n')}\n\n![Seconds as bars](performance.svg)\n\n`;
}

function said(target, base) {
  return target.ratio === undefined ? `${target.seconds} s` : `${target.ratio}x of ${base}`;
}

/** Bars of seconds, on a scale of their own in each section. */
function picture(sections) {
  const [left, width, line] = [290, 420, 20];
  const parts = [];
  let y = 10;
  const text = (x, at, words, more = '') =>
    parts.push(`<text x="${x}" y="${at}" ${more}>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`);
  for (const { title, rows } of sections) {
    y += line;
    text(10, y, title, 'font-weight="bold"');
    const longest = Math.max(...rows.map(({ seconds }) => seconds));
    for (const { name, seconds } of rows) {
      y += line;
      text(left - 10, y, name, 'text-anchor="end"');
      const bar = Math.max(1, (seconds / longest) * width);
      const colour = name.startsWith('play') ? '#2a7de1' : '#9aa4b1';
      parts.push(`<rect x="${left}" y="${y - 12}" width="${bar.toFixed(1)}" height="14" rx="2" fill="${colour}"/>`);
      text(left + bar + 6, y, `${seconds.toFixed(2)} s`);
    }
    y += line / 2;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="${y + line}" font-family="sans-serif" font-size="13" fill="#24292f"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>\n`;
}
