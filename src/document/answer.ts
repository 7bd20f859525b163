/** The scalars below `oom` that are not about memory: the answer, the event, the kernel, the request, the origin. */
import type { Analysis, OomReport } from '../domain.ts';
import { formatVersion } from '../kernel/version.ts';
import { kbToBytes } from '../units.ts';
import { killCount } from './event.ts';
import type { Leaves } from './fields.ts';

export function answerLeaves(report: OomReport, analysis: Analysis): Leaves {
  return {
    'oom.verdict': analysis.verdict,
    'oom.contributing': analysis.contributing,
    'oom.holder': analysis.holder,
    'oom.confidence': analysis.confidence,
    'oom.findings': analysis.findings.map((finding) => finding.code),
    'oom.explanation': analysis.paragraph,
    'oom.scope': report.scope,
    'oom.constraint': report.summary?.constraint,
    'oom.kills': killCount(report),
    'oom.complete': report.complete,
    'oom.missing': report.missing,
    'oom.issues': [...new Set(report.issues.map((issue) => issue.code))],
    'oom.truncated': report.truncated,
    'oom.trust': report.trust,
    'oom.time_source': analysis.identity.timeSource,
    'oom.page_size_bytes': kbToBytes(analysis.pageSizeKb),
    'oom.analyzer.revision': analysis.identity.version % 1024,
    'oom.analyzer.lines': report.recognisedLines,
  };
}

export function kernelLeaves(report: OomReport, analysis: Analysis): Leaves {
  const { kernel, taskHeader } = report;
  return {
    'oom.kernel.version': kernel.version && formatVersion(kernel.version),
    'oom.kernel.vendor': kernel.vendor,
    'oom.kernel.address_bits': kernel.addressBits,
    'oom.kernel.pae': kernel.pae,
    'oom.kernel.taint': taskHeader?.taint,
    'oom.kernel.monotonic_us': report.anchor.bootUs,
    'oom.kernel.watermark_rule': analysis.watermarkRule,
  };
}

export function triggerLeaves({ trigger, taskHeader }: OomReport, { gfp }: Analysis): Leaves {
  if (!trigger) return {};
  return {
    'oom.trigger.name': trigger.name,
    'oom.trigger.pid': trigger.pid,
    'oom.trigger.gfp_mask': trigger.gfpMask,
    'oom.trigger.gfp_flags': gfp?.flags,
    'oom.trigger.zone': gfp?.zone,
    'oom.trigger.purpose': gfp?.purpose,
    'oom.trigger.order': trigger.order,
    'oom.trigger.adj': trigger.oomScoreAdj,
    'oom.trigger.cpu': trigger.cpu ?? taskHeader?.cpu,
    'oom.trigger.nodemask': trigger.nodemask,
  };
}

export function sourceLeaves({ firstPosition, lastPosition }: OomReport): Leaves {
  return {
    'oom.source.topic': firstPosition.topic,
    'oom.source.partition': firstPosition.partition,
    'oom.source.offset_first': firstPosition.offset,
    'oom.source.offset_last': lastPosition.offset,
  };
}
