/** Only the kernel speaks for the kernel. */
import type { Trust } from '../../domain.ts';
import { KERN } from './priority.ts';

export interface TrustOptions {
  /** The operator says that every line of the topics is the kernel's. */
  readonly kernelOnly: boolean;
  /** Where no facility travelled, a program named `kernel` will do. */
  readonly trustProgram: boolean;
}

export interface Speaker {
  readonly facility?: number;
  readonly program?: string;
  readonly transport?: string;
  readonly processOutput?: boolean;
}

/**
 * Why a line counts as the kernel's; undefined when it does not.
 *
 * A journal transport other than `kernel` decides against it whatever else is claimed, because any process may send
 * any identifier. Transport `kernel` also covers what processes write to /dev/kmsg, but those never carry facility 0
 * (source: journald-kmsg.c; old releases write no facility for the kernel's own).
 */
export function trustOf(speaker: Speaker, options: TrustOptions): Trust | undefined {
  const { facility, program, transport } = speaker;
  const claimed = statedTrust();
  if (claimed !== undefined) return claimed;
  return options.kernelOnly ? 'topic' : undefined;

  function statedTrust(): Trust | undefined {
    if (speaker.processOutput) return undefined;
    if (transport !== undefined) {
      return transport === 'kernel' && (facility === undefined || facility === KERN) ? 'facility' : undefined;
    }
    if (facility !== undefined) return facility === KERN ? 'facility' : undefined;
    return options.trustProgram && program === 'kernel' ? 'program' : undefined;
  }
}
