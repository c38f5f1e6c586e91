/**
 * Lets tfjs-node and tfjs-node-gpu run on Node 23 and newer when they are imported directly (after `link`):
 * import this first, or `node --import @superconvergence/engine/compat main.js`. `loadEngine` does it by itself.
 */
import { restoreUtilFunctions } from './restore-util.ts';

restoreUtilFunctions();
