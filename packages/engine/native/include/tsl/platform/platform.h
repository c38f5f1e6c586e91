// tensorflow/c/kernels.h includes a file of this name, only to learn that this is no mobile platform.
#pragma once
