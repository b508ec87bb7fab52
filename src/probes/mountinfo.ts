/** A line of /proc/self/mountinfo (proc(5)). */
export interface MountLine {
  readonly id: string;
  readonly parent: string;
  /** Where it is mounted. */
  readonly point: string;
  /** The part of its file system that is shown: `/` but for bind mounts. */
  readonly root: string;
  /** Major and minor number of its file system: `8:1`. */
  readonly device: string;
  readonly source: string;
  readonly fstype: string;
  /** Of the mount itself, then of its file system, as the kernel has them: `rw`, `noexec`, `size=1024k`. */
  readonly options: readonly string[];
  /** Only those of the mount itself: what a bind mount has of its own. */
  readonly own: readonly string[];
}

/** @param text of the file, a character a byte (latin1) */
export function readMountinfo(text: string): MountLine[] {
  return text
    .split('\n')
    .filter((line) => line.includes(' - '))
    .map((line): MountLine => {
      const words = line.split(' ');
      const [fstype = '', source = '', ofSuper = ''] = words.slice(words.indexOf('-', 6) + 1);
      const own = (words[5] ?? '').split(',');
      const options = [...own, ...ofSuper.split(',')].filter((one) => one !== '').map(unescaped);
      return {
        id: words[0] ?? '',
        parent: words[1] ?? '',
        device: words[2] ?? '',
        root: unescaped(words[3] ?? ''),
        point: unescaped(words[4] ?? ''),
        own,
        fstype,
        source: unescaped(source),
        options: [...new Set(options)],
      };
    });
}

/** proc(5): blanks, tabs, newlines and backslashes are octal. */
export function unescaped(word: string): string {
  const bytes = word.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
