import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import { momentumUpdate, type MomentumUpdateOptions } from './index.ts';
import { engineHasKernels, withEngineFlag } from './testing/engine-flag.ts';
import { expectTraceable } from './testing/expect-traceable.ts';
import { expectClose, wave } from './testing/expectations.ts';
import { onEveryBackend } from './testing/on-every-backend.ts';
import type { NativeBackend } from './training-op.ts';

const VARIANTS = [
  // g = 0.5 + 0.1·2 = 0.7 everywhere.
  // v = 0.9·1 + 0.7 = 1.6; w = 2 − 0.1·1.6.
  { nesterov: false, form: 'torch', velocity: 1.6, weight: 1.84 },
  // w = 2 − 0.1·(0.7 + 0.9·1.6).
  { nesterov: true, form: 'torch', velocity: 1.6, weight: 1.786 },
  // v = 0.9·1 + 0.1·0.7 = 0.97; w = 2 − 0.97.
  { nesterov: false, form: 'caffe', velocity: 0.97, weight: 1.03 },
  // w = 2 − (1.9·0.97 − 0.9·1).
  { nesterov: true, form: 'caffe', velocity: 0.97, weight: 1.057 },
] as const;

onEveryBackend((backend) => {
  describe('momentumUpdate', () => {
    test.each(VARIANTS)('hand-computed: %j', ({ nesterov, form, velocity, weight }) => {
      tf.tidy(() => {
        const next = momentumUpdate(
          {
            weight: tf.tensor2d([[2]]),
            velocity: tf.tensor2d([[1]]),
            gradient: tf.tensor2d([[0.5]]),
            ...scalars(0.1),
          },
          { nesterov, form },
        );
        expectClose(next.weight, [weight], 1e-6);
        expectClose(next.velocity, [velocity], 1e-6);
        expect(next.weight.shape).toEqual([1, 1]);
      });
    });

    test('no weight decay is a weight decay of 0, and the default is torch’s Nesterov', () => {
      tf.tidy(() => {
        const without = run({}, undefined);
        const zero = run({ nesterov: true, form: 'torch' }, 0);
        expect(without.weight.dataSync()).toEqual(zero.weight.dataSync());
        expect(without.velocity.dataSync()).toEqual(zero.velocity.dataSync());
      });
    });

    test('changes none of its inputs', () => {
      tf.tidy(() => {
        const weight = tf.tensor1d([1, 2]);
        const velocity = tf.tensor1d([3, 4]);
        momentumUpdate({ weight, velocity, gradient: tf.tensor1d([5, 6]), ...scalars(0.1) });
        expectClose(weight, [1, 2], 0);
        expectClose(velocity, [3, 4], 0);
      });
    });

    test('can be traced', () => {
      expectTraceable(() => run({}, 0.1));
    });

    test('wrong arguments are named', () => {
      tf.tidy(() => {
        const [weight, velocity, gradient] = [tf.zeros([2]), tf.zeros([2]), tf.zeros([2])];
        const good = { weight, velocity, gradient, ...scalars(0) };
        expect(() => momentumUpdate({ ...good, velocity: tf.zeros([3]) })).toThrow(
          new RangeError('velocity must have the shape of weight, [2], but has [3]'),
        );
        expect(() => momentumUpdate({ ...good, gradient: tf.zeros([2], 'int32') })).toThrow(
          new TypeError('gradient must be float32, but is int32'),
        );
        expect(() => momentumUpdate({ ...good, momentum: tf.zeros([1]) as never })).toThrow(
          'momentum must have rank 0, but has shape [1]',
        );
      });
    });
  });

  if (backend === 'tensorflow') {
    test('with the engine’s operations, one of them', () => {
      tf.tidy(() => {
        const native = tf.backend() as unknown as NativeBackend;
        const results = [tf.tensor1d([1]), tf.tensor1d([2])];
        const execute = vi.spyOn(native, 'executeMultipleOutputs').mockReturnValue(results);
        try {
          const next = withEngineFlag(true, () => run({ nesterov: false, form: 'caffe' }, undefined));
          expect([next.weight, next.velocity]).toEqual(results);
          const [name, attributes, inputs, numOutputs] = execute.mock.calls[0] ?? [];
          expect(name).toBe('SuperconvergenceMomentumUpdate');
          const { TF_ATTR_BOOL: type } = native.binding;
          expect(attributes).toEqual([
            { name: 'nesterov', type, value: false },
            { name: 'caffe', type, value: true },
          ]);
          expect(inputs?.map(({ shape }) => shape)).toEqual([[5], [5], [5], [], [], []]);
          expect(numOutputs).toBe(2);
        } finally {
          execute.mockRestore();
        }
      });
    });

    test.for(VARIANTS)('the engine’s operation agrees: %j', (options, { skip }) => {
      skip(!engineHasKernels(), 'this engine has no operations of its own');
      tf.tidy(() => {
        const ours = run(options, 0.1);
        const composed = withEngineFlag(false, () => run(options, 0.1));
        expectClose(ours.weight, Array.from(composed.weight.dataSync()), 1e-6);
        expectClose(ours.velocity, Array.from(composed.velocity.dataSync()), 1e-6);
      });
    });
  }
});

function scalars(weightDecay: number): Record<'learningRate' | 'momentum' | 'weightDecay', tf.Scalar> {
  return { learningRate: tf.scalar(0.1), momentum: tf.scalar(0.9), weightDecay: tf.scalar(weightDecay) };
}

function run(
  options: MomentumUpdateOptions,
  weightDecay: number | undefined,
): { weight: tf.Tensor; velocity: tf.Tensor } {
  const { weightDecay: decay, ...others } = scalars(weightDecay ?? 0);
  const [weight, velocity, gradient] = [wave([5], 1), wave([5], 2), wave([5], 3)];
  const inputs = { weight, velocity, gradient, ...others };
  return momentumUpdate(weightDecay === undefined ? inputs : { ...inputs, weightDecay: decay }, options);
}
