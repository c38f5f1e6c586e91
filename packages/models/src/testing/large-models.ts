import type { ExpectedModel } from './model-conformance.ts';

/** Networks of tens of millions of parameters or thousands of pixels, for the slow tests. */
export const LARGE_MODELS: ExpectedModel[] = [
  { name: 'wrn-16-10', parameters: 17_116_634, megaMultiplyAccumulates: 2412, batchSize: 4 },
  { name: 'wrn-28-10', parameters: 36_479_194, megaMultiplyAccumulates: 5243, batchSize: 4 },
  { name: 'resnet-18', parameters: 11_689_512, megaMultiplyAccumulates: 1814, batchSize: 2 },
  { name: 'resnet-34', parameters: 21_797_672, megaMultiplyAccumulates: 3664, batchSize: 2 },
  { name: 'resnet-50', parameters: 25_557_032, megaMultiplyAccumulates: 4089, batchSize: 2 },
  { name: 'resnet-101', parameters: 44_549_160, megaMultiplyAccumulates: 7801, batchSize: 2 },
  { name: 'resnet-50-stem32', parameters: 23_528_522, megaMultiplyAccumulates: 83.4, batchSize: 16 },
  { name: 'resnet-50-cifar', parameters: 23_520_842, megaMultiplyAccumulates: 1298, batchSize: 4 },
];
