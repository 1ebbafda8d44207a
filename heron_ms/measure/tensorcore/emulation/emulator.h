// A multiprocessor for one block of threads at a time, on a CPU; the kernel is included after this.
//
// Every thread is a fibre, begun by ucontext and resumed by longjmp, which unlike swapcontext asks
// nothing of the operating system. A warp runs as far as it can before the next one does, which
// is the order that a missing barrier survives least. Instructions of a whole warp (ldmatrix, mma)
// wait until all 32 lanes have come to them and are then executed as the PTX ISA says. Copies of
// cp.async happen late, when their group is waited for, or eagerly, when they are issued: a program
// has to be right either way. Shared memory begins as NaN. Addresses are checked for alignment, and
// those of ldmatrix and cp.async for bounds.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <type_traits>
#include <ucontext.h>
#include <unistd.h>
#include <utility>
#include <vector>

typedef _Float16 half;
typedef half __half;
typedef unsigned int uint;
typedef unsigned char uchar;
typedef unsigned short ushort;
struct bfloat16 {
  ushort bits;
  bfloat16() = default;
  bfloat16(float value) {
    uint word;
    memcpy(&word, &value, 4);
    bits = ushort((word + 0x7fff + ((word >> 16) & 1)) >> 16);
  }
  operator float() const {
    uint word = uint(bits) << 16;
    float value;
    memcpy(&value, &word, 4);
    return value;
  }
};
// As CUDA's operators: each result is rounded, and is a bfloat16, which std::max asks of both sides.
// Templates, so that none is a candidate where one side is a float.
template <class T> using OfBfloat16 = std::enable_if_t<std::is_same<T, bfloat16>::value, T>;
#define OF_BFLOAT16(op) \
  template <class T> static inline OfBfloat16<T> operator op(T x, T y) { \
    return bfloat16(float(x) op float(y)); \
  }
