import { expect, it } from 'vitest';
import { readSchedule } from './schedule-arguments.ts';

const [totalSteps, maxLearningRate] = [100, 3];

it.each([
  ['one-cycle --max-lr 3 --total-steps 100', { type: 'oneCycle', maxLearningRate, totalSteps }],
  ['oneCycle --max-learning-rate=3 --totalSteps=100', { type: 'oneCycle', maxLearningRate, totalSteps }],
  ['multi-step --initial .5 --factor 1e-1 --milestones [3,6]', { type: 'multiStep', initial: 0.5, factor: 0.1, milestones: [3, 6] }], // prettier-ignore
  ['keras.one-cycle-lr --max-lr 3 --num-iterations 100 --strict', { type: 'keras.oneCycleLR', maxLr: 3, numIterations: 100, strict: true }], // prettier-ignore
  ['keras.cyclic-lr --mode exp_range', { type: 'keras.cyclicLR', mode: 'exp_range' }],
  // What is out of range is for the schedule itself to say.
  ['constant --value -1', { type: 'constant', value: -1 }],
])('reads %s', (line, spec) => {
  expect(readSchedule(line.split(' '), {})).toEqual(spec);
});

it('takes options by --set, and --steps for a length that is not given', () => {
  const set = ['maxLr=3', 'cycleShare=0.5'];
  const spec = { type: 'oneCycle', maxLearningRate, cycleShare: 0.5 };
  expect(readSchedule(['one-cycle'], { set, steps: 50 })).toEqual({ ...spec, totalSteps: 50 });
  const args = ['one-cycle', '--total-steps', '100'];
  expect(readSchedule(args, { set, steps: 50 })).toEqual({ ...spec, totalSteps });
  expect(readSchedule(['constant', '--value', '1'], { steps: 50 })).toEqual({ type: 'constant', value: 1 });
});

it.each([
  [
    'one-cycle --max-rate 3',
    {},
    /unknown option '--max-rate'. oneCycle takes --total-steps, --max-learning-rate, /,
  ],
  ['one-cycle', { set: ['peak=3'] }, /unknown option '--peak'/],
  ['one-cycle', { set: ['maxLr'] }, /--set needs OPTION=VALUE, got maxLr/],
  ['one-cycle --max-lr 3', {}, /oneCycle needs --total-steps\./],
  ['one-cycle 3', {}, /3 follows no option/],
  ['one-cycel', {}, /There is no schedule one-cycel. There are: .*oneCycle.*triangular/],
  ['', {}, /Name the schedule first/],
  ['--max-lr 3', {}, /Name the schedule first/],
  ['constant', { spec: 'spec.json' }, /--spec has the whole schedule/],
  ['', { spec: '/lost.json' }, /Can't read --spec from \/lost.json: .*no such file/],
])('refuses %j %j', (line, options, why) => {
  const args = line === '' ? [] : line.split(' ');
  expect(() => readSchedule(args, options)).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringMatching(why) as string })); // prettier-ignore
});
