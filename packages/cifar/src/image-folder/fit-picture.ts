import type { Picture } from '../parsers/picture.ts';

/**
 * Cuts a picture to the proportions of the wanted size, in its middle, and scales it by linear interpolation; what gets
 * smaller is averaged over the pixels that fall together (Pillow's and torchvision's `bilinear` with antialiasing).
 */
export function fitPicture(picture: Picture, [height, width]: readonly [number, number]): Picture {
  if (picture.height === height && picture.width === width) return picture;
  const crop = cropTo(picture, width / height);
  const columns = axisWeights(crop.width, width);
  const rows = axisWeights(crop.height, height);
  const { channels } = picture;
  const narrowed = new Float64Array(crop.height * width * channels);
  for (let y = 0; y < crop.height; y++) {
    const line = ((crop.top + y) * picture.width + crop.left) * channels;
    for (let x = 0; x < width; x++) {
      const { first, weights } = columns[x] ?? noWeights;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        weights.forEach((weight, i) => {
          sum += weight * (picture.pixels[line + (first + i) * channels + c] ?? 0);
        });
        narrowed[(y * width + x) * channels + c] = sum;
      }
    }
  }
  const pixels = new Uint8Array(height * width * channels);
  const lineLength = width * channels;
  for (let y = 0; y < height; y++) {
    const { first, weights } = rows[y] ?? noWeights;
    for (let x = 0; x < lineLength; x++) {
      let sum = 0;
      weights.forEach((weight, i) => {
        sum += weight * (narrowed[(first + i) * lineLength + x] ?? 0);
      });
      pixels[y * lineLength + x] = Math.round(sum);
    }
  }
  return { width, height, channels, pixels };
}

/** Grey to RGB repeats the value; RGB to grey weighs by the luma of ITU-R BT.601, as Pillow's `convert('L')` does. */
export function withChannels(picture: Picture, channels: 1 | 3): Picture {
  if (picture.channels === channels) return picture;
  const { width, height, pixels: from } = picture;
  const pixels = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    if (channels === 3) pixels.fill(from[i] ?? 0, 3 * i, 3 * i + 3);
    else {
      const [red = 0, green = 0, blue = 0] = from.subarray(3 * i, 3 * i + 3);
      pixels[i] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    }
  }
  return { width, height, channels, pixels };
}

interface AxisWeights {
  readonly first: number;
  readonly weights: readonly number[];
}

const noWeights: AxisWeights = { first: 0, weights: [] };

function cropTo(
  { width, height }: Picture,
  aspect: number,
): { left: number; top: number; width: number; height: number } {
  const cropWidth = Math.max(1, Math.min(width, Math.round(height * aspect)));
  const cropHeight = Math.max(1, Math.min(height, Math.round(width / aspect)));
  const left = Math.floor((width - cropWidth) / 2);
  return { left, top: Math.floor((height - cropHeight) / 2), width: cropWidth, height: cropHeight };
}

/** For every new pixel the old ones that it is made of: a triangle as wide as two of the larger pixels, of sum 1. */
function axisWeights(from: number, to: number): AxisWeights[] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(from, Math.floor(centre + reach + 0.5));
    const triangle = Array.from({ length: end - first }, (_unused, k) =>
      Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / reach),
    );
    const sum = triangle.reduce((total, weight) => total + weight, 0);
    return { first, weights: triangle.map((weight) => weight / sum) };
  });
}
