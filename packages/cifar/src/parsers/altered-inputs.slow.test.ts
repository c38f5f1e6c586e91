import { describeAlteredInputs } from '../testing/describe-altered-inputs.ts';

describeAlteredInputs(20_000);
