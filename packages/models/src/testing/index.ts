export {
  fixtureBatch,
  fixtureModel,
  pytorchFixtureNames,
  readPytorchFixture,
  relativeError,
  type PytorchFixture,
  type TensorDigest,
} from './pytorch-fixture.ts';
