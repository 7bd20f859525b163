/** Lines that only the host's own tools print. */

const HOST_LINE =
  /^\s{0,40}(?:[#$] |vm\.[a-z_]{1,64}\s?=|\/proc\/sys\/|top - \d|PID USER |total\s{1,16}used\s{1,16}free|(?:[KMGT]iB )?(?:Mem|Swap|Low|High) ?:\s|[A-Z][A-Za-z_()]{2,24}:\s{1,24}\d{1,15} kB$|Node {1,4}\d{1,4}, zone |Page block order:)/;

/** True when a line opens or continues output of sysctl, free, top or a file of /proc: no kernel message goes on with it. */
export const isHostOutput = (text: string): boolean => HOST_LINE.test(text);
