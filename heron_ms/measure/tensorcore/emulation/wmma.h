// nvcuda::wmma of halves, 16 x 16 x 16, after the PTX ISA (wmma.load, wmma.mma, wmma.store).
//
// What a lane holds of a fragment is nobody's business: here eight elements that lie side by side in
// the tile, row by row. Every function is one instruction of a warp, for which all lanes give the
// same address and pitch. Tiles begin on 32 bytes, and their rows lie a multiple of 16 bytes apart.
namespace nvcuda {
namespace wmma {
struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major;
struct col_major;
enum layout_t { mem_row_major, mem_col_major };
enum { SIDE = 16, HELD = SIDE * SIDE / WARP, ALIGNED = 32, ROW_ALIGNED = 16 };

template <class Use, int M, int N, int K, class Number, class Layout = void>
struct fragment {
  static_assert(M == SIDE && N == SIDE && K == SIDE, "no other shape is emulated");
  static_assert(!std::is_same<Layout, col_major>::value || std::is_same<Use, matrix_b>::value,
                "only B is emulated by columns");
  Number held[HELD];
};

// The bytes that a tile spans from where it begins.
static bool lies_in(const uint8_t* begin, size_t size, const uint8_t* first, size_t span) {
  return begin <= first && first + span <= begin + size;
}
template <class Number> static void check(Thread* warp, const char* aligned, const char* outside) {
  const uint8_t* first = (const uint8_t*)warp->out[1];
  size_t pitch = warp->in[0] * sizeof(Number), span = pitch * (SIDE - 1) + SIDE * sizeof(Number);
  for (int lane = 0; lane < WARP; lane++)
    if (warp[lane].out[1] != first || warp[lane].in[0] != warp->in[0])
      fail("the lanes of a warp load or store different tiles");
  if ((uintptr_t)first % ALIGNED || pitch % ROW_ALIGNED) fail(aligned);
  bool inside = lies_in(shared, shared_bytes, first, span);
  for (const auto& array : arrays) inside |= lies_in(array.first, array.second, first, span);
  if (!inside) fail(outside);
}
// The element of a tile that lies in a place of a lane, by its number in memory.
template <bool COLUMNS> static size_t place(int lane, int at, uint pitch) {
  int row = (lane * HELD + at) / SIDE, column = (lane * HELD + at) % SIDE;
  return COLUMNS ? size_t(column) * pitch + row : size_t(row) * pitch + column;
}

template <class Fragment, class Number, bool COLUMNS> static void load(Thread* warp) {
  check<Number>(warp, "load_matrix_sync is not aligned", "load_matrix_sync reads out of bounds");
  counts.ldmatrix++;
  const Number* from = (const Number*)warp->out[1];
  for (int lane = 0; lane < WARP; lane++)
    for (int at = 0; at < HELD; at++)
      ((Fragment*)warp[lane].out[0])->held[at] = from[place<COLUMNS>(lane, at, warp->in[0])];
}
template <class Fragment, class Number> static void store(Thread* warp) {
  check<Number>(warp, "store_matrix_sync is not aligned", "store_matrix_sync writes out of bounds");
  Number* to = (Number*)warp->out[1];
  for (int lane = 0; lane < WARP; lane++)
    for (int at = 0; at < HELD; at++)
      to[place<false>(lane, at, warp->in[0])] = ((Fragment*)warp[lane].out[0])->held[at];
}
template <class Fragment> static void whole(Thread* warp, int of, float (*tile)[SIDE]) {
  for (int lane = 0; lane < WARP; lane++)
    for (int at = 0; at < HELD; at++)
      tile[0][lane * HELD + at] = float(((Fragment*)warp[lane].out[of])->held[at]);
}
template <class Sums, class A, class B, class Number> static void multiply_tiles(Thread* warp) {
  float a[SIDE][SIDE], b[SIDE][SIDE], sum[SIDE][SIDE];
  counts.mma++;
  whole<A>(warp, 1, a);
  whole<B>(warp, 2, b);
  whole<Sums>(warp, 3, sum);
  for (int row = 0; row < SIDE; row++)
    for (int k = 0; k < SIDE; k++)
      for (int column = 0; column < SIDE; column++) sum[row][column] += a[row][k] * b[k][column];
  for (int lane = 0; lane < WARP; lane++)
    for (int at = 0; at < HELD; at++)
      ((Sums*)warp[lane].out[0])->held[at] = Number(sum[0][lane * HELD + at]);
}

static void together(Act act, void* first, const void* second, uint pitch) {
  current->act = act;
  current->out[0] = first;
  current->out[1] = (void*)second;
  current->in[0] = pitch;
  collective(ON_FRAGMENTS);
}
template <class Use, class Number, class Layout>
static void load_matrix_sync(fragment<Use, 16, 16, 16, Number, Layout>& to, const Number* from,
                             uint pitch) {
  typedef fragment<Use, 16, 16, 16, Number, Layout> To;
  together(load<To, Number, std::is_same<Layout, col_major>::value>, &to, from, pitch);
}
template <class Number>
static void store_matrix_sync(Number* to, fragment<accumulator, 16, 16, 16, Number>& from,
                              uint pitch, layout_t layout) {
  if (layout != mem_row_major) fail("no store by columns is emulated");
  together(store<fragment<accumulator, 16, 16, 16, Number>, Number>, &from, to, pitch);
}
template <class Fragment> static void fill_fragment(Fragment& to, float value) {
  for (auto& element : to.held) element = value;
}
template <class Number, class OfA, class OfB>
static void mma_sync(fragment<accumulator, 16, 16, 16, Number>& to,
                     fragment<matrix_a, 16, 16, 16, half, OfA>& a,
                     fragment<matrix_b, 16, 16, 16, half, OfB>& b,
                     fragment<accumulator, 16, 16, 16, Number>& before) {
  typedef fragment<matrix_a, 16, 16, 16, half, OfA> A;
  typedef fragment<matrix_b, 16, 16, 16, half, OfB> B;
  current->out[2] = &b;
  current->out[3] = &before;
  together(multiply_tiles<fragment<accumulator, 16, 16, 16, Number>, A, B, Number>, &to, &a, 0);
}
}  // namespace wmma
}  // namespace nvcuda
