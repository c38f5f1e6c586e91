import type { ComparisonResult } from '../experiments/comparison.ts';
import { suggestionsOf, type RangeTestRunResult } from '../experiments/range-test-run.ts';
import type { Reproduction } from '../experiments/reproduction.ts';
import type { TimingResult } from '../experiments/timing.ts';
import { mean, standardDeviation } from '../statistics.ts';
import { armChart, rangeTestCharts, scheduleChart } from './experiment-charts.ts';
import type { ReportSection } from './render-report.ts';
import { suggestionHead, suggestionRows } from './suggestion-rows.ts';

/** What the reproduction's experiments found, one section each. */
export function reproductionSections({
  timings,
  rangeTests,
  comparison,
  plan,
}: Reproduction): ReportSection[] {
  return [
    timingSection(timings),
    rangeTestSection(rangeTests, plan.rangeTest),
    comparisonSection(comparison, plan.comparison),
  ];
}

function timingSection(timings: readonly TimingResult[]): ReportSection {
  const [first] = timings;
  return {
    id: 'timing',
    title: 'WRN-16-10 and ResNet-50',
    paragraphs: [
      `Forward pass and all gradients of ${first?.iterations ?? 0} batches of ${first?.batchSize ?? 0} random images, after two untimed ones. ` +
        'The original (domluna/SuperConvergence) took 7.95 s for ten batches on a GPU that it does not name.',
      'Its “20 times slower than ResNet-50” compares with another program’s ResNet-50 on images of 224×224, which does more work than ' +
        'WRN-16-10: 4.1 against 2.4 billion multiply-accumulates. So it spoke about the software, not about the networks. The table shows ' +
        'ResNet-50 on images of CIFAR’s size, with ImageNet’s stem and with CIFAR’s.',
    ],
    charts: [],
    tables: [
      {
        caption:
          'Ratios are WRN-16-10 divided by the row’s network. Peak memory is the process’s, which times one network after the other.',
        head: [
          'network',
          'time',
          'a batch',
          'images/s',
          'GFLOP/s',
          'ratio of times',
          'ratio of multiply-accumulates',
          'peak memory',
        ],
        rows: timings.map((timing) => [
          timing.model,
          `${timing.seconds.toFixed(2)} s`,
          `${timing.secondsPerIteration.toFixed(3)} s`,
          timing.imagesPerSecond.toFixed(1),
          timing.gflopsPerSecond.toFixed(0),
          `${((first?.secondsPerIteration ?? NaN) / timing.secondsPerIteration).toFixed(1)}×`,
          `${((first?.multiplyAccumulates ?? NaN) / timing.multiplyAccumulates).toFixed(1)}×`,
          `${(timing.peakRssBytes / 1e9).toFixed(1)} GB`,
        ]),
      },
    ],
    commands: [`npx -y pnpm@12 bench timing --models ${timings.map(({ model }) => model).join(',')}`],
  };
}

function rangeTestSection(
  tests: readonly RangeTestRunResult[],
  plan: Reproduction['plan']['rangeTest'],
): ReportSection {
  return {
    id: 'range-test',
    title: 'Learning-rate range test',
    paragraphs: [
      `${plan.model} trains on ${plan.trainSize.toLocaleString('en')} images in batches of ${plan.batchSize} while its learning rate rises ` +
        `linearly to ${plan.maxLearningRate} over ${plan.steps} iterations. The loss is followed on 1,000 held-out images. ` +
        'Where it is lowest stands the suggested maximum.',
    ],
    charts: rangeTestCharts(`${plan.model}, ${plan.steps} iterations`, tests),
    tables: [
      {
        caption:
          'A twentieth of the maximum begins one cycle, a quarter of it many cycles (Smith, 1803.09820).',
        head: ['test', 'suggested maximum', 'minimum for one cycle', 'minimum for many', 'because'],
        rows: tests.map(({ suggestion }, i) =>
          suggestion.status === 'found'
            ? [
                String(i + 1),
                suggestion.maximum.toPrecision(3),
                suggestion.minimum.oneCycle.toPrecision(2),
                suggestion.minimum.cyclical.toPrecision(2),
                suggestion.reason,
              ]
            : [String(i + 1), '–', '–', '–', suggestion.reason],
        ),
      },
      {
        caption:
          'What each rule reads from these tests: the median, and from lowest to highest. Smith’s rules (1506.01186, §3.3; 1803.09820, §4.1) ' +
          'read the validation data, fastai’s the smoothed training loss.',
        head: [...suggestionHead],
        rows: suggestionRows(suggestionsOf(tests)),
      },
    ],
    commands: [
      `npx -y pnpm@12 bench range-test --model ${plan.model} --max-lr ${plan.maxLearningRate} --steps ${plan.steps} --train-size ${plan.trainSize}`,
    ],
  };
}

function comparisonSection(
  comparison: ComparisonResult,
  plan: Reproduction['plan']['comparison'],
): ReportSection {
  const arms = [
    { name: '1cycle', ...comparison['one-cycle'] },
    { name: 'step schedule', ...comparison['multi-step'] },
  ];
  const percent = (value: number | null) => `${(100 * (value ?? NaN)).toFixed(2)} %`;
  return {
    id: 'one-cycle-vs-step',
    title: '1cycle against a step schedule',
    paragraphs: [
      `${plan.model}, ${plan.trainSize.toLocaleString('en')} training images, ${plan.steps} iterations of ${plan.batchSize} in both arms. ` +
        'The step schedule keeps momentum at 0.9 and drops its rate to a tenth after 62.5 % and 87.5 % of the iterations, as the authors’ does; ' +
        '1cycle goes up and down once and then to zero, with momentum 0.95 → 0.85 → 0.95. Everything else is the same.',
      `Each arm’s highest rate is the one of ${plan.rates.join(', ')} with the best accuracy on 5,000 held-out images, in one run each. ` +
        `Then ${plan.seeds.length} new seeds train at that rate and are scored on the 10,000 test images.`,
    ],
    charts: [
      scheduleChart(arms),
      armChart(arms, {
        title: 'Training loss, mean and range over the seeds',
        yLabel: 'cross-entropy (nats)',
        type: 'step',
        field: 'loss',
      }),
      armChart(arms, {
        title: 'Validation accuracy, mean and range over the seeds',
        yLabel: 'accuracy on 1,000 held-out images (%)',
        type: 'evaluation',
        field: 'accuracy',
        factor: 100,
      }),
    ],
    tables: [
      {
        caption: 'The search: validation accuracy at each highest rate. Diverged runs count as chance, 10 %.',
        head: ['schedule', ...plan.rates.map(String), 'chosen'],
        rows: arms.map(({ name, search, chosenRate }) => [
          name,
          ...search.map(({ result }) => percent(result.validationAccuracy)),
          String(chosenRate),
        ]),
      },
      {
        caption: 'Test accuracy of each seed, with mean and standard deviation.',
        head: ['schedule', ...plan.seeds.map((seed) => `seed ${seed}`), 'mean', 's.d.'],
        rows: arms.map(({ name, runs }) => {
          const accuracies = runs.map(({ result }) => result.testAccuracy ?? NaN);
          return [
            name,
            ...accuracies.map(percent),
            percent(mean(accuracies)),
            percent(standardDeviation(accuracies)),
          ];
        }),
      },
    ],
    commands: ['npx -y pnpm@12 bench'],
  };
}
