export {
  fixtureBatch,
  readPytorchFixture,
  relativeError,
  setFixtureWeights,
  type PytorchFixture,
  type TensorDigest,
} from './pytorch-fixture.ts';
