import { unescaped } from '../formats/mount-table.ts';

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
      const options = [...own, ...ofSuper.split(',')].filter((one) => one !== '').map(mountWord);
      return {
        id: words[0] ?? '',
        parent: words[1] ?? '',
        device: words[2] ?? '',
        root: mountWord(words[3] ?? ''),
        point: mountWord(words[4] ?? ''),
        own,
        fstype,
        source: mountWord(source),
        options: [...new Set(options)],
      };
    });
}

/** @param word of a line that has a character a byte (latin1) */
export function mountWord(word: string): string {
  return Buffer.from(unescaped(word), 'latin1').toString('utf8');
}

/**
 * sh: defines `plain WORD`, which sets `m` to what a word of proc(5)'s mount tables stands for. Not by `printf %b` alone:
 * a digit that follows a blank would be taken for one of `\040`. Holds no single quote.
 */
export const plainMountWord = String.raw`plain() {
  m=$1
  case $m in *\\*) m=$(printf "%b." "$(printf "%s\n" "$m" | sed "s/\\\\\([0-7]\{3\}\)/\\\\0\1/g")"); m=${'$'}{m%.};; esac
}`;
