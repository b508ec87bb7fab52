import { ProbeFailure, type ProbeKind, type Question } from '../../contract/index.ts';
import { lvmSubject } from './volume-group.probe.ts';

/** What a device is to LVM. */
export interface BlockDevice {
  /** Bytes. */
  readonly bytes: number;
  /** The group it belongs to; empty for none. */
  readonly group: string;
  /** Where the first extent begins, in bytes; 0 where LVM has not marked it. */
  readonly start: number;
}

/** What LVM leaves at the beginning of a device for itself (`default_data_alignment` of lvm.conf(5)). */
export const usualStart = 1024 ** 2;

const kind: ProbeKind<BlockDevice> = {
  kind: 'block-device',
  arity: 1,
  timeout: 120,
  sh: `t=$(printf '\\t')
if command -v pvs >/dev/null 2>&1; then
  LC_ALL=C pvs --noheadings --nosuffix --units b --separator "$t" -o pe_start,vg_name,pv_name 2>/dev/null | while IFS= read -r line; do
    printf '%s\\t%s\\n' "\${line#"\${line%%[! ]*}"}" "$(readlink -e -- "\${line##*"$t"}")"
  done
fi
printf '\\0'
xargs -0 sh -c 'for p do r=$(readlink -e -- "$p"); printf "%s\\0%s\\0" "$r" "$(blockdev --getsize64 "$r" 2>/dev/null)"; done' sh`,
  decode(stdout, questions) {
    const [table = '', ...answers] = stdout.toString('utf8').split('\0');
    const marked = table.split('\n').map((line) => line.split('\t'));
    return questions.map(([path = ''], i) => {
      const [real = '', bytes = ''] = answers.slice(i * 2, i * 2 + 2);
      if (bytes === '') return new ProbeFailure(`the size of ${path} cannot be told`);
      const [start = '0', group = ''] = marked.find(([, , , at]) => at === real) ?? [];
      return { bytes: Number(bytes), group, start: Number(start) };
    });
  },
  depends: ([path = '']) => [{ on: 'path', path }, lvmSubject, { on: 'packages' }],
};

/** How large a block device is, and whether LVM has marked it as its own. */
export function blockDevice(path: string): Question<BlockDevice> {
  return { kind, args: [path] };
}
