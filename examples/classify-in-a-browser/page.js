import * as tf from '@tensorflow/tfjs';

/**
 * What train.ts wrote beside the pictures' bytes.
 *
 * @typedef {{ mean: number[], std: number[], classNames: string[], labels: number[], logits: number[][] }} Pictures
 */

const size = 32;

/** @param {string} selector @param {ParentNode} parent @returns {any} */
const find = (selector, parent = document) => parent.querySelector(selector);

/** @param {string} text */
function say(text) {
  find('#status').textContent = text;
}

/** @param {string} file */
async function load(file) {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file} is missing: run the script \`train\` first`);
  return response;
}

/**
 * A card with the picture and its true label.
 *
 * @param {Uint8Array} bytes height, width, channels
 * @param {string} label
 */
function addCard(bytes, label) {
  const card = find('#card').content.cloneNode(true).firstElementChild;
  const pixels = new ImageData(size, size);
  for (let i = 0; i < size * size; i++) pixels.data.set([...bytes.subarray(3 * i, 3 * i + 3), 255], 4 * i);
  find('canvas', card).getContext('2d').putImageData(pixels, 0, 0);
  find('.true', card).textContent = label;
  find('#pictures').append(card);
  return card;
}

/**
 * @param {tf.LayersModel} model
 * @param {Uint8Array} bytes
 * @param {Pictures} pictures
 * @returns {Promise<{ logits: number[], probabilities: number[] }>}
 */
async function classify(model, bytes, { mean, std }) {
  const image = Float32Array.from(bytes, (byte, i) => (byte / 255 - (mean[i % 3] ?? 0)) / (std[i % 3] ?? 1));
  const [logits, probabilities] = tf.tidy(() => {
    const output = /** @type {tf.Tensor} */ (model.predict(tf.tensor4d(image, [1, size, size, 3])));
    return [output, tf.softmax(output)];
  });
  const result = { logits: [...(await logits.data())], probabilities: [...(await probabilities.data())] };
  tf.dispose([logits, probabilities]);
  return result;
}

/** ‖a − b‖₂ / ‖b‖₂ @param {number[]} a @param {number[]} b */
function relativeDistance(a, b) {
  return Math.hypot(...a.map((value, i) => value - (b[i] ?? NaN))) / Math.hypot(...b);
}

async function run() {
  // ?backend=cpu or ?backend=webgl; without it tfjs takes the fastest that there is.
  const backend = new URLSearchParams(location.search).get('backend');
  if (backend !== null && !(await tf.setBackend(backend))) throw new Error(`no backend ${backend} here`);
  await tf.ready();
  const pictures = /** @type {Pictures} */ (await (await load('model/pictures.json')).json());
  const bytes = new Uint8Array(await (await load('model/pictures.bin')).arrayBuffer());
  const model = await tf.loadLayersModel('model/model.json');
  const { classNames, labels } = pictures;
  const bytesOf = (/** @type {number} */ i) => bytes.subarray(i * size * size * 3, (i + 1) * size * size * 3);
  const cards = labels.map((label, i) => addCard(bytesOf(i), classNames[label] ?? ''));

  const logits = [];
  let numRight = 0;
  for (const [i, label] of labels.entries()) {
    say(`Classifying, ${i + 1} of ${labels.length} …`);
    const result = await classify(model, bytesOf(i), pictures);
    logits.push(result.logits);
    const probability = Math.max(...result.probabilities);
    const predicted = result.probabilities.indexOf(probability);
    if (predicted === label) numRight += 1;
    cards[i].className = predicted === label ? 'right' : 'wrong';
    find('.predicted', cards[i]).textContent = classNames[predicted];
    find('.probability', cards[i]).textContent = `${(100 * probability).toFixed(1)} %`;
    find('meter', cards[i]).value = probability;
    await tf.nextFrame();
  }
  find('#logits').textContent = JSON.stringify(logits);
  const distance = relativeDistance(logits.flat(), pictures.logits.flat());
  say(
    `${numRight} of ${labels.length} right, on tfjs's ${tf.getBackend()} backend; ` +
      `the logits differ from Node's by ${distance.toExponential(1)} of their size.`,
  );
  document.body.dataset.state = 'done';
}

try {
  await run();
} catch (error) {
  say(`It failed: ${error instanceof Error ? error.message : error}`);
  document.body.dataset.state = 'failed';
}