OF_BFLOAT16(+)
OF_BFLOAT16(-)
OF_BFLOAT16(*)
OF_BFLOAT16(/)
template <class T> static inline OfBfloat16<T> operator-(T x) { return bfloat16(-float(x)); }
typedef bfloat16 __nv_bfloat16;
typedef bfloat16 nv_bfloat16;
struct alignas(2) char2 { signed char x, y; };
struct alignas(2) uchar2 { uchar x, y; };
struct alignas(4) ushort2 { ushort x, y; };
struct alignas(8) ushort4 { ushort x, y, z, w; };
struct uint1 { uint x; };
struct alignas(8) uint2 { uint x, y; };
struct alignas(16) uint4 { uint x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
template <class Number> struct alignas(4) Two { Number x, y; };
typedef Two<half> half2;
typedef Two<bfloat16> nv_bfloat162;
static inline nv_bfloat162 make_nv_bfloat162(bfloat16 x, bfloat16 y) { return {x, y}; }
template <class Number> struct alignas(8) Four { Number x, y, z, w; };
typedef Four<half> half4;
typedef Four<bfloat16> nv_bfloat164;
static inline half4 make_half4(half x, half y, half z, half w) { return {x, y, z, w}; }
static inline nv_bfloat164 make_nv_bfloat164(bfloat16 x, bfloat16 y, bfloat16 z, bfloat16 w) {
  return {x, y, z, w};
}
static inline char2 make_char2(signed char x, signed char y) { return {x, y}; }
static inline uchar2 make_uchar2(uchar x, uchar y) { return {x, y}; }
static inline ushort2 make_ushort2(ushort x, ushort y) { return {x, y}; }
static inline ushort4 make_ushort4(ushort x, ushort y, ushort z, ushort w) { return {x, y, z, w}; }
static inline uint2 make_uint2(uint x, uint y) { return {x, y}; }
static inline uint4 make_uint4(uint x, uint y, uint z, uint w) { return {x, y, z, w}; }
static inline int2 make_int2(int x, int y) { return {x, y}; }
static inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
static inline float2 make_float2(float x, float y) { return {x, y}; }
static inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
static inline half __float2half_rn(float value) { return half(value); }
static inline bfloat16 __float2bfloat16_rn(float value) { return value; }
static inline float __bfloat162float(bfloat16 value) { return value; }
static inline float __half2float(half value) { return float(value); }
static inline half2 make_half2(half x, half y) { return {x, y}; }
template <class T> static inline uint packed(T x, T y) {
  ushort low, high;
  memcpy(&low, &x, 2);
  memcpy(&high, &y, 2);
  return uint(high) << 16 | low;
}
static inline uint __pack_half2(half x, half y) { return packed(x, y); }
static inline uint __pack_nv_bfloat162(bfloat16 x, bfloat16 y) { return packed(x, y); }
using std::max;
using std::min;
// Of halves, as the CUDA Math API rounds them: computed in float. Those of floats are not as fast.
#define OF_HALF(name, of_float) \
  static inline half name(half value) { return half(of_float(float(value))); } \
  static inline bfloat16 name(bfloat16 value) { return bfloat16(of_float(float(value))); }
static inline float rsqrtf(float value) { return 1 / sqrtf(value); }
OF_HALF(hexp, expf)
OF_HALF(hexp2, exp2f)
OF_HALF(hlog, logf)
OF_HALF(hlog2, log2f)
OF_HALF(hsqrt, sqrtf)
OF_HALF(hrsqrt, rsqrtf)
OF_HALF(hsin, sinf)
OF_HALF(hcos, cosf)
OF_HALF(htan, tanf)
OF_HALF(hatan, atanf)
OF_HALF(hexp10, exp10f)
OF_HALF(hlog10, log10f)
OF_HALF(htrunc, truncf)
OF_HALF(hrint, rintf)
OF_HALF(htanh, tanhf)
OF_HALF(herf, erff)
OF_HALF(hfloor, floorf)
OF_HALF(hceil, ceilf)
OF_HALF(__habs, fabsf)
static inline half hpow(half x, half y) { return half(powf(float(x), float(y))); }
static inline half __hmax(half x, half y) { return x > y ? x : y; }
static inline half __hmin(half x, half y) { return x < y ? x : y; }
static inline bfloat16 __hmax(bfloat16 x, bfloat16 y) { return x > y ? x : y; }
static inline bfloat16 __hmin(bfloat16 x, bfloat16 y) { return x < y ? x : y; }
#define __expf expf
#define __logf logf
#define __powf powf
#define __forceinline__ inline
#define __device__
#define __global__
#define __restrict__
#define __launch_bounds__(...)

struct Dim { int x, y, z; };
struct Copy { uint to; const void* from; int bytes; };
enum State { READY, AT_BARRIER, AT_COLLECTIVE, DONE };
enum Op {
  LDMATRIX, LDMATRIX_TRANS, MMA_F16, MMA_F16_F16, MMA_K8_F16, MMA_K8_F16_F16, MMA_BF16, MMA_S8,
  ON_FRAGMENTS
};
enum { WARP = 32, STACK = 1 << 18 };

typedef void* Place[5];  // of __builtin_setjmp, which saves no more than it must

struct Thread;
typedef void (*Act)(Thread* warp);

struct Thread {
  ucontext_t beginning;
  Place context;
  bool begun;
  std::vector<char> stack;
  Dim at;
  State state;
  Op op;
  Act act;
  int matrices;
  uint in[16];
  void* out[8];
  std::vector<Copy> open;
  std::deque<std::vector<Copy>> groups;
};

struct Counts { long ldmatrix, phases, wavefronts, mma, copies; };

static std::vector<Thread> threads;
static Thread* current;
static Place scheduler;
static Dim block_at;
static uint8_t* shared;
static int shared_bytes;
static bool eager;
static Counts counts;
static std::vector<std::pair<const uint8_t*, size_t>> arrays;
static void (*kernel_entry)(void** arrays);
static std::vector<void*> given;
#define threadIdx (current->at)
#define blockIdx block_at

static void fail(const char* why) {
  fprintf(stderr, "%s (block %d, thread %d,%d)\n", why, block_at.x, current->at.x, current->at.y);
  _exit(3);
}
// A jump back must not stand in the function that its place was set in.
static __attribute__((noipa)) void jump(Place& place) { __builtin_longjmp(place, 1); }
static __attribute__((noipa)) void leave(State state) {
  current->state = state;
  if (!__builtin_setjmp(current->context)) jump(scheduler);
}
static __attribute__((noipa)) void resume(Thread& thread) {
  current = &thread;
  if (__builtin_setjmp(scheduler)) return;
  if (thread.begun) jump(thread.context);
  thread.begun = true;
  setcontext(&thread.beginning);
}
static void __syncthreads() { leave(AT_BARRIER); }
static void __syncwarp() {}
static uint __cvta_generic_to_shared(const void* pointer) {
  long offset = (const uint8_t*)pointer - shared;
  if (offset < 0 || offset >= shared_bytes) fail("an address outside of shared memory");
  return uint(offset);
}

// cp.async
static void perform(const Copy& copy) { memcpy(shared + copy.to, copy.from, copy.bytes); }
static void cp_async(uint to, const void* from, int bytes) {
  counts.copies++;
  if (to % bytes || (uintptr_t)from % bytes) fail("cp.async is not aligned");
  if (to + bytes > (uint)shared_bytes) fail("cp.async writes outside of shared memory");
  auto holds = [&](const std::pair<const uint8_t*, size_t>& array) {
    const uint8_t* begin = (const uint8_t*)from;
    return begin >= array.first && begin + bytes <= array.first + array.second;
  };
  if (std::none_of(arrays.begin(), arrays.end(), holds)) fail("cp.async reads outside of its array");
  if (eager) perform({to, from, bytes});
  else current->open.push_back({to, from, bytes});
}
static void cp_async_zero(uint to, int bytes) { memset(shared + to, 0, bytes); }
static void cp_async_commit() {
  current->groups.push_back(std::move(current->open));
  current->open.clear();
}
static void cp_async_wait(int left) {
  while ((int)current->groups.size() > left) {
    for (const Copy& copy : current->groups.front()) perform(copy);
    current->groups.pop_front();
  }
}

// Instructions of a warp.
static uint bits(float value) { uint word; memcpy(&word, &value, 4); return word; }
static uint bits(uint value) { return value; }
static uint bits(int value) { return uint(value); }
static float as_float(uint word) { float value; memcpy(&value, &word, 4); return value; }
static float half_of(uint word, int at) {
  ushort part = ushort(word >> 16 * at);
  half value;
  memcpy(&value, &part, 2);
  return float(value);
}
static float bfloat_of(uint word, int at) { return as_float(word >> 16 * at << 16); }

static void collective(Op op, int matrices = 0) {
  current->op = op;
  current->matrices = matrices;
  leave(AT_COLLECTIVE);
}

static void load_matrices(Thread* warp) {
  counts.ldmatrix++;
  for (int m = 0; m < warp->matrices; m++) {
    uint rows[8];
    int banks[8] = {0};
    for (int r = 0; r < 8; r++) {
      rows[r] = warp[8 * m + r].in[0];
      if (rows[r] % 16) fail("ldmatrix is not aligned");
      if (rows[r] + 16 > (uint)shared_bytes) fail("ldmatrix reads outside of shared memory");
      if (std::find(rows, rows + r, rows[r]) == rows + r) banks[rows[r] / 16 % 8]++;
    }
    counts.phases++;
    counts.wavefronts += *std::max_element(banks, banks + 8);
    for (int lane = 0; lane < WARP; lane++) {
      ushort parts[2];
      for (int h = 0; h < 2; h++) {
        int row = lane / 4, column = lane % 4 * 2 + h;
        if (warp->op == LDMATRIX_TRANS) std::swap(row, column);
        memcpy(&parts[h], shared + rows[row] + 2 * column, 2);
      }
      *(uint*)warp[lane].out[m] = parts[0] | uint(parts[1]) << 16;
    }
  }
}

// WORDS: of 32 bits, that a lane holds of A; of B it holds half as many.
template <class Number, int DEPTH, int WORDS, class Element>
static void multiply(Thread* warp, Element element, bool halves) {
  const int WORD = DEPTH / 2 / WORDS;  // elements of 32 bits
  Number a[16][DEPTH], b[DEPTH][8], sum[16][8];
  counts.mma++;
  for (int lane = 0; lane < WARP; lane++) {
    const uint* in = warp[lane].in;
    int group = lane / 4, within = lane % 4;
    for (int word = 0; word < WORDS; word++)
      for (int e = 0; e < WORD; e++)
        a[group + 8 * (word % 2)][within * WORD + e + 4 * WORD * (word / 2)] = element(in[word], e);
    for (int word = 0; word < WORDS / 2; word++)
      for (int e = 0; e < WORD; e++)
        b[within * WORD + e + 4 * WORD * word][group] = element(in[WORDS + word], e);
    for (int c = 0; c < 4; c++) {
      uint before = in[WORDS * 3 / 2 + (halves ? c / 2 : c)];
      Number& begin = sum[group + 8 * (c / 2)][within * 2 + c % 2];
      if (halves) begin = Number(half_of(before, c % 2));
      else memcpy(&begin, &before, 4);
    }
  }
  for (int row = 0; row < 16; row++)
    for (int k = 0; k < DEPTH; k++)
      for (int column = 0; column < 8; column++) sum[row][column] += a[row][k] * b[k][column];
  for (int lane = 0; lane < WARP; lane++)
    for (int c = 0; c < 4; c++) {
      Number result = sum[lane / 4 + 8 * (c / 2)][lane % 4 * 2 + c % 2];
      if (halves) {
        half narrow = half(result);
        memcpy((char*)warp[lane].out[c / 2] + 2 * (c % 2), &narrow, 2);
      } else {
        memcpy(warp[lane].out[c], &result, 4);
      }
    }
}

static void execute(Thread* warp) {
  auto halves_of = [](uint word, int at) { return half_of(word, at); };
  auto bfloats_of = [](uint word, int at) { return bfloat_of(word, at); };
  auto bytes_of = [](uint word, int at) { return int(int8_t(word >> 8 * at)); };
  switch (warp->op) {
    case LDMATRIX:
    case LDMATRIX_TRANS: return load_matrices(warp);
    case MMA_F16: return multiply<float, 16, 4>(warp, halves_of, false);
    case MMA_F16_F16: return multiply<float, 16, 4>(warp, halves_of, true);
    case MMA_K8_F16: return multiply<float, 8, 2>(warp, halves_of, false);
    case MMA_K8_F16_F16: return multiply<float, 8, 2>(warp, halves_of, true);
    case MMA_BF16: return multiply<float, 16, 4>(warp, bfloats_of, false);
    case MMA_S8:
      return multiply<int, 32, 4>(warp, bytes_of, false);
    case ON_FRAGMENTS: return warp->act(warp);
  }
}

// Blocks of threads.
static void thread_main() {
  for (;;) {
    kernel_entry(given.data());
    cp_async_wait(0);
    for (const Copy& copy : current->open) perform(copy);
    current->open.clear();
    leave(DONE);
  }
}

static void prepare(Dim threads_of) {
  for (size_t number = 0; number < threads.size(); number++) {
    Thread& thread = threads[number];
    int n = int(number);
    thread.at = {n % threads_of.x, n / threads_of.x % threads_of.y, n / threads_of.x / threads_of.y};
    thread.begun = false;
    thread.stack.resize(STACK);
    getcontext(&thread.beginning);
    thread.beginning.uc_stack.ss_sp = thread.stack.data();
    thread.beginning.uc_stack.ss_size = thread.stack.size();
    makecontext(&thread.beginning, thread_main, 0);
  }
}

static bool run_lanes(Thread* warp, int lanes, bool reverse) {
  bool ran = false;
  for (int p = 0; p < lanes; p++) {
    Thread& thread = warp[reverse ? lanes - 1 - p : p];
    if (thread.state != READY) continue;
    ran = true;
    resume(thread);
  }
  return ran;
}

static bool run_collective(Thread* warp, int lanes) {
  for (int lane = 0; lane < lanes; lane++)
    if (warp[lane].state != AT_COLLECTIVE) return false;
  current = warp;
  if (lanes < WARP) fail("an instruction of a warp with fewer than 32 threads");
  for (int lane = 0; lane < WARP; lane++)
    if (warp[lane].op != warp->op || (warp->op == ON_FRAGMENTS && warp[lane].act != warp->act))
      fail("the lanes of a warp are at different instructions");
  execute(warp);
  for (int lane = 0; lane < WARP; lane++) warp[lane].state = READY;
  return true;
}

static void run_block(bool reverse) {
  for (Thread& thread : threads) thread.state = READY;
  int total = int(threads.size()), warps = (total + WARP - 1) / WARP;
  for (;;) {
    bool progress = false;
    for (int w = 0; w < warps; w++) {
      int first = (reverse ? warps - 1 - w : w) * WARP, lanes = std::min<int>(WARP, total - first);
      for (bool go = true; go;) {
        go = run_lanes(&threads[first], lanes, reverse);
        go |= run_collective(&threads[first], lanes);
        progress |= go;
      }
    }
    int done = 0, waiting = 0;
    for (Thread& thread : threads) {
      done += thread.state == DONE;
      waiting += thread.state == AT_BARRIER;
    }
    if (done == total) return;
    current = &threads[0];
    if (waiting + done < total && !progress) fail("threads wait for each other for ever");
    if (waiting + done == total) {
      if (done) fail("a barrier that not all threads reach");
      for (Thread& thread : threads) thread.state = READY;
    }
  }
}

// A file as an array that what is stored to stays in.
static void* mapped(const char* path) {
  int file = open(path, O_RDWR);
  struct stat facts;
  if (file < 0 || fstat(file, &facts)) { perror(path); _exit(4); }
  void* memory = mmap(nullptr, facts.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory == MAP_FAILED) { perror(path); _exit(4); }
  arrays.push_back({(const uint8_t*)memory, (size_t)facts.st_size});
  return memory;
}

struct Kernel {
  const char* name;
  void (*entry)(void** arrays);
};

// Arguments: the kernel's name, grid x y z, threads x y z, bytes of shared memory, eager, reverse, the
// first block and the step to the next, and the file of each array. Prints the counts.
static int emulate(int count, char** words, const std::vector<Kernel>& kernels) {
  const int GUARD = 64, NUMBERS = 11;
  int numbers[NUMBERS];
  for (int at = 0; at < NUMBERS; at++) numbers[at] = atoi(words[2 + at]);
  for (int at = 2 + NUMBERS; at < count; at++) given.push_back(mapped(words[at]));
  const int *grid = numbers, *size = numbers + 3;
  for (const Kernel& kernel : kernels)
    if (!strcmp(kernel.name, words[1])) kernel_entry = kernel.entry;
  shared_bytes = std::max(numbers[6], 1);
  eager = numbers[7];
  void* memory = nullptr;
  if (posix_memalign(&memory, 1024, shared_bytes + GUARD)) return 1;
  shared = (uint8_t*)memory;
  memset(shared + shared_bytes, 0xA5, GUARD);
  threads = std::vector<Thread>(size[0] * size[1] * size[2]);
  prepare({size[0], size[1], size[2]});
  for (int block = numbers[9]; block < grid[0] * grid[1] * grid[2]; block += numbers[10]) {
    block_at = {block % grid[0], block / grid[0] % grid[1], block / grid[0] / grid[1]};
    memset(shared, 0xff, shared_bytes);
    run_block(numbers[8]);
  }
  current = &threads[0];
  for (int at = 0; at < GUARD; at++)
    if (shared[shared_bytes + at] != 0xA5) fail("a store past shared memory");
  printf("%ld %ld %ld %ld %ld\n", counts.ldmatrix, counts.phases, counts.wavefronts, counts.mma,
         counts.copies);
  return 0;
}

#include "wmma.h"
