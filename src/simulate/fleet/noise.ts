/** What hosts say all day: kernel noise, daemons, and users quoting the words of the OOM killer. */
import type { Random } from '../random.ts';

export interface NoiseLine {
  readonly facility: number;
  readonly severity: number;
  readonly program: string;
  readonly pid?: number;
  readonly text: string;
}

const KERNEL_NOISE: readonly [string, ...string[]] = [
  'eth0: link is up at 1000 Mbps, full duplex, flow control RX',
  'TCP: request_sock_TCP: Possible SYN flooding on port 8080. Sending cookies.',
  'EXT4-fs (sdb1): re-mounted. Opts: errors=remount-ro',
  'perf: interrupt took too long (2512 > 2500), lowering kernel.perf_event_max_sample_rate to 79500',
  'usb 2-1: new high-speed USB device number 4 using ehci-pci',
  'nf_conntrack: table full, dropping packet',
  'md: data-check of RAID array md0',
  'device veth1a2b3c4d entered promiscuous mode',
];

const USER_NOISE: readonly [NoiseLine, ...NoiseLine[]] = [
  { facility: 9, severity: 6, program: 'CROND', pid: 4411, text: '(root) CMD (run-parts /etc/cron.hourly)' },
  {
    facility: 4,
    severity: 6,
    program: 'sshd',
    pid: 9120,
    text: 'Accepted publickey for deploy from 192.0.2.44 port 51122',
  },
  { facility: 3, severity: 6, program: 'timekeeper', pid: 611, text: 'Selected source 192.0.2.123' },
  { facility: 3, severity: 4, program: 'metricsd', pid: 877, text: 'scrape of 127.0.0.1:9100 took 1.9 s' },
  { facility: 1, severity: 5, program: 'deployd', pid: 2210, text: 'release 418 rolled out' },
];

/** Userland that quotes the kernel: no report may come of these. */
const DECOYS: readonly [NoiseLine, ...NoiseLine[]] = [
  {
    facility: 1,
    severity: 5,
    program: 'root',
    text: 'batchrun invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0',
  },
  {
    facility: 3,
    severity: 4,
    program: 'logtail',
    pid: 5150,
    text: 'kernel: Out of memory: Kill process 4242 (batchrun) score 812 or sacrifice child',
  },
  {
    facility: 1,
    severity: 6,
    program: 'chatbridge',
    pid: 720,
    text: 'did anybody see Killed process 4242 (batchrun)?',
  },
];

/** A program that calls itself the kernel; only its facility gives it away. */
const IMPOSTOR: NoiseLine = {
  facility: 1,
  severity: 4,
  program: 'kernel',
  text: 'Out of memory: Killed process 4242 (batchrun) total-vm:812000kB, anon-rss:640000kB, file-rss:0kB, shmem-rss:0kB',
};

/** One line of everyday talk. */
export function noiseLine(random: Random): NoiseLine {
  if (random.chance(0.35)) {
    return { facility: 0, severity: random.int(4, 6), program: 'kernel', text: random.pick(KERNEL_NOISE) };
  }
  return random.pick(USER_NOISE);
}

/**
 * One line that quotes the OOM killer. Where the facility travels with the line it may even come from an impostor of the
 * kernel; elsewhere nobody could tell.
 */
export function decoyLine(random: Random, facilityTravels: boolean): NoiseLine {
  return facilityTravels && random.chance(0.3) ? IMPOSTOR : random.pick(DECOYS);
}
