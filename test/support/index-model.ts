/**
 * What Elasticsearch does with our writes, and no more: external versions, the strictly greater wins; a delete is a write that
 * leaves a version behind, until it is forgotten (index.gc_deletes).
 */
import type { DocumentWrite } from '../../src/ports.ts';

export interface StoredDocument {
  readonly index: string;
  readonly id: string;
  readonly version: number;
  readonly document: Readonly<Record<string, unknown>>;
}

export class IndexModel {
  readonly #documents = new Map<string, StoredDocument>();
  readonly #tombstones = new Map<string, number>();

  /** Stores the document and deletes what it supersedes; says whether the index took it. */
  write({ index, id, version, document, supersedes }: DocumentWrite): 'stored' | 'conflict' {
    const key = `${index}/${id}`;
    const taken = version > this.#versionOf(key);
    if (taken) {
      this.#tombstones.delete(key);
      this.#documents.set(key, { index, id, version, document });
    }
    for (const old of supersedes) this.#delete(`${old.index}/${old.id}`, version);
    return taken ? 'stored' : 'conflict';
  }

  /** The index forgets the versions of what was deleted. */
  forgetDeletes(): void {
    this.#tombstones.clear();
  }

  /** All documents in the order of their keys. */
  documents(): StoredDocument[] {
    return [...this.#documents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, document]) => document);
  }

  #versionOf(key: string): number {
    return this.#documents.get(key)?.version ?? this.#tombstones.get(key) ?? -1;
  }

  #delete(key: string, version: number): void {
    if (version <= this.#versionOf(key)) return;
    this.#documents.delete(key);
    this.#tombstones.set(key, version);
  }
}
