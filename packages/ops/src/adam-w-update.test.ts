import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import { adamWUpdate, type AdamWUpdateInputs } from './index.ts';
import { engineHasKernels, withEngineFlag } from './testing/engine-flag.ts';
import { expectTraceable } from './testing/expect-traceable.ts';
import { expectClose, wave } from './testing/expectations.ts';
import { onEveryBackend } from './testing/on-every-backend.ts';
import type { NativeBackend } from './training-op.ts';

onEveryBackend((backend) => {
  describe('adamWUpdate', () => {
    test('two steps by hand', () => {
      tf.tidy(() => {
        // m = 0.1·0.5, v = 0.001·0.5²; corrected 0.5 and 0.25, so the change is the rate: 1 − 0.1·0.01·1 − 0.1.
        const first = adamWUpdate(inputs({ gradient: tf.tensor1d([0.5]) }));
        expectClose(first.firstMoment, [0.05], 1e-8);
        expectClose(first.secondMoment, [0.00025], 1e-10);
        expectClose(first.weight, [0.899], 1e-6);
        // m = 0.9·0.05 − 0.1·0.25 = 0.02, v = 0.999·0.00025 + 0.001·0.0625 = 0.00031225;
        // (0.02/0.19) / √(0.00031225/0.001999) = 0.2663370; 0.899·0.999 − 0.1·0.2663370.
        const second = adamWUpdate(inputs({ ...first, gradient: tf.tensor1d([-0.25]), step: tf.scalar(2) }));
        expectClose(second.firstMoment, [0.02], 1e-8);
        expectClose(second.secondMoment, [0.00031225], 1e-10);
        expectClose(second.weight, [0.8714673], 1e-6);
      });
    });

    test('β = 0 needs no correction; epsilon is added to the root; no decay when there is none', () => {
      tf.tidy(() => {
        const betas = { beta1: tf.scalar(0), beta2: tf.scalar(0), weightDecay: undefined };
        // 1 − 0.1·3/(√9 + 1)
        const { weight } = adamWUpdate(inputs({ gradient: tf.tensor1d([3]), ...betas }), { epsilon: 1 });
        expectClose(weight, [0.925], 1e-6);
      });
    });

    test('can be traced', () => {
      expectTraceable(() => adamWUpdate(inputs({})));
    });

    test('wrong arguments are named', () => {
      tf.tidy(() => {
        expect(() => adamWUpdate(inputs({ secondMoment: tf.zeros([2]) }))).toThrow(
          new RangeError('secondMoment must have the shape of weight, [1], but has [2]'),
        );
        expect(() => adamWUpdate(inputs({ step: tf.scalar(1, 'int32') }))).toThrow(
          new TypeError('step must be float32, but is int32'),
        );
        expect(() => adamWUpdate(inputs({}), { epsilon: -1 })).toThrow(
          new RangeError('epsilon must be a number, at least 0, but is -1'),
        );
      });
    });
  });

  if (backend === 'tensorflow') {
    test('with the engine’s operations, one of them', () => {
      tf.tidy(() => {
        const native = tf.backend() as unknown as NativeBackend;
        const results = [tf.tensor1d([1]), tf.tensor1d([2]), tf.tensor1d([3])];
        const execute = vi.spyOn(native, 'executeMultipleOutputs').mockReturnValue(results);
        try {
          const given = inputs({ step: tf.scalar(7) });
          const next = withEngineFlag(true, () => adamWUpdate(given, { epsilon: 1e-7 }));
          expect([next.weight, next.firstMoment, next.secondMoment]).toEqual(results);
          const [name, attributes, tensors, numOutputs] = execute.mock.calls[0] ?? [];
          expect(name).toBe('SuperconvergenceAdamWUpdate');
          const { TF_ATTR_FLOAT, TF_ATTR_TYPE, TF_FLOAT } = native.binding;
          expect(attributes).toEqual([
            { name: 'epsilon', type: TF_ATTR_FLOAT, value: 1e-7 },
            { name: 'Tstep', type: TF_ATTR_TYPE, value: TF_FLOAT },
          ]);
          const { weight, firstMoment, secondMoment, gradient } = given;
          const { learningRate, beta1, beta2, weightDecay, step } = given;
          const expected = [weight, firstMoment, secondMoment, gradient];
          expect(tensors).toEqual([...expected, learningRate, beta1, beta2, weightDecay, step]);
          expect(numOutputs).toBe(3);
        } finally {
          execute.mockRestore();
        }
      });
    });

    test('the engine’s operation agrees', ({ skip }) => {
      skip(!engineHasKernels(), 'this engine has no operations of its own');
      tf.tidy(() => {
        const given = inputs({
          weight: wave([7], 1),
          firstMoment: wave([7], 2),
          secondMoment: wave([7], 3).square(),
          gradient: wave([7], 4),
          step: tf.scalar(3),
        });
        const ours = adamWUpdate(given);
        const composed = withEngineFlag(false, () => adamWUpdate(given));
        for (const name of ['weight', 'firstMoment', 'secondMoment'] as const) {
          expectClose(ours[name], Array.from(composed[name].dataSync()), 1e-6);
        }
      });
    });
  }
});

function inputs(given: Partial<AdamWUpdateInputs>): AdamWUpdateInputs {
  return {
    weight: tf.tensor1d([1]),
    firstMoment: tf.tensor1d([0]),
    secondMoment: tf.tensor1d([0]),
    gradient: tf.tensor1d([0.5]),
    learningRate: tf.scalar(0.1),
    beta1: tf.scalar(0.9),
    beta2: tf.scalar(0.999),
    weightDecay: tf.scalar(0.01),
    step: tf.scalar(1),
    ...given,
  };
}
