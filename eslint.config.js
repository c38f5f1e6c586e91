import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Which workspace packages each package may import in what it publishes: the arrows of docs/architecture.md. */
const allowedImports = {
  schedules: [],
  cifar: [],
  engine: [],
  ops: [],
  compile: ['engine'],
  safetensors: [],
  models: ['ops', 'safetensors'],
  trainer: ['schedules', 'ops', 'compile', 'safetensors'],
};

const arrows = Object.entries(allowedImports).map(([name, allowed]) => ({
  files: [`packages/${name}/src/**/*.ts`],
  ignores: ['**/*.test.ts', '**/testing/**'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^@superconvergence/(?!(${allowed.join('|') || '-'})(/|$))`,
            message: `${name} may import only: ${allowed.join(', ') || 'no workspace package'} (docs/architecture.md).`,
          },
        ],
      },
    ],
  },
}));

export default defineConfig([
  globalIgnores(['**/dist/', '**/node_modules/', 'results/', '**/.turbo/']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      // It asks for the assertions that the rule above forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  ...arrows,
]);
