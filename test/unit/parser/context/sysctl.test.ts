import { describe, expect, it } from 'vitest';
import { readContext } from '../../../../src/parser/index.ts';

const vm = (text: string) => readContext(text).vm;

describe('sysctl', () => {
  it('reads what sysctl -a prints, each with its line', () => {
    const text = [
      "# sysctl -a | grep '^vm'",
      'vm.overcommit_memory = 0',
      'vm.panic_on_oom = 0',
      'vm.lowmem_reserve_ratio = 256\t32\t32',
      'vm.min_free_kbytes = 8192',
      'vm.dirty_ratio = 20',
    ].join('\n');
    expect(readContext(text, 'host.txt').vm).toEqual({
      overcommitMemory: { value: 0, path: 'host.txt', line: 1 },
      panicOnOom: { value: 0, path: 'host.txt', line: 2 },
      lowmemReserveRatio: { values: [256, 32, 32], path: 'host.txt', line: 3 },
      minFreeKbytes: { value: 8192, path: 'host.txt', line: 4 },
    });
  });

  it('reads sysctl.conf and leaves its comments', () => {
    const text = '# vm.swappiness = 10\n;vm.swappiness = 11\nvm.swappiness=12\nvm.swappiness = 13';
    expect(vm(text).swappiness).toMatchObject({ value: 12, line: 2 });
  });

  it.each([
    ['grep', '/proc/sys/vm/swappiness:30', 0],
    ['cat', '$ cat /proc/sys/vm/swappiness\n30', 1],
    ['tail', '==> /proc/sys/vm/swappiness <==\n30', 1],
  ])('reads files of /proc/sys/vm by %s', (_by, text, line) => {
    expect(vm(text).swappiness).toMatchObject({ value: 30, line });
  });

  it.each([
    ['quoted', '> > vm.swappiness = 5'],
    ['indented', '    vm.swappiness = 5'],
    ['logged', 'Sep 23 02:10:00 relay07 collect[812]: vm.swappiness = 5'],
    ['with a carriage return', 'vm.swappiness = 5\r'],
    ['quoted-printable', 'a=3Db\nvm.swappiness=3D5'],
  ])('reads a line that is %s', (_how, text) => {
    expect(vm(text).swappiness?.value).toBe(5);
  });

  it.each([
    ['prose', 'I set vm.swappiness = 5 yesterday'],
    ['a command', 'sysctl -w vm.swappiness=5'],
    ['no number', 'vm.swappiness = low'],
    ['several numbers', 'vm.swappiness = 5 6'],
    ['a kernel message', '[  812.000001] vm.swappiness = 5'],
    ['a kernel message in syslog', 'Sep 23 02:10:00 relay07 kernel: vm.swappiness = 5'],
    ['an unknown setting', 'vm.__proto__ = 5\nvm.constructor = 5'],
    ['a file without a value', '$ cat /proc/sys/vm/swappiness'],
  ])('takes %s for no setting', (_what, text) => {
    expect(vm(text)).toEqual({});
  });
});
