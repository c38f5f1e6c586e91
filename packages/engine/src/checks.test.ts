import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseDevice, hasNvidiaDriver } from './device.ts';
import { fileError } from './errors.ts';
import { checkDiskSpace } from './files.ts';
import { checkNode, checkPlatform } from './platform.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('checks before anything is downloaded', () => {
  it('knows the Nodes it runs on', () => {
    for (const version of ['20.19.0', '22.1.0', '24.21.0', '26.0.0'])
      expect(() => {
        checkNode(version);
      }).not.toThrow();
    for (const version of ['18.20.8', '20.18.3']) {
      expect(() => {
        checkNode(version);
      }).toThrow(`This is Node ${version}; the engine needs 20.19. Install Node 20.19 or newer.`);
    }
  });

  it('knows the platforms that the wheels are made for', () => {
    expect(() => {
      checkPlatform('linux', 'x64', '2.27');
    }).not.toThrow();
    expect(() => {
      checkPlatform('darwin', 'arm64', null);
    }).toThrow(/no native engine for darwin arm64/);
    expect(() => {
      checkPlatform('linux', 'arm64', '2.36');
    }).toThrow(/linux arm64/);
    expect(() => {
      checkPlatform('linux', 'x64', '2.17');
    }).toThrow(/glibc 2\.17, older than 2\.27/);
    expect(() => {
      checkPlatform('linux', 'x64', null);
    }).toThrow(/another C library than glibc/);
  });

  it('asks for the space before it is needed', async () => {
    await expect(checkDiskSpace(tmpdir(), 1e15)).rejects.toMatchObject({ code: 'disk-full' });
    await expect(checkDiskSpace(tmpdir(), 1)).resolves.toBeUndefined();
  });

  it('turns a full disk into its own error', () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    expect(fileError(full, '/cache')).toMatchObject({ code: 'disk-full', cause: full });
  });
});

describe('chooseDevice', () => {
  it('takes the argument before the environment', () => {
    vi.stubEnv('SUPERCONVERGENCE_DEVICE', 'gpu');
    expect(chooseDevice('cpu')).toBe('cpu');
    expect(chooseDevice()).toBe('gpu');
    vi.stubEnv('SUPERCONVERGENCE_DEVICE', '');
    expect(chooseDevice()).toBe(hasNvidiaDriver() ? 'gpu' : 'cpu');
  });

  it('refuses other words', () => {
    vi.stubEnv('SUPERCONVERGENCE_DEVICE', 'tpu');
    expect(() => chooseDevice()).toThrow(
      new RangeError("SUPERCONVERGENCE_DEVICE is 'tpu'; it must be 'auto', 'cpu' or 'gpu'."),
    );
    expect(() => chooseDevice('npu' as 'cpu')).toThrow(RangeError);
  });
});
