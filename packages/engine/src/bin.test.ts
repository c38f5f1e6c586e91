import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DoctorCheck } from './doctor.ts';
import { installEngine } from './install.ts';
import { runBin } from './testing/run-engine.ts';

beforeAll(async () => {
  await installEngine({ device: 'cpu' });
}, 600_000);

describe('superconvergence-engine', () => {
  it.each([
    [['frobnicate'], "There is no command 'frobnicate'."],
    [[], 'A command is missing.'],
    [['doctor', 'twice'], "'twice' is one word too many."],
    [['install', '--device', 'tpu'], "--device is 'tpu'; it must be cpu, gpu or auto."],
    [['install', '--fast'], "Unknown option '--fast'"],
  ])('answers %j with usage and status 2', async (args, sentence) => {
    const { status, stderr } = await runBin(args);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('superconvergence-engine COMMAND');
    expect(status).toBe(2);
  });

  it('describes the engine as JSON', async () => {
    const { status, stdout } = await runBin(['describe', '--json', '--device', 'cpu']);
    expect(JSON.parse(stdout)).toMatchObject({ native: true, tensorflow: '2.21.0', device: 'cpu' });
    expect(status).toBe(0);
  });

  it('finds a healthy engine healthy, without Python', async () => {
    const { status, stdout } = await runBin(['doctor', '--device', 'cpu'], { PATH: '/nonexistent', CXX: '' });
    expect(stdout).toMatch(/ok +python +missing, but needed only to install anew/);
    expect(stdout).toMatch(/ok +installation +intact in /);
    expect(stdout).toMatch(/ok +load +TensorFlow 2\.21\.0 multiplies matrices on the cpu/);
    expect(stdout).not.toContain('WRONG');
    expect(status).toBe(0);
  });

  it('says in words what is wrong, and what mends it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'engine-doctor-'));
    const args = ['doctor', '--json', '--device', 'cpu', '--cache-dir', folder];
    const { status, stdout } = await runBin(args, { PATH: '/nonexistent', CXX: '' });
    const checks = JSON.parse(stdout) as DoctorCheck[];
    const wrong = checks.filter(({ ok }) => !ok);
    expect(wrong.map(({ name }) => name)).toEqual(['python', 'pip', 'compiler', 'installation']);
    expect(wrong[0]).toMatchObject({
      detail: 'There is no python3 on the PATH.',
      remedy: expect.stringContaining('apt install python3') as string,
    });
    expect(wrong[3]?.remedy).toContain('superconvergence-engine install');
    expect(status).toBe(1);
    await rm(folder, { recursive: true });
  });
});
