import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linear, oneCycle } from '@superconvergence/schedules';
import { oneCycleLR as kerasOneCycle } from '@superconvergence/schedules/keras';
import { SaxesParser } from 'saxes';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lastJson, runBench } from '../testing/run-bench.ts';

let results: string;
beforeEach(() => {
  results = mkdtempSync(join(tmpdir(), 'bench-schedule-'));
});
afterEach(() => {
  rmSync(results, { recursive: true, force: true });
});

const schedule = (...args: string[]) => runBench(['schedule', ...args, '--results', results]);

/** How often each element is in a drawing; throws where it is not well-formed XML. */
function countElements(svg: string): Record<string, number> {
  const counts: Record<string, number> = {};
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => (counts[name] = (counts[name] ?? 0) + 1));
  parser.write(svg).close();
  return counts;
}

it('draws rate and momentum with their extremes, in the terminal and as SVG', async () => {
  const { stdout, exitCode } = await schedule(
    'one-cycle',
    '--max-lr',
    '3',
    '--steps',
    '1000',
    '--cycle-share=0.5',
  );
  const lines = stdout.split('\n');
  const path = join(results, 'schedule', 'oneCycle.svg');
  // The tail ends one step above 0: 0.15 · 1/500.
  expect(lines.filter((line) => line.includes('┤')).map((line) => line.trim().split(' ')[0])).toEqual(['3', '1.5', '0.0003', '0.95', '0.9', '0.85']); // prettier-ignore
  expect(lines.filter((line) => /^ +0 +updates done +999$/.test(line))).toHaveLength(2);
  expect(Math.max(...lines.filter((line) => !line.includes(path)).map(({ length }) => length))).toBe(80);
  expect(stdout).toContain(`drawing: ${path}`);
  expect(countElements(readFileSync(path, 'utf8')).path).toBe(2);
  expect(exitCode).toBe(0);
});

it('--json prints one point for each update, as the schedules have them', async () => {
  const finished = await schedule(
    'oneCycle',
    '--set',
    'maxLearningRate=0.4',
    '--set',
    'totalSteps=50',
    '--json',
  );
  const { learningRate, momentum } = oneCycle({ maxLearningRate: 0.4, totalSteps: 50 });
  expect(lastJson(finished)).toEqual(
    Array.from({ length: 50 }, (_, step) => ({
      step,
      learningRate: learningRate(step),
      momentum: momentum(step),
    })),
  );
  expect(finished.stdout.trim().split('\n')).toHaveLength(1);
});

it('--spec reads a specification; --steps draws more than the schedule has; --svg names the drawing', async () => {
  const schedule = linear({ from: 1, to: 3, steps: 4 });
  const [spec, svg] = [join(results, 'spec.json'), join(results, 'picture.svg')];
  writeFileSync(spec, JSON.stringify(schedule.spec));
  const finished = await runBench(['schedule', '--spec', spec, '--steps', '6', '--svg', svg, '--json']);
  expect(lastJson(finished)).toEqual(
    [0, 1, 2, 3, 4, 5].map((step) => ({ step, learningRate: schedule(step) })),
  );
  expect(countElements(readFileSync(svg, 'utf8')).path).toBe(1);
});

it('draws twice the largest number of steps where the schedule has no length', async () => {
  const list = ['multi-step', '--initial', '1', '--factor', '.5', '--milestones', '[2,3]'];
  const points = lastJson(await schedule(...list, '--json')) as { learningRate: number }[];
  expect(points.map(({ learningRate }) => learningRate)).toEqual([1, 1, 0.5, 0.25, 0.25, 0.25]);
});

it('--list names every schedule with its options', async () => {
  const { stdout } = await schedule('--list');
  expect(stdout).toMatch(/^linear +from to steps$/m);
  expect(stdout).toMatch(/^triangular +minimum maximum stepSize \[cycles\]$/m);
  expect(lastJson(await schedule('--list', '--json'))).toContainEqual({
    type: 'constant',
    options: [{ name: 'value', required: true }],
  });
});

it('draws the pair of another library, by its kebab-case name', async () => {
  const args = ['keras.one-cycle-lr', '--max-lr', '1', '--steps', '10', '--json'];
  const points = lastJson(await schedule(...args));
  const { learningRate, momentum } = kerasOneCycle({ maxLr: 1, numIterations: 10 });
  expect(points).toEqual(
    Array.from({ length: 10 }, (_, step) => ({
      step,
      learningRate: learningRate(step),
      momentum: momentum(step),
    })),
  );
});

it.each([
  [['one-cycle', '--max-rate', '3'], /unknown option '--max-rate'. oneCycle takes --total-steps, /],
  [
    ['one-cycle', '--max-lr', '-3', '--steps', '9'],
    /oneCycle: maxLearningRate must be a finite number > 0, got -3/,
  ],
  [['constant', '--value', '0', '--log'], /--log can only draw values above 0/],
  [['constant', '--value', '1', '--steps', '0'], /--steps.*'0' is invalid/],
])('bench schedule %j exits with 2 and says why', async (args, why) => {
  const { exitCode, stdout, stderr } = await schedule(...args);
  expect(stderr).toMatch(why);
  expect(stdout).toBe('');
  expect(exitCode).toBe(2);
});
