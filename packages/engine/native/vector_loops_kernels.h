// Vectors of 16 floats, for the loops of one instruction set: no include guard. To be included inside the namespace of that
// set; LOOPS_TARGET holds the function attribute that allows its instructions. Whoever includes it undefines LOOPS_INLINE.

typedef float Wide __attribute__((vector_size(64)));
typedef float Unaligned __attribute__((vector_size(64), aligned(4), may_alias));

#define LOOPS_INLINE LOOPS_TARGET static inline __attribute__((always_inline))

// `Part`: only the first `width` of 16 floats exist.
template <bool Part>
LOOPS_INLINE Wide Load(const float* from, int64_t width) {
  if (!Part) return *reinterpret_cast<const Unaligned*>(from);
  Wide value = {};
  std::memcpy(&value, from, width * sizeof(float));
  return value;
}

template <bool Part>
LOOPS_INLINE void Store(float* to, const Wide& value, int64_t width) {
  if (!Part) {
    *reinterpret_cast<Unaligned*>(to) = value;
  } else {
    std::memcpy(to, &value, width * sizeof(float));
  }
}
