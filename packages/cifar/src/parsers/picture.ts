/** One decoded picture. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: RGB. */
  readonly channels: 1 | 3;
  /** `[height, width, channels]` row-major, each `0 … 255`. */
  readonly pixels: Uint8Array;
}
