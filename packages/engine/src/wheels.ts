/** TensorFlow's version in both wheels. */
export const tensorflowVersion = '2.21.0';

/** One pinned file of the Python package index. */
export interface Wheel {
  /** Name and version as pip takes them. */
  requirement: string;
  file: string;
  /** The platform tag to ask pip for. */
  platform: string;
  sha256: string;
  /** Size of the download. */
  bytes: number;
  /** Size of what is kept of it. */
  unpackedBytes: number;
}

/** TensorFlow itself, from https://pypi.org/project/tensorflow-cpu/2.21.0 and https://pypi.org/project/tensorflow/2.21.0. */
export const tensorflowWheels: Readonly<Record<'cpu' | 'gpu', Wheel>> = {
  cpu: {
    requirement: 'tensorflow-cpu==2.21.0',
    file: 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
    platform: 'manylinux_2_27_x86_64',
    sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
    bytes: 274_000_871,
    unpackedBytes: 854_000_000,
  },
  gpu: {
    requirement: 'tensorflow==2.21.0',
    file: 'tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
    platform: 'manylinux_2_27_x86_64',
    sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
    bytes: 572_611_111,
    unpackedBytes: 1_260_000_000,
  },
};

/**
 * NVIDIA's libraries, one set of CUDA 12.8 within the ranges of the `and-cuda` extra in TensorFlow's METADATA.
 * Proprietary: fetched on the user's machine, never redistributed. https://pypi.org/user/nvidia/
 */
export const nvidiaWheels: readonly Wheel[] = [
  {
    requirement: 'nvidia-cublas-cu12==12.8.4.1',
    file: 'nvidia_cublas_cu12-12.8.4.1-py3-none-manylinux_2_27_x86_64.whl',
    platform: 'manylinux_2_27_x86_64',
    sha256: '8ac4e771d5a348c551b2a426eda6193c19aa630236b418086020df5ba9667142',
    bytes: 594_346_921,
    unpackedBytes: 870_000_000,
  },
  {
    requirement: 'nvidia-cuda-cupti-cu12==12.8.90',
    file: 'nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    platform: 'manylinux2014_x86_64',
    sha256: 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    bytes: 10_248_621,
    unpackedBytes: 41_000_000,
  },
  {
    requirement: 'nvidia-cuda-nvcc-cu12==12.8.93',
    file: 'nvidia_cuda_nvcc_cu12-12.8.93-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    platform: 'manylinux2010_x86_64',
    sha256: '2d6dc36fb7cb5ac9c0b8825bc13d193c35487a315664007287d0126531238011',
    bytes: 40_128_098,
    unpackedBytes: 98_000_000,
  },
  {
    requirement: 'nvidia-cuda-nvrtc-cu12==12.8.93',
    file: 'nvidia_cuda_nvrtc_cu12-12.8.93-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    platform: 'manylinux2010_x86_64',
    sha256: 'a7756528852ef889772a84c6cd89d41dfa74667e24cca16bb31f8f061e3e9994',
    bytes: 88_040_029,
    unpackedBytes: 222_000_000,
  },
  {
    requirement: 'nvidia-cuda-runtime-cu12==12.8.90',
    file: 'nvidia_cuda_runtime_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    platform: 'manylinux2014_x86_64',
    sha256: 'adade8dcbd0edf427b7204d480d6066d33902cab2a4707dcfc48a2d0fd44ab90',
    bytes: 954_765,
    unpackedBytes: 1_000_000,
  },
  {
    requirement: 'nvidia-cudnn-cu12==9.10.2.21',
    file: 'nvidia_cudnn_cu12-9.10.2.21-py3-none-manylinux_2_27_x86_64.whl',
    platform: 'manylinux_2_27_x86_64',
    sha256: '949452be657fa16687d0930933f032835951ef0892b37d2d53824d1a84dc97a8',
    bytes: 706_758_467,
    unpackedBytes: 1_054_000_000,
  },
  {
    requirement: 'nvidia-cufft-cu12==11.3.3.83',
    file: 'nvidia_cufft_cu12-11.3.3.83-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    platform: 'manylinux2014_x86_64',
    sha256: '4d2dd21ec0b88cf61b62e6b43564355e5222e4a3fb394cac0db101f2dd0d4f74',
    bytes: 193_118_695,
    unpackedBytes: 281_000_000,
  },
  {
    requirement: 'nvidia-curand-cu12==10.3.9.90',
    file: 'nvidia_curand_cu12-10.3.9.90-py3-none-manylinux_2_27_x86_64.whl',
    platform: 'manylinux_2_27_x86_64',
    sha256: 'b32331d4f4df5d6eefa0554c565b626c7216f87a06a4f56fab27c3b68a830ec9',
    bytes: 63_619_976,
    unpackedBytes: 138_000_000,
  },
  {
    requirement: 'nvidia-cusolver-cu12==11.7.3.90',
    file: 'nvidia_cusolver_cu12-11.7.3.90-py3-none-manylinux_2_27_x86_64.whl',
    platform: 'manylinux_2_27_x86_64',
    sha256: '4376c11ad263152bd50ea295c05370360776f8c3427b30991df774f9fb26c450',
    bytes: 267_506_905,
    unpackedBytes: 406_000_000,
  },
  {
    requirement: 'nvidia-cusparse-cu12==12.5.8.93',
    file: 'nvidia_cusparse_cu12-12.5.8.93-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    platform: 'manylinux2014_x86_64',
    sha256: '1ec05d76bbbd8b61b06a80e1eaf8cf4959c3d4ce8e711b65ebd0443bb0ebb13b',
    bytes: 288_216_466,
    unpackedBytes: 388_000_000,
  },
  {
    requirement: 'nvidia-nccl-cu12==2.27.7',
    file: 'nvidia_nccl_cu12-2.27.7-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    platform: 'manylinux2014_x86_64',
    sha256: 'de5ba5562f08029a19cb1cd659404b18411ed0d6c90ac5f52f30bf99ad5809aa',
    bytes: 322_546_339,
    unpackedBytes: 430_000_000,
  },
  {
    requirement: 'nvidia-nvjitlink-cu12==12.8.93',
    file: 'nvidia_nvjitlink_cu12-12.8.93-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    platform: 'manylinux2010_x86_64',
    sha256: '81ff63371a7ebd6e6451970684f916be2eab07321b73c9d244dc2b4da7f73b88',
    bytes: 39_254_836,
    unpackedBytes: 95_000_000,
  },
];
